/// Reads the words of a label selector one by one.
struct LabelSelectorParser {
    private enum Token: Equatable {
        case word(String)
        case symbol(String)
        case end

        var text: String {
            switch self {
            case .word(let text), .symbol(let text): text
            case .end: ""
            }
        }
    }

    private var rest: Substring.UTF8View
    private var lookahead: Token?

    init(_ text: String) { rest = text[...].utf8 }

    mutating func requirements() throws(LabelSelectorError) -> [LabelSelector.Requirement] {
        guard peek() != .end else { return [] }
        var requirements: [LabelSelector.Requirement] = []
        while true {
            requirements.append(try requirement())
            switch next() {
            case .end: return requirements
            case .symbol(","):
                guard case .end = peek() else { continue }
                throw unexpected("", expected: "identifier after ','")
            case let token: throw unexpected(token.text, expected: "',' or 'end of string'")
            }
        }
    }

    private mutating func requirement() throws(LabelSelectorError) -> LabelSelector.Requirement {
        if peek() == .symbol("!") {
            _ = next()
            return .doesNotExist(key: try key())
        }
        let key = try key()
        switch peek() {
        case .end, .symbol(","):
            return .exists(key: key)
        case .symbol("="), .symbol("=="):
            _ = next()
            return .isIn(key: key, values: [try exactValue()])
        case .symbol("!="):
            _ = next()
            return .isNotIn(key: key, values: [try exactValue()])
        case .symbol(">"):
            _ = next()
            return .isGreater(key: key, than: try integer())
        case .symbol("<"):
            _ = next()
            return .isLess(key: key, than: try integer())
        case .word("in"):
            _ = next()
            return .isIn(key: key, values: try values())
        case .word("notin"):
            _ = next()
            return .isNotIn(key: key, values: try values())
        case let token:
            throw unexpected(token.text, expected: "in, notin, =, ==, !=, gt, lt")
        }
    }

    private mutating func key() throws(LabelSelectorError) -> String {
        guard case .word(let key) = next(), !key.isEmpty else {
            throw unexpected(last.text, expected: "identifier")
        }
        return key
    }

    private mutating func exactValue() throws(LabelSelectorError) -> String {
        switch peek() {
        case .end, .symbol(","): return ""
        case .word(let value):
            _ = next()
            return value
        case let token: throw unexpected(token.text, expected: "identifier")
        }
    }

    private mutating func integer() throws(LabelSelectorError) -> Int {
        let text = try exactValue()
        guard let value = Int(text) else {
            throw LabelSelectorError(
                description: "unable to parse requirement: values[0][: Invalid value: \"\(text)\": "
                    + "for 'Gt', 'Lt' operators, the value must be an integer")
        }
        return value
    }

    private mutating func values() throws(LabelSelectorError) -> Set<String> {
        guard next() == .symbol("(") else { throw unexpected(last.text, expected: "'('") }
        var values: Set<String> = []
        while true {
            values.insert(try exactValueOrEmpty())
            switch next() {
            case .symbol(","): continue
            case .symbol(")"): return values
            case let token: throw unexpected(token.text, expected: "',' or ')'")
            }
        }
    }

    private mutating func exactValueOrEmpty() throws(LabelSelectorError) -> String {
        if peek() == .symbol(")") { return "" }
        return try exactValue()
    }

    private func unexpected(_ found: String, expected: String) -> LabelSelectorError {
        LabelSelectorError(description: "unable to parse requirement: found '\(found)', expected: \(expected)")
    }

    // MARK: - Words

    private var last: Token = .end

    private mutating func peek() -> Token {
        if let lookahead { return lookahead }
        let token = scan()
        lookahead = token
        return token
    }

    private mutating func next() -> Token {
        last = peek()
        lookahead = nil
        return last
    }

    private mutating func scan() -> Token {
        while let byte = rest.first, Self.isSpace(byte) { rest.removeFirst() }
        guard let first = rest.first else { return .end }
        guard Self.isSymbol(first) else {
            let word = rest.prefix { !Self.isSymbol($0) && !Self.isSpace($0) }
            rest = rest[word.endIndex...]
            return .word(String(Substring(word)))
        }
        rest.removeFirst()
        let symbol = String(UnicodeScalar(first))
        guard symbol == "=" || symbol == "!", rest.first == UInt8(ascii: "=") else { return .symbol(symbol) }
        rest.removeFirst()
        return .symbol("\(symbol)=")
    }

    private static func isSymbol(_ byte: UInt8) -> Bool {
        switch UnicodeScalar(byte) {
        case "=", "!", "(", ")", ",", ">", "<": true
        default: false
        }
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        switch UnicodeScalar(byte) {
        case " ", "\t", "\r", "\n": true
        default: false
        }
    }
}
