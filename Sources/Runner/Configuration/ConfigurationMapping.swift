internal import PositionedYAML

/// One mapping of the file while it is read: gives its members by name and tells the problems that they have.
struct ConfigurationMapping {
    /// A value that is as it should be, with its place for what is found out about it later.
    struct Found<Value> {
        let value: Value
        let mark: YAMLMark
        let path: String
    }

    let mark: YAMLMark
    /// The key, from the root; empty for the root.
    let path: String
    let problems: ConfigurationProblems
    private let members: [YAMLValue.Member]

    /// - Parameter known: its keys; any other is a problem. Nil where any key may be.
    init(
        _ mark: YAMLMark, _ members: [YAMLValue.Member], path: String, known: [String]?,
        problems: ConfigurationProblems,
        hint: (String) -> String? = { _ in nil }
    ) {
        self.mark = mark
        self.members = members
        self.path = path
        self.problems = problems
        guard let known else { return }
        for member in members where !known.contains(member.key) { tellUnknown(member, known, hint(member.key)) }
    }

    private func tellUnknown(_ member: YAMLValue.Member, _ known: [String], _ hint: String?) {
        let allowed = known.joined(separator: ", ")
        // A value that was put where a key belongs is not repeated: it could be a secret.
        guard Quoting.isName(member.key) else {
            return problems.add(
                member.keyMark, path.isEmpty ? nil : path, "something that is no key stands where a key belongs",
                allowed: allowed)
        }
        let nearest = NearName.of(member.key, among: known).map { "; did you mean '\($0)'?" } ?? ""
        let place = path.isEmpty ? "at the top of the file" : "in \(path)"
        problems.add(
            member.keyMark, key(member.key), "unknown key '\(member.key)' \(place)\(hint.map { "; \($0)" } ?? nearest)",
            allowed: allowed)
    }

    func key(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    func member(_ name: String) -> YAMLValue.Member? { members.first { $0.key == name } }

    func has(_ name: String) -> Bool { member(name) != nil }

    /// The member, unless it is missing or empty.
    private func present(_ name: String, isRequired: Bool, allowed: String) -> YAMLValue.Member? {
        guard let member = member(name) else {
            if isRequired { problems.addMissing(mark, key(name), allowed: allowed) }
            return nil
        }
        if member.value.isNull {
            problems.addMissing(member.keyMark, key(name), "has no value", allowed: allowed)
            return nil
        }
        if let text = member.value.string, text == "..." || text == "…" {
            problems.add(member.value.mark, key(name), Self.placeholder, allowed: allowed)
            return nil
        }
        return member
    }

    static let placeholder =
        "'...' stands for more keys in documentation; put your own in its place, or take the line out"

    /// A text.
    ///
    /// - Parameter fault: what is wrong with it, if anything.
    func text(
        _ name: String, isRequired: Bool = true, allowed: String, fault: (String) -> String? = { _ in nil }
    ) -> Found<String>? {
        guard let member = present(name, isRequired: isRequired, allowed: allowed) else { return nil }
        guard let text = member.value.string else {
            let quotes = member.value.members == nil && member.value.sequence == nil ? "; put it in quotes" : ""
            problems.add(
                member.value.mark, key(name), "expected a string, found \(member.value.kind)\(quotes)", allowed: allowed
            )
            return nil
        }
        if let fault = text.isEmpty ? "is empty" : fault(text) {
            problems.add(member.value.mark, key(name), fault, allowed: allowed)
            return nil
        }
        return Found(value: text, mark: member.value.mark, path: key(name))
    }

    /// true or false.
    func flag(_ name: String) -> Bool? {
        guard let member = present(name, isRequired: false, allowed: "true, false") else { return nil }
        guard case .bool(let value) = member.value.content else {
            problems.add(
                member.value.mark, key(name), "expected true or false, found \(member.value.kind)",
                allowed: "true, false")
            return nil
        }
        return value
    }

    /// A mapping.
    func mapping(
        _ name: String, known: [String]?, isRequired: Bool = true, hint: (String) -> String? = { _ in nil }
    ) -> ConfigurationMapping? {
        let allowed = known.map { "a mapping of \($0.joined(separator: ", "))" } ?? "a mapping"
        guard let member = present(name, isRequired: isRequired, allowed: allowed) else { return nil }
        guard let members = member.value.members else {
            problems.add(
                member.value.mark, key(name), "expected a mapping, found \(member.value.kind)", allowed: allowed)
            return nil
        }
        return ConfigurationMapping(
            member.value.mark, members, path: key(name), known: known, problems: problems, hint: hint)
    }
}

/// How what a file says is repeated in a message.
enum Quoting {
    /// Whether a key is a word, rather than something that slipped to where a key belongs.
    static func isName(_ key: String) -> Bool {
        key.utf8.count <= 40
            && key.wholeMatch(of: #/[A-Za-z_$.][A-Za-z0-9_.\/$-]*/#) != nil
    }

    /// The text in quotes, shortened, without what would break a line.
    static func quoted(_ text: String) -> String {
        let shown = text.unicodeScalars.prefix(80).map { $0.properties.generalCategory == .control ? "?" : String($0) }
        return "'\(shown.joined())\(text.unicodeScalars.count > 80 ? "…" : "")'"
    }
}

/// The name that was probably meant.
enum NearName {
    /// The nearest of the names, when it is so near that a slip of the hand explains the difference.
    static func of(_ name: String, among names: [String]) -> String? {
        guard name.utf8.count <= 63 else { return nil }
        let plain = simplified(name)
        let distances = names.map { (name: $0, distance: distance(plain, simplified($0))) }
        guard let nearest = distances.min(by: { $0.distance < $1.distance }) else { return nil }
        return nearest.distance <= max(1, nearest.name.utf8.count / 3) ? nearest.name : nil
    }

    /// Without what other ways of spelling differ in: `serviceAccount`, `service-account`.
    private static func simplified(_ name: String) -> [UInt8] {
        Array(name.lowercased().utf8.filter { $0 != UInt8(ascii: "_") && $0 != UInt8(ascii: "-") })
    }

    /// Insertions, deletions, replacements and swaps of neighbours that make one of the other.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var (before, row) = ([Int](), Array(0...right.count))
        for line in left.indices {
            var next = [line + 1]
            for column in right.indices {
                var best = min(row[column + 1], next[column]) + 1
                best = min(best, row[column] + (left[line] == right[column] ? 0 : 1))
                if line > 0, column > 0, left[line] == right[column - 1], left[line - 1] == right[column] {
                    best = min(best, before[column - 1] + 1)
                }
                next.append(best)
            }
            (before, row) = (row, next)
        }
        return row[right.count]
    }
}
