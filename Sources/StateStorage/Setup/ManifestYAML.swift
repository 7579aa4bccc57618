public import OrderedJSON

/// Objects as YAML for `kubectl apply`, in the shape of the documentation page: short lists of strings on one line.
public enum ManifestYAML {
    /// - Parameter comments: lines before the first document.
    public static func text(of objects: [JSON], comments: [String] = []) -> String {
        let documents = objects.map { object in lines(of: object).map { "\($0)\n" }.joined() }
        return comments.map { "# \($0)\n" }.joined() + documents.joined(separator: "---\n")
    }

    private static let longestFlow = 100

    private static func lines(of value: JSON) -> [String] {
        (value.object ?? [:]).flatMap { key, value -> [String] in
            if let inline = inline(value), inline.count <= longestFlow { return ["\(scalar(key)): \(inline)"] }
            if let elements = value.array {
                return ["\(scalar(key)):"] + elements.flatMap(item).map { "  \($0)" }
            }
            return ["\(scalar(key)):"] + lines(of: value).map { "  \($0)" }
        }
    }

    private static func item(_ value: JSON) -> [String] {
        guard value.object?.isEmpty == false else { return ["- \(inline(value) ?? value.text)"] }
        return lines(of: value).enumerated().map { "\($0.offset == 0 ? "- " : "  ")\($0.element)" }
    }

    /// What stands on one line; nil for what has objects in it.
    private static func inline(_ value: JSON) -> String? {
        switch value {
        case .string(let text): return scalar(text)
        case .array(let elements):
            let strings = elements.compactMap(\.string)
            guard strings.count == elements.count else { return nil }
            return "[\(strings.map { JSON.string($0).text }.joined(separator: ", "))]"
        case .object(let members): return members.isEmpty ? "{}" : nil
        default: return value.text
        }
    }

    /// Plain where no reader of YAML could take it for anything but that string. JSON's strings are YAML's.
    private static func scalar(_ text: String) -> String {
        let isPlain = text.wholeMatch(of: #/[A-Za-z][-A-Za-z0-9./_]*/#) != nil
        let words: Set = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"]
        return isPlain && !words.contains(text.lowercased()) ? text : JSON.string(text).text
    }
}
