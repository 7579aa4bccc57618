internal import Yams

/// A kubeconfig as a tree of values that know where they stand.
enum KubeconfigFile {
    /// A kubeconfig with a thousand clusters and their certificates is far smaller.
    private static let maximumSize = 16 << 20
    /// Aliases can make a small YAML file into a tree without end.
    private static let maximumValues = 200_000

    /// Reads a file that a key of a kubeconfig, or a caller, names.
    static func read(_ path: String, key: KubeconfigValue?) throws(KubeconfigError) -> [UInt8] {
        do {
            return try SmallFile.read(path, limit: maximumSize)
        } catch {
            let message = key == nil ? error.cause : "\(error)"
            throw KubeconfigError(
                error.isMissing ? .fileMissing : .unreadable, file: key?.place ?? path, key: key?.path, message)
        }
    }

    /// The root of the file.
    static func load(_ path: String) throws(KubeconfigError) -> KubeconfigValue {
        let bytes = try read(path, key: nil)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw KubeconfigError(.invalid, file: path, key: nil, "not UTF-8")
        }
        let node: Node?
        do {
            // The library's own rules for what a scalar is are regular expressions, which take longer to make than all of
            // the file to read; see below for ours.
            node = try compose(yaml: text, .basic)
        } catch let error as YamlError {
            throw failure(error, path)
        } catch {
            throw KubeconfigError(.invalid, file: path, key: nil, "not YAML")
        }
        guard let node else { return KubeconfigValue(file: path, mark: nil, path: "", content: .mapping([:])) }
        var budget = maximumValues
        return try value(node, file: path, path: "", budget: &budget)
    }

    private static func value(
        _ node: Node, file: String, path: String, budget: inout Int
    ) throws(KubeconfigError) -> KubeconfigValue {
        budget -= 1
        let mark = node.mark.map { KubeconfigValue.Mark(line: $0.line, column: $0.column) }
        guard budget > 0 else {
            throw KubeconfigError(.invalid, file: file, key: path, "more than \(maximumValues) values")
        }
        let content: KubeconfigValue.Content
        var isLiteral = false
        switch node {
        case .scalar(let scalar):
            let tag = scalar.tag.description
            let isPlain = tag == Tag.Name.implicit.rawValue
            let isNull = isPlain ? nulls.contains(scalar.string) : tag == Tag.Name.null.rawValue
            content = isNull ? .null : .scalar(scalar.string)
            isLiteral = isPlain || literals.map(\.rawValue).contains(tag)
        case .mapping(let mapping):
            var members: [String: KubeconfigValue] = [:]
            for (key, member) in mapping {
                guard let name = key.string else {
                    throw KubeconfigError(.invalid, file: file, key: path, "a key that is not text")
                }
                let memberPath = path.isEmpty ? name : "\(path).\(name)"
                members[name] = try value(member, file: file, path: memberPath, budget: &budget)
            }
            content = .mapping(members)
        case .sequence(let sequence):
            var elements: [KubeconfigValue] = []
            for (offset, element) in sequence.enumerated() {
                let elementPath = "\(path)[\(label(of: element) ?? String(offset))]"
                elements.append(try value(element, file: file, path: elementPath, budget: &budget))
            }
            content = .sequence(elements)
        case .alias:
            throw KubeconfigError(.invalid, file: file, key: path, "an alias without its anchor")
        }
        return KubeconfigValue(file: file, mark: mark, path: path, content: content, isLiteral: isLiteral)
    }

    /// How null is written without quotes (YAML 1.2, 10.3.2).
    private static let nulls: Set<String> = ["", "~", "null", "Null", "NULL"]
    private static let literals: [Tag.Name] = [.bool, .int, .float]

    /// Entries are known by their names rather than by their positions.
    private static func label(of element: Node) -> String? {
        element.mapping?["name"]?.string.map { "name=\($0)" }
    }

    private static func failure(_ error: YamlError, _ path: String) -> KubeconfigError {
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let context = context.map { " \($0.text)" } ?? ""
            return KubeconfigError(
                .invalid, file: "\(path):\(mark.line):\(mark.column)", key: nil, "not YAML: \(problem)\(context)")
        case .duplicatedKeysInMapping(let duplicates, let context):
            return KubeconfigError(
                .invalid, file: "\(path):\(context.mark.line):\(context.mark.column)", key: duplicates.first,
                "given more than once")
        default:
            return KubeconfigError(.invalid, file: path, key: nil, "not YAML")
        }
    }
}
