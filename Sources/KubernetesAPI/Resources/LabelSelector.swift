/// A label selector as it stands in a list's query: `a=b,c!=d,e in (f,g),!h`.
///
/// Source: Kubernetes reference, "Labels and Selectors"; the messages are those of a real API server.
public struct LabelSelector: Sendable, Hashable {
    /// What one label must be like.
    public enum Requirement: Sendable, Hashable {
        /// The label is there, with one of these values.
        case isIn(key: String, values: Set<String>)
        /// The label has none of these values, or is not there.
        case isNotIn(key: String, values: Set<String>)
        /// The label is there, whatever its value.
        case exists(key: String)
        /// The label is not there.
        case doesNotExist(key: String)
        /// The label is there, and a number that is greater.
        case isGreater(key: String, than: Int)
        /// The label is there, and a number that is less.
        case isLess(key: String, than: Int)
    }

    /// All of them hold for what is selected; none selects everything.
    public let requirements: [Requirement]

    /// Selects everything.
    public static let everything = LabelSelector(requirements: [])

    public init(requirements: [Requirement]) { self.requirements = requirements }

    /// - Throws: a `LabelSelectorError` with the message that the API gives.
    public init(parsing text: String) throws(LabelSelectorError) {
        var parser = LabelSelectorParser(text)
        requirements = try parser.requirements()
    }

    /// Whether an object with these labels is selected.
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

/// Why a text is no label selector, in the words of a real API server.
public struct LabelSelectorError: Error, Sendable, Hashable, CustomStringConvertible {
    public let description: String
}
