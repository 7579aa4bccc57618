import TerraformState
import Testing

@Suite struct GzipTests {
    private static let text = Array(String(repeating: "Hello, state! ", count: 1000).utf8)
    private static let limit = 1 << 20

    private func code(_ bytes: [UInt8], limit: Int = limit) -> GzipError.Code? {
        do throws(GzipError) {
            _ = try Gzip.decompress(bytes, limit: limit)
            return nil
        } catch {
            return error.code
        }
    }

    @Test(arguments: [0, 1, 13, 14000, 300_000])
    func givesBackWhatItTook(count: Int) throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) }
        #expect(try Gzip.decompress(Gzip.compress(bytes), limit: max(count, 1)) == bytes)
    }

    /// Go's and gzip(1)'s: with name, comment, extra field and header checksum.
    @Test func readsEveryHeader() throws {
        let full = GzipSample.withWholeHeader(Gzip.compress(Self.text))
        #expect(try Gzip.decompress(full, limit: Self.limit) == Self.text)
        for count in 0..<30 { #expect(code(Array(full[..<count])) != nil) }
    }

    @Test func verifiesTheChecksumOfTheHeader() {
        for offset in [4, 20, GzipSample.wholeHeaderSize - 2, GzipSample.wholeHeaderSize - 1] {
            var wrong = GzipSample.withWholeHeader(Gzip.compress(Self.text))
            wrong[offset] ^= 1
            #expect(code(wrong) == .notGzip, "byte \(offset)")
        }
    }

    @Test func readsSeveralMembersAsOne() throws {
        let members = Gzip.compress(Self.text) + Gzip.compress([7]) + Gzip.compress(Self.text)
        #expect(try Gzip.decompress(members, limit: Self.limit) == Self.text + [7] + Self.text)
    }

    @Test func tellsTheFaultsApart() {
        let good = Gzip.compress(Self.text)
        #expect(code([]) == .notGzip)
        #expect(code(Array("{}".utf8)) == .notGzip)
        #expect(code(Array(good.dropLast())) == .damaged)
        #expect(code(Array(good.prefix(good.count / 2))) == .damaged)
        #expect(code(good + [0]) == .trailingBytes)
        var wrong = good
        wrong[good.count - 8] ^= 1
        #expect(code(wrong) == .checksum)
        wrong = good
        wrong[good.count - 4] ^= 1
        #expect(code(wrong) == .checksum)
    }

    @Test func neverInflatesBeyondTheLimit() throws {
        let bytes = [UInt8](repeating: 0, count: 4 << 20)
        let bomb = Gzip.compress(bytes)
        #expect(bomb.count < 8192)
        #expect(try Gzip.decompress(bomb, limit: bytes.count) == bytes)
        #expect(code(bomb, limit: bytes.count - 1) == .tooLarge)
        var liar = bomb
        for offset in 1...4 { liar[liar.count - offset] = 0 }
        #expect(code(liar, limit: bytes.count - 1) == .tooLarge)
        #expect(code(liar, limit: bytes.count) == .checksum)
        #expect(code(bomb + bomb, limit: bytes.count * 2 - 1) == .tooLarge)
    }
}
