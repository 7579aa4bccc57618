/// A header of a tar archive: one block.
///
/// Source: POSIX.1-2017, `pax`, "ustar Interchange Format"; for large numbers GNU tar's base-256 form is read too.
struct TarHeader: Hashable {
    static let blockSize = 512
    /// What a name may have that is not given in an extended header, in bytes.
    static let longestName = 100
    /// What eleven octal digits can say.
    static let largestSize = 0o77_777_777_777

    enum Kind {
        static let file = UInt8(ascii: "0")
        static let link = UInt8(ascii: "2")
        static let folder = UInt8(ascii: "5")
        /// Records for the next entry, or for all that follow.
        static let extended = UInt8(ascii: "x")
        static let global = UInt8(ascii: "g")
        /// GNU tar's older way to give a long name.
        static let longName = UInt8(ascii: "L")
    }

    var name: String
    var kind: UInt8
    var size: Int
    /// Seconds since 1970.
    var modified: Int
    /// Permissions: nine bits.
    var mode = 0o600
    /// Where a symbolic link leads.
    var linkTarget = ""

    /// - Returns: nil for a block that is no header.
    init?(_ block: [UInt8]) {
        guard block.count == Self.blockSize, Self.checksum(block) == Self.number(block[148..<156]),
            block[257..<262].elementsEqual("ustar".utf8), let size = Self.number(block[124..<136])
        else { return nil }
        var name = Self.text(block[0..<100])
        // GNU tar keeps other things where ustar has the first half of a long name.
        if block[262] == 0, block[345] != 0 { name = "\(Self.text(block[345..<500]))/\(name)" }
        self.name = name
        kind = block[156] == 0 ? Kind.file : block[156]
        self.size = size
        modified = Self.number(block[136..<148]) ?? 0
        mode = (Self.number(block[100..<108]) ?? 0) & 0o777
        linkTarget = Self.text(block[157..<257])
    }

    init(name: String, kind: UInt8, size: Int, modified: Int, mode: Int = 0o600, linkTarget: String = "") {
        self.name = name
        self.kind = kind
        self.size = size
        self.modified = modified
        self.mode = mode
        self.linkTarget = linkTarget
    }

    /// The header as it stands in an archive. A name or size that is too large is cut: an extended header gives it.
    var block: [UInt8] {
        var block = [UInt8](repeating: 0, count: Self.blockSize)
        func put(_ bytes: some Sequence<UInt8>, at offset: Int) {
            for (index, byte) in bytes.enumerated() { block[offset + index] = byte }
        }
        put(name.utf8.prefix(Self.longestName), at: 0)
        put(Self.octal(mode, digits: 7), at: 100)
        put(Self.octal(0, digits: 7), at: 108)
        put(Self.octal(0, digits: 7), at: 116)
        put(Self.octal(size <= Self.largestSize ? size : 0, digits: 11), at: 124)
        put(Self.octal(min(max(modified, 0), Self.largestSize), digits: 11), at: 136)
        block[156] = kind
        put(linkTarget.utf8.prefix(Self.longestName), at: 157)
        put("ustar\u{0}00".utf8, at: 257)
        put(Self.octal(Self.checksum(block), digits: 6), at: 148)
        block[155] = UInt8(ascii: " ")
        return block
    }

    /// The sum of all bytes, those of the checksum itself counted as spaces.
    private static func checksum(_ block: [UInt8]) -> Int {
        var sum = 8 * 32
        for (index, byte) in block.enumerated() where !(148..<156).contains(index) { sum += Int(byte) }
        return sum
    }

    private static func octal(_ number: Int, digits: Int) -> [UInt8] {
        let text = String(number, radix: 8)
        return Array((String(repeating: "0", count: max(0, digits - text.count)) + text).utf8)
    }

    /// - Returns: nil for what is no number, and for one that is too large.
    private static func number(_ field: ArraySlice<UInt8>) -> Int? {
        guard let first = field.first else { return nil }
        if first & 0x80 != 0 {
            // A negative number begins with 0xFF.
            guard first == 0x80 else { return nil }
            return field.dropFirst().reduce(Int?(0)) { value, byte in
                guard let value, value >> 54 == 0 else { return nil }
                return value << 8 | Int(byte)
            }
        }
        let digits = text(field).split(separator: " ", omittingEmptySubsequences: true)
        guard digits.count <= 1 else { return nil }
        guard let digits = digits.first else { return 0 }
        guard digits.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "7") ~= $0 }) else { return nil }
        return Int(digits, radix: 8)
    }

    private static func text(_ field: ArraySlice<UInt8>) -> String {
        String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
    }
}
