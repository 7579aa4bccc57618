/// A strict parser of RFC 8259 JSON: bytes in, one value out.
public struct JSONParser {
    /// Objects and arrays inside one another; beyond it a document is refused rather than the stack exhausted.
    public static let maximumDepth = 512

    /// Members given more than once that are named; more help nobody.
    private static let maximumDuplicates = 100

    private static let digits = UInt8(ascii: "0")...UInt8(ascii: "9")

    private let bytes: [UInt8]
    private var position = 0
    private var depth = 0

    /// Paths (`spec.list[0].x`) of members that were given more than once; the last one won.
    public private(set) var duplicateKeys: [String] = []
    private var path: [Step] = []

    /// Names that lead to a string which is not made into one; see ``init(_:lifting:)``.
    private let liftedPath: [String]
    /// Where the text of the lifted string stands, without its quotes; nil where there is none, or it has escapes.
    public private(set) var liftedRange: Range<Int>?

    private enum Step: Equatable {
        case member(String)
        case element(Int)
    }

    public init(_ bytes: [UInt8]) { self.init(bytes, lifting: []) }

    /// A parser that leaves one string where it stands, for those that are megabytes long and not wanted as text.
    ///
    /// - Parameter path: the names of the members that lead to it from the root, such as `["data", "tfstate"]`. In the
    ///   parsed value it is the empty string, and ``liftedRange`` says where it is. That it is UTF-8 is not checked. One
    ///   with escapes is not lifted.
    public init(_ bytes: [UInt8], lifting path: [String]) {
        self.bytes = bytes
        liftedPath = path
    }

    /// The one value of the document. White space may surround it, nothing else.
    public mutating func parse() throws(JSONError) -> JSON {
        let value = try value()
        skipWhitespace()
        guard position == bytes.count else { throw failure(.syntax, "the end of the document") }
        return value
    }
}

extension JSON {
    /// Reads one value, with nothing but space around it. Of members that are given twice the last one counts.
    public init(parsing bytes: [UInt8]) throws(JSONError) {
        var parser = JSONParser(bytes)
        self = try parser.parse()
    }

    /// As ``init(parsing:)-([UInt8])``.
    public init(parsing text: String) throws(JSONError) {
        try self.init(parsing: Array(text.utf8))
    }
}

extension JSONParser {
    private func failure(_ code: JSONError.Code, _ expectation: String) -> JSONError {
        JSONError(
            code: position >= bytes.count && code == .syntax ? .unexpectedEnd : code, offset: position,
            expectation: expectation)
    }

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipWhitespace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }

    private mutating func value() throws(JSONError) -> JSON {
        skipWhitespace()
        switch current {
        case UInt8(ascii: "{"): return try nested { parser throws(JSONError) in try parser.object() }
        case UInt8(ascii: "["): return try nested { parser throws(JSONError) in try parser.array() }
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        case let byte? where byte == UInt8(ascii: "-") || Self.digits ~= byte: return .number(try number())
        default: throw failure(.syntax, "a value")
        }
    }

    private mutating func nested(_ body: (inout JSONParser) throws(JSONError) -> JSON) throws(JSONError) -> JSON {
        guard depth < Self.maximumDepth else { throw failure(.tooDeep, "at most \(Self.maximumDepth) levels") }
        depth += 1
        position += 1
        let value = try body(&self)
        depth -= 1
        return value
    }

    private mutating func object() throws(JSONError) -> JSON {
        var members = JSONObject()
        skipWhitespace()
        if current == UInt8(ascii: "}") {
            position += 1
            return .object(members)
        }
        while true {
            skipWhitespace()
            guard current == UInt8(ascii: "\"") else { throw failure(.syntax, "the name of a member") }
            let key = try string()
            skipWhitespace()
            guard current == UInt8(ascii: ":") else { throw failure(.syntax, "':'") }
            position += 1
            path.append(.member(key))
            let known = members.count
            let value = try memberValue()
            members[key] = value
            if members.count == known, duplicateKeys.count < Self.maximumDuplicates { duplicateKeys.append(pathText) }
            path.removeLast()
            guard try another(before: UInt8(ascii: "}")) else { return .object(members) }
        }
    }

    private mutating func memberValue() throws(JSONError) -> JSON {
        guard path.count <= liftedPath.count,
            path.elementsEqual(liftedPath.prefix(path.count).map { Step.member($0) })
        else { return try value() }
        // Of members of the same name the last one counts, with all that is in it.
        liftedRange = nil
        skipWhitespace()
        guard path.count == liftedPath.count, current == UInt8(ascii: "\"") else { return try value() }
        position += 1
        let start = position
        let end = endOfPlainText()
        guard end < bytes.count, bytes[end] == UInt8(ascii: "\"") else {
            position = start - 1
            return try value()
        }
        liftedRange = start..<end
        position = end + 1
        return ""
    }

    private var pathText: String {
        path.reduce("") { text, step in
            switch step {
            case .member(let name): text.isEmpty ? name : "\(text).\(name)"
            case .element(let index): "\(text)[\(index)]"
            }
        }
    }

    private mutating func array() throws(JSONError) -> JSON {
        var elements: [JSON] = []
        skipWhitespace()
        if current == UInt8(ascii: "]") {
            position += 1
            return .array(elements)
        }
        while true {
            path.append(.element(elements.count))
            elements.append(try value())
            path.removeLast()
            guard try another(before: UInt8(ascii: "]")) else { return .array(elements) }
        }
    }

    /// Reads the comma before another element, or the bracket that closes.
    private mutating func another(before closing: UInt8) throws(JSONError) -> Bool {
        skipWhitespace()
        switch current {
        case UInt8(ascii: ","):
            position += 1
            return true
        case closing:
            position += 1
            return false
        default:
            throw failure(.syntax, "',' or '\(Character(UnicodeScalar(closing)))'")
        }
    }

    private mutating func literal(_ text: StaticString, _ value: JSON) throws(JSONError) -> JSON {
        let expected = text.withUTF8Buffer { Array($0) }
        for byte in expected {
            guard current == byte else { throw failure(.syntax, "'\(text)'") }
            position += 1
        }
        return value
    }

    private mutating func number() throws(JSONError) -> JSONNumber {
        let start = position
        if current == UInt8(ascii: "-") { position += 1 }
        if current == UInt8(ascii: "0") {
            position += 1
        } else {
            try digits()
        }
        if current == UInt8(ascii: ".") {
            position += 1
            try digits()
        }
        if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
            position += 1
            if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { position += 1 }
            try digits()
        }
        return JSONNumber(unchecked: String(decoding: bytes[start..<position], as: UTF8.self))
    }

    private mutating func digits() throws(JSONError) {
        let start = position
        while let byte = current, Self.digits ~= byte { position += 1 }
        guard position > start else { throw failure(.syntax, "a digit") }
    }
}

// MARK: - Strings

extension JSONParser {
    private mutating func string() throws(JSONError) -> String {
        position += 1
        let start = position
        let end = endOfPlainText()
        // Nearly every string has no escape: one copy, straight from the document.
        if end < bytes.count, bytes[end] == UInt8(ascii: "\"") {
            position = end + 1
            return try text(of: bytes[start..<end], at: start)
        }
        return try escapedString(from: start)
    }

    /// The first byte from here on that ends plain text: a quote, a backslash or a control character.
    private func endOfPlainText() -> Int {
        bytes.withUnsafeBufferPointer { JSONText.endOfPlain(in: $0, from: position) }
    }

    private mutating func escapedString(from start: Int) throws(JSONError) -> String {
        var decoded: [UInt8] = []
        while true {
            let end = endOfPlainText()
            decoded.append(contentsOf: bytes[position..<end])
            position = end
            switch current {
            case nil:
                throw failure(.syntax, "the end of a string")
            case UInt8(ascii: "\""):
                position += 1
                return try text(of: decoded[...], at: start)
            case UInt8(ascii: "\\"):
                position += 1
                try unescape(into: &decoded)
            default:
                throw failure(.invalidText, "no unescaped control character in a string")
            }
        }
    }

    private func text(of slice: ArraySlice<UInt8>, at offset: Int) throws(JSONError) -> String {
        guard let text = String(validating: slice, as: UTF8.self) else {
            throw JSONError(code: .invalidText, offset: offset, expectation: "UTF-8")
        }
        return text
    }

    private mutating func unescape(into decoded: inout [UInt8]) throws(JSONError) {
        guard let byte = current else { throw failure(.syntax, "an escape sequence") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): decoded.append(byte)
        case UInt8(ascii: "b"): decoded.append(0x08)
        case UInt8(ascii: "f"): decoded.append(0x0C)
        case UInt8(ascii: "n"): decoded.append(0x0A)
        case UInt8(ascii: "r"): decoded.append(0x0D)
        case UInt8(ascii: "t"): decoded.append(0x09)
        case UInt8(ascii: "u"): decoded.append(contentsOf: String(try unicodeScalar()).utf8)
        default:
            position -= 1
            throw failure(.syntax, "an escape sequence")
        }
    }

    private mutating func unicodeScalar() throws(JSONError) -> Unicode.Scalar {
        let high = try hexadecimal()
        if let scalar = Unicode.Scalar(high) { return scalar }
        guard high < 0xDC00, current == UInt8(ascii: "\\") else { throw failure(.invalidText, "a surrogate pair") }
        position += 1
        guard current == UInt8(ascii: "u") else { throw failure(.invalidText, "a surrogate pair") }
        position += 1
        let low = try hexadecimal()
        guard 0xDC00...0xDFFF ~= low,
            let scalar = Unicode.Scalar(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
        else { throw failure(.invalidText, "a surrogate pair") }
        return scalar
    }

    private mutating func hexadecimal() throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = current, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw failure(.syntax, "four hexadecimal digits")
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }
}
