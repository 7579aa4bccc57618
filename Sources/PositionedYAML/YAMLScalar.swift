public import OrderedJSON

/// What a plain word of YAML 1.1 means: `yes` is true, `0x10` is 16, `~` is null.
///
/// Source: sigs.k8s.io/yaml, whose readers and writers kubectl and Kubernetes use.
public enum YAMLScalar: Sendable, Hashable {
    /// `null`, `~` or nothing.
    case null
    /// `true`, `false` and their spellings `yes`, `on`, `off`, …
    case bool(Bool)
    /// An integer, as JSON spells it.
    case int(String)
    /// A number that is no integer; infinite, or none at all, for `.inf` and `.nan`.
    case float(Double)
    /// A date or time, which the readers of Kubernetes take for a text.
    case timestamp
    /// `<<`, YAML's sign for a merge.
    case merge
    /// A text.
    case string

    public init(_ text: String) {
        if let word = Self.words[text] {
            self = word
            return
        }
        guard let first = text.utf8.first, "0123456789+-.".utf8.contains(first) else {
            self = .string
            return
        }
        if Self.isTimestamp(text) {
            self = .timestamp
            return
        }
        let plain = text.filter { $0 != "_" }
        if let integer = Self.integer(plain) {
            self = .int(integer)
        } else if Self.isFloat(plain), let number = Double(plain.hasSuffix(".") ? plain + "0" : plain) {
            self = .float(number)
        } else {
            self = .string
        }
    }

    /// - Parameter tag: what is written as its tag; empty for none.
    /// - Returns: nil where a scalar is a string because it is quoted or says so.
    public init?(_ text: String, tag: String, isPlain: Bool) {
        switch tag {
        case "" where isPlain: self.init(text)
        case "tag:yaml.org,2002:bool", "tag:yaml.org,2002:int", "tag:yaml.org,2002:float", "tag:yaml.org,2002:null",
            "tag:yaml.org,2002:merge", "tag:yaml.org,2002:timestamp":
            self.init(text)
        default: return nil
        }
    }

    private static let words: [String: YAMLScalar] = {
        var words: [String: YAMLScalar] = ["<<": .merge]
        for word in ["", "~", "null", "Null", "NULL"] { words[word] = .null }
        for word in ["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"] {
            words[word] = .bool(true)
        }
        for word in ["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"] {
            words[word] = .bool(false)
        }
        for word in [".nan", ".NaN", ".NAN"] { words[word] = .float(.nan) }
        for word in [".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"] { words[word] = .float(.infinity) }
        for word in ["-.inf", "-.Inf", "-.INF"] { words[word] = .float(-.infinity) }
        return words
    }()

    /// Decimal digits of an integer of 64 bits.
    private static func integer(_ text: String) -> String? {
        let isNegative = text.hasPrefix("-")
        var digits = isNegative || text.hasPrefix("+") ? text.dropFirst() : text[...]
        var radix = 10
        if digits.hasPrefix("0"), digits.count > 1 {
            switch digits.dropFirst().first {
            case "x", "X": (radix, digits) = (16, digits.dropFirst(2))
            case "b", "B": (radix, digits) = (2, digits.dropFirst(2))
            case "o", "O": (radix, digits) = (8, digits.dropFirst(2))
            default: (radix, digits) = (8, digits.dropFirst())
            }
        }
        guard digits.first?.isHexDigit == true, let magnitude = UInt64(digits, radix: radix) else { return nil }
        guard isNegative else { return String(magnitude) }
        guard magnitude <= UInt64(Int64.max) + 1 else { return nil }
        return magnitude == 0 ? "0" : "-\(magnitude)"
    }

    /// Digits, a point, an exponent.
    private static func isFloat(_ text: String) -> Bool {
        var rest = text.utf8[...]
        func isDigit(_ byte: UInt8) -> Bool { 0x30...0x39 ~= byte }
        if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
        let whole = rest.prefix(while: isDigit)
        rest = rest.dropFirst(whole.count)
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            let fraction = rest.prefix(while: isDigit)
            guard !whole.isEmpty || !fraction.isEmpty else { return false }
            rest = rest.dropFirst(fraction.count)
        } else if whole.isEmpty {
            return false
        }
        guard let mark = rest.first else { return true }
        guard mark == UInt8(ascii: "e") || mark == UInt8(ascii: "E") else { return false }
        rest = rest.dropFirst()
        if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
        return !rest.isEmpty && rest.allSatisfy(isDigit)
    }

    /// `2026-11-23`, alone or with a time; enough to tell it from other words.
    private static func isTimestamp(_ text: String) -> Bool {
        let parts = text.prefix { $0 != "T" && $0 != "t" && $0 != " " }.split(
            separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].count == 4, 1...2 ~= parts[1].count, 1...2 ~= parts[2].count else {
            return false
        }
        return parts.allSatisfy { $0.allSatisfy(\.isWholeNumber) }
    }

    /// The value as JSON; nil for a number that JSON has not.
    public func json(_ text: String) -> JSON? {
        switch self {
        case .null: return .null
        case .bool(let value): return .bool(value)
        case .int(let digits): return try? JSON(parsing: digits)
        case .float(let value):
            guard value.isFinite else { return nil }
            if value == value.rounded(), abs(value) < 1e15 { return .number(JSONNumber(Int(value))) }
            return try? JSON(parsing: "\(value)")
        case .timestamp, .merge, .string: return .string(text)
        }
    }
}
