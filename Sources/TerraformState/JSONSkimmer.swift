internal import OrderedJSON

/// Walks over JSON without building values: checks its grammar, and stops where it is asked to.
struct JSONSkimmer {
    struct Malformed: Error { let offset: Int }

    static let maximumDepth = 512

    let bytes: [UInt8]
    private(set) var position = 0
    private var depth = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The next byte that is no white space; nil at the end.
    mutating func peek() -> UInt8? {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return bytes[position]
            }
        }
        return nil
    }

    mutating func expectEnd() throws(Malformed) {
        guard peek() == nil else { throw Malformed(offset: position) }
    }

    /// The members of an object; `member` is called at each value and must leave the skimmer after it.
    mutating func object(_ member: (String, inout JSONSkimmer) throws(Malformed) -> Void) throws(Malformed) {
        try nested(UInt8(ascii: "{"), UInt8(ascii: "}")) { skimmer throws(Malformed) in
            let key = try skimmer.string()
            guard skimmer.peek() == UInt8(ascii: ":") else { throw Malformed(offset: skimmer.position) }
            skimmer.position += 1
            try member(key, &skimmer)
        }
    }

    /// The elements of an array; `element` is called at each and must leave the skimmer after it.
    mutating func array(_ element: (inout JSONSkimmer) throws(Malformed) -> Void) throws(Malformed) {
        try nested(UInt8(ascii: "["), UInt8(ascii: "]")) { skimmer throws(Malformed) in try element(&skimmer) }
    }

    /// - Returns: where the value stands.
    @discardableResult
    mutating func skip() throws(Malformed) -> Range<Int> {
        let first = peek()
        let start = position
        switch first {
        case UInt8(ascii: "{"): try object { _, skimmer throws(Malformed) in try skimmer.skip() }
        case UInt8(ascii: "["): try array { skimmer throws(Malformed) in try skimmer.skip() }
        case UInt8(ascii: "\""): try skipString()
        default: try skipWord()
        }
        return start..<position
    }

    mutating func string() throws(Malformed) -> String {
        guard peek() == UInt8(ascii: "\"") else { throw Malformed(offset: position) }
        let start = position
        try skipString()
        let content = bytes[(start + 1)..<(position - 1)]
        guard content.contains(UInt8(ascii: "\\")) else { return String(decoding: content, as: UTF8.self) }
        return try unescaped(start..<position)
    }

    private mutating func nested(
        _ opening: UInt8, _ closing: UInt8, _ element: (inout JSONSkimmer) throws(Malformed) -> Void
    ) throws(Malformed) {
        guard peek() == opening, depth < Self.maximumDepth else { throw Malformed(offset: position) }
        position += 1
        depth += 1
        defer { depth -= 1 }
        if peek() == closing {
            position += 1
            return
        }
        while true {
            try element(&self)
            switch peek() {
            case UInt8(ascii: ","): position += 1
            case closing:
                position += 1
                return
            default: throw Malformed(offset: position)
            }
        }
    }

    private mutating func skipString() throws(Malformed) {
        position += 1
        let end: Int? = bytes.withUnsafeBufferPointer { buffer in
            var index = position
            while index < buffer.count {
                index = JSONText.endOfPlain(in: buffer, from: index)
                guard index < buffer.count else { return nil }
                let byte = buffer[index]
                if byte == UInt8(ascii: "\"") { return index }
                if byte < 0x20 { return nil }
                guard let length = Self.escapeLength(buffer, at: index &+ 1) else { return nil }
                index &+= 1 &+ length
            }
            return nil
        }
        guard let end else { throw Malformed(offset: position) }
        position = end + 1
    }

    /// How long an escape is after its backslash; nil where it is none.
    private static func escapeLength(_ buffer: UnsafeBufferPointer<UInt8>, at index: Int) -> Int? {
        guard index < buffer.count else { return nil }
        switch buffer[index] {
        case UInt8(ascii: "u"):
            let digits = buffer[(index + 1)...].prefix(4)
            let isHexadecimal = digits.allSatisfy { Unicode.Scalar($0).properties.isASCIIHexDigit }
            return digits.count == 4 && isHexadecimal ? 5 : nil
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return 1
        default: return nil
        }
    }

    /// A number, true, false or null.
    private mutating func skipWord() throws(Malformed) {
        let start = position
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "E"),
                UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
                position += 1
                continue
            default: break
            }
            break
        }
        let word = bytes[start..<position]
        let isLiteral = ["true", "false", "null"].contains { word.elementsEqual($0.utf8) }
        guard isLiteral || Self.isNumber(word) else { throw Malformed(offset: start) }
    }

    /// The grammar of JSON, and not what else spells a number elsewhere: `+1`, `007`, `.5`, `0x1`, `nan`.
    private static func isNumber(_ word: ArraySlice<UInt8>) -> Bool {
        var rest = word
        func digits() -> Int {
            let count = rest.prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }.count
            rest = rest.dropFirst(count)
            return count
        }
        if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
        if rest.first == UInt8(ascii: "0") { rest = rest.dropFirst() } else if digits() == 0 { return false }
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            guard digits() > 0 else { return false }
        }
        if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
            rest = rest.dropFirst()
            if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
            guard digits() > 0 else { return false }
        }
        return rest.isEmpty
    }
}
