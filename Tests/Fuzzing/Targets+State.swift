import OrderedJSON
import TerraformState

extension Targets {
    static func state(_ bytes: [UInt8]) {
        guard let file = try? StateFile(bytes) else { return }
        expect(file.bytes == bytes, "a state stays as it came")
        if let next = try? file.withSerial(file.serial &+ 1) {
            expect(next.serial == file.serial &+ 1 && next.lineage == file.lineage, "only the serial is another")
            expect((try? next.withSerial(file.serial))?.serial == file.serial, "and it can be taken back")
        }
        _ = try? file.counts()
        if let difference = try? StateDifference(from: file, to: file) {
            expect(difference.isEmpty, "a state does not differ from itself")
        }
        _ = try? file.resources()
        _ = try? file.outputs()
    }

    static func gzip(_ bytes: [UInt8]) {
        let limit = 1 << 20
        let whole = try? Gzip.decompress(bytes, limit: limit)
        let pieces = try? inflated(bytes, limit: limit)
        expect((whole == nil) == (pieces == nil), "in pieces it is refused as it is at once")
        expect(whole == pieces, "in pieces it is the same as at once")
        expect(
            (try? Gzip.decompress(Gzip.compress(bytes), limit: bytes.count)) == bytes, "what is compressed comes back")
    }

    private static func inflated(_ bytes: [UInt8], limit: Int) throws -> [UInt8] {
        var inflation = GzipInflation(limit: limit)
        var result: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 7) {
            try inflation.append(Array(bytes[start..<min(start + 7, bytes.count)]))
            result += inflation.take()
        }
        return result + (try inflation.finish())
    }

    static func lock(_ bytes: [UInt8]) {
        guard let info = LockInfo(parsing: text(bytes)) else { return }
        var written = info
        if info.json["Created"] == nil { written.created = "" }
        expect(
            LockInfo(parsing: info.json.text) == written,
            "what a lock says of itself is read as it was written, without what is no time")
    }

    static func json(_ bytes: [UInt8]) {
        guard let json = try? JSON(parsing: bytes) else { return }
        expect((try? JSON(parsing: json.bytes)) == json, "JSON is read as it was written")
    }
}
