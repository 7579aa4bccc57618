import TerraformState
import Testing

/// Piece by piece, against the whole at once.
@Suite struct GzipInflationTests {
    private static let limit = 1 << 20
    private static let text = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 5) }

    private func inflate(_ bytes: [UInt8], pieces size: Int, limit: Int = limit) throws(GzipError) -> [UInt8] {
        var inflation = GzipInflation(limit: limit)
        for start in stride(from: 0, to: bytes.count, by: size) {
            try inflation.append(Array(bytes[start..<min(start + size, bytes.count)]))
        }
        return try inflation.finish()
    }

    private func code(_ bytes: [UInt8], pieces size: Int, limit: Int = limit) -> GzipError.Code? {
        do throws(GzipError) {
            _ = try inflate(bytes, pieces: size, limit: limit)
            return nil
        } catch {
            return error.code
        }
    }

    @Test(arguments: [1, 7, 4096, 1 << 20])
    func givesWhatTheWholeGives(pieces: Int) throws {
        let text = pieces == 1 ? Array(Self.text.prefix(20_000)) : Self.text
        let member = Gzip.compress(text)
        #expect(try inflate(member, pieces: pieces) == text)
        #expect(try inflate(member + Gzip.compress([]) + Gzip.compress([7]), pieces: pieces) == text + [7])
        let zeros = [UInt8](repeating: 0, count: Self.limit)
        #expect(try inflate(Gzip.compress(zeros), pieces: pieces) == zeros)
    }

    @Test(arguments: [1, 5, 100_000])
    func tellsTheFaultsApartAsTheWholeDoes(pieces: Int) {
        let good = Gzip.compress(Array(Self.text.prefix(3000)))
        var cases = [
            [], Array("{}".utf8), Array("not gzip at all".utf8), good + [0], good + good.prefix(9),
            good + good.prefix(30),
        ]
        cases += [1, 9, 10, 20, good.count / 2, good.count - 8, good.count - 1].map { Array(good.prefix($0)) }
        for offset in [nil, 4, GzipSample.wholeHeaderSize - 1] {
            var header = GzipSample.withWholeHeader(good)
            if let offset { header[offset] ^= 1 }
            cases.append(header)
        }
        for offset in [good.count - 8, good.count - 4, 2, 3] {
            var wrong = good
            wrong[offset] ^= 0xE1
            cases.append(wrong)
        }
        for bytes in cases {
            var expected: GzipError?
            do throws(GzipError) { _ = try Gzip.decompress(bytes, limit: Self.limit) } catch { expected = error }
            #expect(code(bytes, pieces: pieces) == expected?.code)
        }
    }

    @Test func neverInflatesBeyondTheLimit() throws {
        let bytes = [UInt8](repeating: 0, count: 4 << 20)
        let bomb = Gzip.compress(bytes)
        #expect(try inflate(bomb, pieces: 100, limit: bytes.count) == bytes)
        #expect(code(bomb, pieces: 100, limit: bytes.count - 1) == .tooLarge)
        #expect(code(bomb + bomb, pieces: 100, limit: bytes.count * 2 - 1) == .tooLarge)
    }

    @Test func knowsWhenItCouldEnd() throws {
        let member = Gzip.compress(Self.text)
        var inflation = GzipInflation(limit: Self.limit)
        // The macro cannot look into what cannot be copied.
        var isWhole = [inflation.isWhole]
        for piece in [member.dropLast(), member.suffix(1), member.prefix(20)] {
            try inflation.append(Array(piece))
            isWhole.append(inflation.isWhole)
        }
        #expect(isWhole == [false, false, true, false])
        let count = inflation.count
        #expect(count == Self.text.count)
    }
}
