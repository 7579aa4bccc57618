internal import OrderedJSON

/// Takes the values of a deployment's variables out of what is printed. Engines hide what a module declares sensitive, and
/// only as far as they see it.
struct SecretMask: Sendable {
    /// Shorter values are words that stand everywhere.
    static let shortest = 6
    static let replacement = Array("(sensitive value)".utf8)

    /// The longest first, so that one that holds another goes whole.
    private let values: [[UInt8]]

    init(_ texts: some Sequence<String>) {
        var forms: Set<String> = []
        for text in texts {
            for line in text.split(whereSeparator: \.isNewline) {
                // As it stands in the value, and as engines print it in quotes.
                let words = line.trimmingSpaces
                forms.insert(String(words))
                forms.insert(String(JSON.string(String(words)).text.dropFirst().dropLast()))
            }
        }
        values = forms.filter { $0.utf8.count >= Self.shortest && Double($0).map { $0.magnitude < 1e6 } != true }
            .map { Array($0.utf8) }.sorted { $0.count > $1.count }
    }

    /// - Parameter line: without its line feed.
    func masked(_ line: [UInt8]) -> [UInt8] {
        var line = line
        for value in values where line.count >= value.count { line.replace(value, with: Self.replacement) }
        return line
    }

    func masked(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { String(decoding: masked(Array($0.utf8)), as: UTF8.self) }.joined(separator: "\n")
    }
}

extension SecretMask {
    /// The texts of a `NAME=VALUE`: the value, and those in it where it is a list or a map.
    static func texts(ofAssignment assignment: String) -> [String] {
        let value = String(assignment.drop { $0 != "=" }.dropFirst())
        let first = value.trimmingSpaces.first
        return [value] + (first == "[" || first == "{" ? texts(ofLiterals: value) : [])
    }

    /// The texts of a file of variables.
    static func texts(ofFile content: [UInt8], isJSON: Bool) -> [String] {
        let text = String(decoding: content, as: UTF8.self)
        if isJSON, let json = try? JSON(parsing: content) { return texts(of: json) }
        return texts(ofLiterals: text)
    }

    private static func texts(of json: JSON) -> [String] {
        switch json {
        case .string(let text): [text]
        case .number(let number): [number.text]
        case .array(let elements): elements.flatMap { texts(of: $0) }
        case .object(let members): members.flatMap { texts(of: $0.value) }
        default: []
        }
    }

    /// The strings in quotes of HCL, but for those that are keys, its heredocs, and its numbers.
    private static func texts(ofLiterals literals: String) -> [String] {
        let text = literals.replacing("\r\n", with: "\n")
        let quoted = text.matches(of: #/"((?:[^"\\\n]|\\.)*)"(\s*[=:])?/#).filter { $0.2 == nil }.map { match in
            (try? JSON(parsing: "\"\(match.1)\""))?.string ?? String(match.1)
        }
        let heredocs = text.matches(of: #/<<-?(\w+)\n((?:.|\n)*?)\n\s*\1\b/#).map { String($0.2) }
        let numbers = text.matches(of: #/[=\[,]\s*(\d{6,})\b/#).map { String($0.1) }
        return quoted + heredocs + numbers
    }
}

extension StringProtocol {
    fileprivate var trimmingSpaces: SubSequence {
        var rest = self[...]
        while rest.first?.isWhitespace == true { rest = rest.dropFirst() }
        while rest.last?.isWhitespace == true { rest = rest.dropLast() }
        return rest
    }
}
