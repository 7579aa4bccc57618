internal import Yams

/// A YAML file of one document, read whole: its values with their places, and all that is wrong with it as YAML.
public struct YAMLDocument: Sendable {
    /// Keys given twice are told one by one, up to so many.
    private static let maximumRepetitions = 50

    /// nil for an empty file, and where ``problems`` says why there is none.
    public private(set) var root: YAMLValue?
    /// All that is wrong with it as YAML, in the order of the text; empty where it can be used.
    public private(set) var problems: [YAMLProblem] = []
    /// Lines of `...` alone, which stand for more keys in documentation.
    public private(set) var placeholders: [YAMLMark] = []

    /// - Parameters:
    ///   - limit: in bytes; a longer file is a problem.
    ///   - maximumDepth: of mappings and lists in one another.
    public init(_ bytes: [UInt8], limit: Int = 1 << 20, maximumDepth: Int = 100) {
        let start = YAMLMark(line: 1, column: 1)
        guard bytes.count <= limit else {
            problems = [YAMLProblem(start, "the file is longer than \(limit) bytes")]
            return
        }
        guard !AliasGrowth.hasUnboundedKeys(bytes) else {
            problems = [YAMLProblem(start, "more aliases than a file of this kind can need; write the values out")]
            return
        }
        do throws(YAMLProblem) {
            var text = try YAMLText(bytes)
            placeholders = text.takePlaceholders()
            guard let (node, repetitions) = try Self.compose(&text) else { return }
            var reader = YAMLTree(
                budget: bytes.count + (1 << 20), maximumDepth: maximumDepth, disguised: repetitions)
            root = try reader.value(node, path: "", depth: 0)
            problems = reader.problems
        } catch {
            problems = [error]
        }
    }

    /// The parser stops at the first mapping that has a key twice, so all but the last of its kind are disguised.
    ///
    /// - Returns: the document with the true names of the keys that were disguised, by their places.
    private static func compose(_ text: inout YAMLText) throws(YAMLProblem) -> (Node, [YAMLMark: String])? {
        var disguised: [YAMLMark: String] = [:]
        while true {
            do {
                guard let node = try Yams.compose(yaml: text.text, .basic) else { return nil }
                return (node, disguised)
            } catch YamlError.duplicatedKeysInMapping(let duplicates, let context) {
                let mark = YAMLMark(line: context.mark.line, column: context.mark.column)
                let key = duplicates.first ?? ""
                guard disguised.count < maximumRepetitions, text.disguiseKey(at: mark, disguised.count) else {
                    throw YAMLProblem(mark, key: key, "given more than once")
                }
                disguised[mark] = key
            } catch {
                throw problem(error, text)
            }
        }
    }

    private static func problem(_ error: any Error, _ text: YAMLText) -> YAMLProblem {
        let start = YAMLMark(line: 1, column: 1)
        switch error as? YamlError {
        case .composer(_, "but found another document", let mark, _):
            return YAMLProblem(mark.position, "another document begins here; the file has to be one")
        case .parser(_, let problem, _, _) where problem.hasPrefix("Maximum nesting level"):
            return YAMLProblem(start, "nested too deeply")
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let lines = [mark.line, context?.mark.line, mark.line - 1].compactMap(\.self)
            if let tab = lines.lazy.compactMap(text.indentingTab).first {
                return YAMLProblem(tab, "a tab in the indentation; YAML takes spaces only")
            }
            return YAMLProblem(mark.position, "not YAML: \(problem)\(context.map { " \($0.text)" } ?? "")")
        case .reader(let problem, let offset, _, let yaml):
            let bytes = yaml.utf8.prefix(offset ?? 0)
            let place = String(decoding: bytes, as: UTF8.self).unicodeScalars.count
            return YAMLProblem(text.mark(at: place), "not YAML: \(problem)")
        case .memory: return YAMLProblem(start, "nested too deeply")
        default: return YAMLProblem(start, "not YAML")
        }
    }
}

extension Mark {
    fileprivate var position: YAMLMark { YAMLMark(line: line, column: column) }
}

/// Makes values of the parser's nodes: aliases and merge keys resolved within bounds, keys checked.
struct YAMLTree {
    var budget: Int
    let maximumDepth: Int
    let disguised: [YAMLMark: String]
    var problems: [YAMLProblem] = []

    init(budget: Int, maximumDepth: Int, disguised: [YAMLMark: String]) {
        self.budget = budget
        self.maximumDepth = maximumDepth
        self.disguised = disguised
    }

    /// - Parameter path: the key, from the root.
    mutating func value(_ node: Node, path: String, depth: Int) throws(YAMLProblem) -> YAMLValue {
        let mark = node.mark?.position ?? YAMLMark(line: 1, column: 1)
        guard depth <= maximumDepth else {
            throw YAMLProblem(mark, "nested more than \(maximumDepth) levels deep")
        }
        switch node {
        case .scalar(let scalar): return YAMLValue(mark: mark, content: try content(scalar, mark))
        case .sequence(let sequence):
            try spend(1, mark)
            var elements: [YAMLValue] = []
            for (index, element) in sequence.enumerated() {
                elements.append(try value(element, path: "\(path)[\(index)]", depth: depth + 1))
            }
            return YAMLValue(mark: mark, content: .sequence(elements))
        case .mapping(let mapping):
            try spend(1, mark)
            return YAMLValue(mark: mark, content: .mapping(try members(mapping, path: path, depth: depth + 1)))
        case .alias: throw YAMLProblem(mark, "an alias without its anchor")
        }
    }

    private mutating func content(_ scalar: Node.Scalar, _ mark: YAMLMark) throws(YAMLProblem) -> YAMLValue.Content {
        try spend(1 + scalar.string.utf8.count, mark)
        let meaning = YAMLScalar(scalar.string, tag: scalar.tag.rawValue, isPlain: scalar.style == .plain)
        switch meaning {
        case .null: return .null
        case .bool(let value): return .bool(value)
        case .int, .float: return .number(meaning?.json(scalar.string))
        case .string, .timestamp, .merge, nil: return .string(scalar.string)
        }
    }

    private mutating func members(
        _ mapping: Node.Mapping, path: String, depth: Int
    ) throws(YAMLProblem) -> [YAMLValue.Member] {
        var (own, merged): ([YAMLValue.Member], [YAMLValue.Member]) = ([], [])
        var places: [String: YAMLMark] = [:]
        for (keyNode, node) in mapping {
            let mark = keyNode.mark?.position ?? YAMLMark(line: 1, column: 1)
            guard case .scalar(let scalar) = keyNode else {
                problems.append(YAMLProblem(mark, "a key that is no word"))
                continue
            }
            if scalar.style == .plain, scalar.string == "<<" {
                merged += try mergedMembers(node, path: path, depth: depth)
                continue
            }
            try spend(1 + scalar.string.utf8.count, mark)
            let name = disguised[mark] ?? scalar.string
            let key = path.isEmpty ? name : "\(path).\(name)"
            let value = try value(node, path: key, depth: depth)
            if name.isEmpty {
                problems.append(YAMLProblem(mark, "a key without a name"))
            } else if let first = places[name] {
                problems.append(
                    YAMLProblem(mark, key: key, "given more than once; it is on line \(first.line) already"))
            } else {
                places[name] = mark
                own.append(YAMLValue.Member(key: name, keyMark: mark, value: value))
            }
        }
        for member in merged where places[member.key] == nil {
            places[member.key] = member.keyMark
            own.append(member)
        }
        return own
    }

    /// What `<<` brings in: the members of a mapping, or of several, of which the first wins.
    private mutating func mergedMembers(
        _ node: Node, path: String, depth: Int
    ) throws(YAMLProblem) -> [YAMLValue.Member] {
        let value = try value(node, path: path, depth: depth)
        if let members = value.members { return members }
        guard let elements = value.sequence, elements.allSatisfy({ $0.members != nil }) else {
            problems.append(YAMLProblem(value.mark, "'<<' takes a mapping or a list of mappings"))
            return []
        }
        return elements.flatMap { $0.members ?? [] }
    }

    private mutating func spend(_ cost: Int, _ mark: YAMLMark) throws(YAMLProblem) {
        budget -= cost
        guard budget >= 0 else {
            throw YAMLProblem(mark, "the aliases of the file make it too large; write the values out")
        }
    }
}
