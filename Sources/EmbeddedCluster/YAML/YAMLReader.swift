internal import KubernetesAPI
internal import OrderedJSON
internal import PositionedYAML
internal import Yams

/// YAML 1.1 as JSON, as sigs.k8s.io/yaml makes it, with bounds on what aliases can grow to.
struct YAMLReader {
    /// Why a text is none, in the words of Go's YAML package.
    struct Failure: Error, Sendable, Hashable { let message: String }

    /// What a document may become beyond its own size, by aliases.
    private static let maximumGrowth = 1 << 20

    private var budget: Int

    static func json(_ bytes: [UInt8]) throws(Failure) -> JSON {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Failure(message: "yaml: invalid leading UTF-8 octet")
        }
        guard !AliasGrowth.hasUnboundedKeys(bytes) else {
            throw Failure(message: "yaml: document contains excessive aliasing")
        }
        let node: Node?
        do { node = try compose(yaml: text, .basic) } catch { throw failure(error) }
        guard let node else { return .null }
        var reader = YAMLReader(budget: bytes.count + maximumGrowth)
        return try reader.value(node, depth: 0)
    }

    private mutating func value(_ node: Node, depth: Int) throws(Failure) -> JSON {
        guard depth < JSONParser.maximumDepth else {
            throw Failure(message: "yaml: exceeded max depth of \(JSONParser.maximumDepth)")
        }
        switch node {
        case .scalar(let scalar): return try self.scalar(scalar)
        case .sequence(let sequence):
            try spend(1)
            var elements: [JSON] = []
            for element in sequence { elements.append(try value(element, depth: depth + 1)) }
            return .array(elements)
        case .mapping(let mapping):
            try spend(1)
            return .object(try members(mapping, depth: depth + 1))
        case .alias: throw Failure(message: "yaml: unknown anchor")
        }
    }

    private mutating func members(_ mapping: Node.Mapping, depth: Int) throws(Failure) -> JSONObject {
        var own = JSONObject()
        var merged = JSONObject()
        for (key, value) in mapping {
            if case .scalar(let scalar) = key, Self.meaning(ofKey: scalar) == .merge {
                for (name, value) in try mergedMembers(value, depth: depth) where merged[name] == nil {
                    merged[name] = value
                }
            } else {
                own[try name(key)] = try self.value(value, depth: depth)
            }
        }
        for (name, value) in merged where own[name] == nil { own[name] = value }
        return own
    }

    private mutating func mergedMembers(_ node: Node, depth: Int) throws(Failure) -> JSONObject {
        guard depth < JSONParser.maximumDepth else { throw Failure(message: "yaml: exceeded max depth") }
        switch node {
        case .mapping(let mapping): return try members(mapping, depth: depth + 1)
        case .sequence(let sequence):
            var merged = JSONObject()
            for element in sequence {
                guard case .mapping(let mapping) = element else { break }
                for (name, value) in try members(mapping, depth: depth + 1) where merged[name] == nil {
                    merged[name] = value
                }
            }
            return merged
        default: throw Failure(message: "yaml: map merge requires map or sequence of maps as the value")
        }
    }

    /// Keys are strings in JSON, so words that mean something else are spelled out.
    private mutating func name(_ node: Node) throws(Failure) -> String {
        guard case .scalar(let scalar) = node else { throw Failure(message: "yaml: invalid map key") }
        try spend(1 + scalar.string.utf8.count)
        switch Self.meaning(ofKey: scalar) {
        case .bool(let value): return value ? "true" : "false"
        case .int(let digits): return digits
        case .null: throw Failure(message: "unsupported map key of type: nil")
        case .float, .timestamp, .merge, .string, nil: return scalar.string
        }
    }

    private mutating func scalar(_ scalar: Node.Scalar) throws(Failure) -> JSON {
        try spend(1 + scalar.string.utf8.count)
        if scalar.tag.rawValue == Tag.Name.binary.rawValue {
            guard let bytes = try? Base64.decode(scalar.string) else {
                throw Failure(message: "yaml: !!binary value contains invalid base64 data")
            }
            return .string(String(decoding: bytes, as: UTF8.self))
        }
        guard let meaning = Self.meaning(scalar) else { return .string(scalar.string) }
        guard let value = meaning.json(scalar.string) else {
            throw Failure(message: "json: unsupported value: \(scalar.string)")
        }
        return value
    }

    /// nil where a scalar is a string because it is quoted or says so.
    private static func meaning(_ scalar: Node.Scalar) -> YAMLScalar? {
        YAMLScalar(scalar.string, tag: scalar.tag.rawValue, isPlain: scalar.style == .plain)
    }

    /// The parser has looked into the tags of keys, and calls all of them strings.
    private static func meaning(ofKey scalar: Node.Scalar) -> YAMLScalar? {
        scalar.style == .plain ? YAMLScalar(scalar.string) : meaning(scalar)
    }

    private mutating func spend(_ cost: Int) throws(Failure) {
        budget -= cost
        guard budget >= 0 else { throw Failure(message: "yaml: document contains excessive aliasing") }
    }

    private static func failure(_ error: any Error) -> Failure {
        guard let error = error as? YamlError else { return Failure(message: "yaml: \(type(of: error))") }
        func failure(_ problem: String, _ line: Int) -> Failure {
            Failure(message: line > 0 ? "yaml: line \(line): \(problem)" : "yaml: \(problem)")
        }
        switch error {
        case .scanner(_, let problem, let mark, _): return failure(problem, mark.line)
        case .parser(_, let problem, let mark, _): return failure(problem, mark.line - 1)
        case .composer(let context, let problem, let mark, _):
            return failure([context?.text, problem].compactMap(\.self).joined(separator: " "), mark.line)
        case .reader(let problem, _, _, _): return failure(problem, 0)
        case .duplicatedKeysInMapping(let duplicates, let context):
            let key = JSON.string(duplicates.first ?? "").text
            return Failure(
                message: "yaml: unmarshal errors:\n  line \(context.mark.line): key \(key) already set in map")
        default: return Failure(message: "yaml: unreadable")
        }
    }
}
