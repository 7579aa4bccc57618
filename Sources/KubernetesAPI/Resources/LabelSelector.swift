/// A label selector as it stands in a list's query: `a=b,c!=d,e in (f,g),!h`.
///
/// Source: Kubernetes reference, "Labels and Selectors"; the messages are those of a real API server.
public struct LabelSelector: Sendable, Hashable {
    public enum Requirement: Sendable, Hashable {
        case isIn(key: String, values: Set<String>)
        case isNotIn(key: String, values: Set<String>)
        case exists(key: String)
        case doesNotExist(key: String)
        case isGreater(key: String, than: Int)
        case isLess(key: String, than: Int)
    }

    public let requirements: [Requirement]

    /// Selects everything.
    public static let everything = LabelSelector(requirements: [])

    public init(requirements: [Requirement]) { self.requirements = requirements }

    /// - Throws: a `LabelSelectorError` with the message that the API gives.
    public init(parsing text: String) throws(LabelSelectorError) {
        var parser = LabelSelectorParser(text)
        requirements = try parser.requirements()
    }

    public func matches(_ labels: [String: String]) -> Bool {
        requirements.allSatisfy { requirement in
            switch requirement {
            case .isIn(let key, let values): labels[key].map(values.contains) ?? false
            case .isNotIn(let key, let values): labels[key].map { !values.contains($0) } ?? true
            case .exists(let key): labels[key] != nil
            case .doesNotExist(let key): labels[key] == nil
            case .isGreater(let key, let bound): labels[key].flatMap(Int.init).map { $0 > bound } ?? false
            case .isLess(let key, let bound): labels[key].flatMap(Int.init).map { $0 < bound } ?? false
            }
        }
    }

    /// The labels that an object must carry with exactly one possible value each.
    public var equalities: [String: String] {
        var labels: [String: String] = [:]
        for case .isIn(let key, let values) in requirements {
            if values.count == 1, let value = values.first { labels[key] = value }
        }
        return labels
    }
}

public struct LabelSelectorError: Error, Sendable, Hashable, CustomStringConvertible {
    public let description: String
}
