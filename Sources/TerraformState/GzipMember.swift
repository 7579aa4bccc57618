internal import CDeflate

/// One member of a gzip file: header, deflate stream, checksum and length.
struct GzipMember {
    let content: [UInt8]
    /// The offset of the first byte after it.
    let end: Int

    /// Deflate makes of one byte at most so many.
    private static let highestRatio = 1032

    init(_ bytes: [UInt8], from start: Int, limit: Int) throws(GzipError) {
        guard let headerEnd = Self.headerEnd(bytes, from: start) else {
            throw GzipError(code: .notGzip, offset: start)
        }
        let trailer = bytes.count - 8
        guard headerEnd <= trailer else { throw GzipError(code: .damaged, offset: start) }
        // Where this is the only member, its length stands at the very end: one allocation of the right size. It is a
        // hint only; a member that says less than it has is inflated in steps, up to the limit.
        let hint = Int(Self.littleEndian(bytes, at: bytes.count - 4))
        guard hint <= limit || hint > (bytes.count - headerEnd) * Self.highestRatio else {
            throw GzipError(code: .tooLarge, offset: start)
        }
        var capacity = min(max(hint, 1), limit, (bytes.count - headerEnd) * Self.highestRatio)
        var inflated = try Self.inflate(bytes, from: headerEnd, capacity: capacity, start: start)
        while inflated == nil {
            guard capacity < limit else { throw GzipError(code: .tooLarge, offset: start) }
            capacity = min(max(capacity, 16384) * 4, limit)
            inflated = try Self.inflate(bytes, from: headerEnd, capacity: capacity, start: start)
        }
        guard let inflated, inflated.end <= trailer else { throw GzipError(code: .damaged, offset: start) }
        content = inflated.content
        end = inflated.end + 8
        let checksum = content.withUnsafeBytes { libdeflate_crc32(0, $0.baseAddress, $0.count) }
        guard checksum == Self.littleEndian(bytes, at: inflated.end),
            UInt32(truncatingIfNeeded: content.count) == Self.littleEndian(bytes, at: inflated.end + 4)
        else { throw GzipError(code: .checksum, offset: start) }
    }

    /// nil where the capacity does not suffice.
    private static func inflate(
        _ bytes: [UInt8], from offset: Int, capacity: Int, start: Int
    ) throws(GzipError) -> (content: [UInt8], end: Int)? {
        guard let decompressor = libdeflate_alloc_decompressor() else {
            preconditionFailure("there is no memory left")
        }
        defer { libdeflate_free_decompressor(decompressor) }
        var (result, consumed) = (LIBDEFLATE_SUCCESS, 0)
        let content = [UInt8](unsafeUninitializedCapacity: max(capacity, 1)) { output, count in
            bytes.withUnsafeBytes { input in
                result = libdeflate_deflate_decompress_ex(
                    decompressor, input.baseAddress?.advanced(by: offset), input.count - offset, output.baseAddress,
                    capacity, &consumed, &count)
            }
            if result != LIBDEFLATE_SUCCESS { count = 0 }
        }
        switch result {
        case LIBDEFLATE_SUCCESS: return (content, offset + consumed)
        case LIBDEFLATE_INSUFFICIENT_SPACE: return nil
        default: throw GzipError(code: .damaged, offset: start)
        }
    }

    /// Where the deflate stream begins; nil where there is no gzip header.
    private static func headerEnd(_ bytes: [UInt8], from start: Int) -> Int? {
        guard bytes.count - start >= 10, bytes[start] == 0x1F, bytes[start + 1] == 0x8B, bytes[start + 2] == 8 else {
            return nil
        }
        let flags = bytes[start + 3]
        guard flags & 0xE0 == 0 else { return nil }
        var offset = start + 10
        if flags & 4 != 0 {
            guard offset + 2 <= bytes.count else { return nil }
            offset += 2 + Int(bytes[offset]) + Int(bytes[offset + 1]) << 8
        }
        for flag: UInt8 in [8, 16] where flags & flag != 0 {
            guard offset < bytes.count, let zero = bytes[offset...].firstIndex(of: 0) else { return nil }
            offset = zero + 1
        }
        guard flags & 2 != 0 else { return offset <= bytes.count ? offset : nil }
        // The header's own checksum, which engines verify as well.
        guard offset + 2 <= bytes.count else { return nil }
        let checksum = bytes[start..<offset].withUnsafeBytes { libdeflate_crc32(0, $0.baseAddress, $0.count) }
        let isRight = bytes[offset] == UInt8(checksum & 0xFF) && bytes[offset + 1] == UInt8(checksum >> 8 & 0xFF)
        return isRight ? offset + 2 : nil
    }

    private static func littleEndian(_ bytes: [UInt8], at offset: Int) -> UInt32 {
        (0..<4).reduce(0) { $0 | UInt32(bytes[offset + $1]) << UInt32($1 * 8) }
    }
}
