import TerraformState

enum GzipSample {
    private static let header: [UInt8] =
        [0x1F, 0x8B, 8, 0x1E, 0, 0, 0, 0, 0, 255, 3, 0, 1, 2, 3] + Array("name".utf8) + [0] + Array("comment".utf8) + [
            0
        ]
    static let wholeHeaderSize = header.count + 2

    /// A member of ours with everything in its header that RFC 1952 knows.
    static func withWholeHeader(_ member: [UInt8]) -> [UInt8] {
        // What a member ends with is the checksum of what it holds, and then its length.
        let checksum = Gzip.compress(header).suffix(8).prefix(2)
        return header + checksum + member[10...]
    }
}
