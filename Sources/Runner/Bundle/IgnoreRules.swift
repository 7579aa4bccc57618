/// What a `.terraformignore` file names.
///
/// Source: Terraform's rules for the file, as `hashicorp/go-slug` carries them out: the last rule that matches decides; a
/// pattern that begins with `/` is for the folder of the file, any other for each folder below it too; one that ends with `/`
/// is for all that is in a folder.
struct IgnoreRules: Sendable {
    static let fileName = ".terraformignore"

    private struct Rule {
        let pattern: [Token]
        let isNegated: Bool
        /// Whether a later rule may take back what this one leaves out.
        var mayBeTakenBack = false
    }

    private enum Token: Equatable {
        /// Any characters of one name.
        case name
        /// Any number of folders, none included.
        case folders
        /// All that follows.
        case everything
        case anyCharacter
        case oneOf(Set<Character>, isNegated: Bool)
        case character(Character)
    }

    private var rules: [Rule] = []

    init(parsing text: String = "") {
        for line in text.split(whereSeparator: \.isNewline) {
            var pattern = line.drop(while: \.isWhitespace)
            while pattern.last?.isWhitespace == true { pattern.removeLast() }
            guard let first = pattern.first, first != "#" else { continue }
            let isNegated = first == "!"
            if isNegated {
                pattern.removeFirst()
                for index in rules.indices { rules[index].mayBeTakenBack = true }
            }
            guard !pattern.isEmpty else { continue }
            let below = pattern.hasSuffix("/") ? "\(pattern)**" : String(pattern)
            let whole = below.hasPrefix("/") ? String(below.dropFirst()) : "**/\(below)"
            rules.append(Rule(pattern: Self.tokens(whole), isNegated: isNegated))
        }
    }

    /// Whether a path is left out, and whether with it all that is below it, so that nothing there need be looked at.
    ///
    /// - Parameter path: relative to the folder of the file; of a folder also with a `/` at its end, for the second question.
    func verdict(_ path: String) -> (isLeftOut: Bool, isFinal: Bool) {
        let characters = Array(path)
        var verdict = (isLeftOut: false, isFinal: false)
        for rule in rules where Self.matches(rule.pattern[...], characters[...]) {
            verdict = (!rule.isNegated, !rule.isNegated && !rule.mayBeTakenBack)
        }
        return verdict
    }

    private static func tokens(_ pattern: String) -> [Token] {
        var (tokens, rest) = ([Token](), Substring(pattern))
        while let character = rest.popFirst() {
            switch character {
            case "*" where rest.first == "*":
                rest.removeFirst()
                if rest.first == "/" { rest.removeFirst() }
                tokens.append(rest.isEmpty ? .everything : .folders)
            case "*": tokens.append(.name)
            case "?": tokens.append(.anyCharacter)
            case "[": tokens.append(characterClass(&rest))
            case "\\": tokens.append(.character(rest.popFirst() ?? character))
            default: tokens.append(.character(character))
            }
        }
        return tokens
    }

    /// What follows a `[`; the bracket itself where nothing closes it.
    private static func characterClass(_ rest: inout Substring) -> Token {
        guard let end = rest.dropFirst().firstIndex(of: "]") else { return .character("[") }
        var (content, characters) = (rest[..<end], Set<Character>())
        let isNegated = content.first == "^"
        if isNegated { content.removeFirst() }
        rest = rest[rest.index(after: end)...]
        while let character = content.popFirst() {
            let isRange = content.first == "-" && content.count > 1
            guard isRange, let last = content.dropFirst().first, let from = character.unicodeScalars.first?.value,
                let to = last.unicodeScalars.first?.value, from <= to, to - from < 1 << 16
            else {
                characters.insert(character)
                continue
            }
            content.removeFirst(2)
            characters.formUnion((from...to).compactMap { Unicode.Scalar($0).map(Character.init) })
        }
        return .oneOf(characters, isNegated: isNegated)
    }

    private static func matches(_ pattern: ArraySlice<Token>, _ path: ArraySlice<Character>) -> Bool {
        guard let token = pattern.first else { return path.isEmpty }
        let (following, rest) = (pattern.dropFirst(), path.dropFirst())
        switch token {
        case .everything: return true
        case .folders:
            if matches(following, path) { return true }
            return path.indices.contains { path[$0] == "/" && matches(following, path[($0 + 1)...]) }
        case .name:
            var path = path
            while true {
                if matches(following, path) { return true }
                guard let next = path.first, next != "/" else { return false }
                path = path.dropFirst()
            }
        case .anyCharacter: return path.first.map { $0 != "/" && matches(following, rest) } ?? false
        case .oneOf(let characters, let isNegated):
            return path.first.map { characters.contains($0) != isNegated && matches(following, rest) } ?? false
        case .character(let character): return path.first == character && matches(following, rest)
        }
    }
}
