/// Standard base64 (RFC 4648 §4, padded), with the same answers and error offsets as Go's `base64.StdEncoding`, which is what
/// the Kubernetes API server uses: line breaks inside are ignored, anything else that does not belong is an error.
public enum Base64 {
    /// The padded encoding of `bytes`, without line breaks.
    public static func encode(_ bytes: some Collection<UInt8>) -> String {
        if let text = bytes.withContiguousStorageIfAvailable({ encode(contiguous: $0.span) }) { return text }
        return encode(contiguous: Array(bytes).span)
    }

    /// The bytes that `text` encodes.
    ///
    /// - Throws: ``Base64Error`` with the offset that Go would name.
    public static func decode(_ text: String) throws(Base64Error) -> [UInt8] {
        try decode(utf8: Array(text.utf8).span)
    }

    /// The bytes that `text`, given as its UTF-8 bytes, encodes.
    ///
    /// - Throws: ``Base64Error`` with the offset that Go would name.
    public static func decode(utf8 text: borrowing Span<UInt8>) throws(Base64Error) -> [UInt8] {
        // Whole quanta of plain digits are nearly all of the input; the rest goes the careful way.
        var offset = 0
        var decoded = [UInt8](unsafeUninitializedCapacity: text.count / 4 * 3 + 3) { output, count in
            offset = decodePlainQuanta(of: text, from: 0) { first, second, third in
                output[count] = first
                output[count + 1] = second
                output[count + 2] = third
                count += 3
            }
        }
        while offset < text.count {
            offset = try decodeQuantum(of: text, from: offset, into: &decoded)
            offset = decodePlainQuanta(of: text, from: offset) { decoded += [$0, $1, $2] }
        }
        return decoded
    }

    /// - Returns: the offset of the first quantum that has something else than digits.
    @inline(__always)
    private static func decodePlainQuanta(
        of text: borrowing Span<UInt8>, from start: Int, _ emit: (UInt8, UInt8, UInt8) -> Void
    ) -> Int {
        let values = decodingTable.span
        var offset = start
        while text.count - offset >= 4 {
            let (a, b) = (values[Int(text[offset])], values[Int(text[offset + 1])])
            let (c, d) = (values[Int(text[offset + 2])], values[Int(text[offset + 3])])
            guard (a | b | c | d) & 0x80 == 0 else { break }
            emit(a << 2 | b >> 4, b << 4 | c >> 2, c << 6 | d)
            offset += 4
        }
        return offset
    }

    private static func encode(contiguous bytes: borrowing Span<UInt8>) -> String {
        String(unsafeUninitializedCapacity: encodedCount(bytes.count)) { encode(bytes, into: $0) }
    }

    /// How many digits, padding included, so many bytes become.
    static func encodedCount(_ count: Int) -> Int { (count + 2) / 3 * 4 }

    /// Appends the padded encoding, as its UTF-8 bytes, in one step.
    static func append(_ bytes: [UInt8], to text: inout [UInt8]) {
        // Larger pieces than these would be a second copy of what can be megabytes.
        let piece = 3 << 14
        for start in stride(from: 0, to: bytes.count, by: piece) {
            let part = bytes[start..<min(start + piece, bytes.count)].span
            text += [UInt8](unsafeUninitializedCapacity: encodedCount(part.count)) { $1 = encode(part, into: $0) }
        }
    }

    /// - Returns: how many digits were written.
    private static func encode(
        _ bytes: borrowing Span<UInt8>, into output: UnsafeMutableBufferPointer<UInt8>
    ) -> Int {
        let digits = alphabet.span
        var (source, target) = (0, 0)
        while bytes.count - source >= 3 {
            let group = UInt32(bytes[source]) << 16 | UInt32(bytes[source + 1]) << 8 | UInt32(bytes[source + 2])
            output[target] = digits[Int(group >> 18)]
            output[target + 1] = digits[Int(group >> 12 & 63)]
            output[target + 2] = digits[Int(group >> 6 & 63)]
            output[target + 3] = digits[Int(group & 63)]
            source += 3
            target += 4
        }
        let left = bytes.count - source
        guard left > 0 else { return target }
        let group = UInt32(bytes[source]) << 16 | (left == 2 ? UInt32(bytes[source + 1]) << 8 : 0)
        output[target] = digits[Int(group >> 18)]
        output[target + 1] = digits[Int(group >> 12 & 63)]
        output[target + 2] = left == 2 ? digits[Int(group >> 6 & 63)] : padding
        output[target + 3] = padding
        return target + 4
    }

    /// Go's `decodeQuantum`: up to four digits with line breaks between them, or the padded end of the text.
    private static func decodeQuantum(
        of text: borrowing Span<UInt8>, from start: Int, into decoded: inout [UInt8]
    ) throws(Base64Error) -> Int {
        var offset = start
        var (group, digits): (UInt32, Int) = (0, 0)
        while digits < 4 {
            guard offset < text.count else {
                if digits == 0 { return offset }
                throw Base64Error(offset: offset - digits)
            }
            let byte = text[offset]
            offset += 1
            let value = decodingTable[Int(byte)]
            if value & 0x80 == 0 {
                group = group << 6 | UInt32(value)
                digits += 1
            } else if byte == padding {
                offset = try endOfPadding(in: text, after: offset, digits: digits)
                break
            } else if !isLineBreak(byte) {
                throw Base64Error(offset: offset - 1)
            }
        }
        group <<= UInt32(4 - digits) * 6
        decoded.append(UInt8(truncatingIfNeeded: group >> 16))
        if digits > 2 { decoded.append(UInt8(truncatingIfNeeded: group >> 8)) }
        if digits > 3 { decoded.append(UInt8(truncatingIfNeeded: group)) }
        return offset
    }

    private static func endOfPadding(
        in text: borrowing Span<UInt8>, after start: Int, digits: Int
    ) throws(Base64Error) -> Int {
        var offset = start
        guard digits > 1 else { throw Base64Error(offset: offset - 1) }
        if digits == 2 {
            while offset < text.count, isLineBreak(text[offset]) { offset += 1 }
            guard offset < text.count else { throw Base64Error(offset: offset) }
            guard text[offset] == padding else { throw Base64Error(offset: offset - 1) }
            offset += 1
        }
        while offset < text.count, isLineBreak(text[offset]) { offset += 1 }
        guard offset == text.count else { throw Base64Error(offset: offset) }
        return offset
    }

    private static func isLineBreak(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") }

    private static let padding = UInt8(ascii: "=")
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// The value of each digit; the top bit is set for every byte that is none.
    private static let decodingTable: [UInt8] = {
        var table = [UInt8](repeating: 0xFF, count: 256)
        for (value, digit) in alphabet.enumerated() { table[Int(digit)] = UInt8(value) }
        return table
    }()
}

/// Text that is not base64.
public struct Base64Error: Error, Sendable, Hashable, CustomStringConvertible {
    /// The input byte that Go's `base64.CorruptInputError` names.
    public let offset: Int

    /// Go's own words, as the API server repeats them.
    public var description: String { "illegal base64 data at input byte \(offset)" }
}
