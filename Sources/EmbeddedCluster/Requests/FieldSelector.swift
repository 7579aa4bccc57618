internal import KubernetesAPI
internal import OrderedJSON

/// Chooses objects by a few of their fields: `metadata.name=x,type!=Opaque`.
struct FieldSelector: Sendable {
    struct Term: Sendable, Hashable {
        let field: String
        let value: String
        let isEqual: Bool
    }

    let terms: [Term]

    /// - Parameter known: the fields that the kind can be selected by; nil for any.
    init(parsing text: String, known: Set<String>?) throws {
        terms = try text.split(separator: ",").map { term in
            for (symbol, isEqual) in [("!=", false), ("==", true), ("=", true)] {
                guard let range = term.firstRange(of: symbol) else { continue }
                return Term(
                    field: String(term[..<range.lowerBound]), value: String(term[range.upperBound...]), isEqual: isEqual
                )
            }
            throw Status.badRequest("invalid selector: '\(text)'; can't understand '\(term)'")
        }
        if let known, let term = terms.first(where: { !known.contains($0.field) }) {
            // Kinds that have no fields of their own say it in other words.
            throw Status.badRequest(
                known.count > 2
                    ? "field label not supported: \(term.field)"
                    : "\(JSON.string(term.field).text) is not a known field selector: only \"metadata.name\", "
                        + "\"metadata.namespace\"")
        }
    }

    /// The only name that can match.
    var name: String? { terms.first { $0.field == "metadata.name" && $0.isEqual }?.value }
    /// The only namespace that can match.
    var namespace: String? { terms.first { $0.field == "metadata.namespace" && $0.isEqual }?.value }

    /// Whether name and namespace say all, so that objects need not be looked into.
    var isExact: Bool {
        terms.allSatisfy { $0.isEqual && $0.field.hasPrefix("metadata.") }
            && Set(terms.map(\.field)).count == terms.count
    }

    func matches(_ key: ObjectKey, _ object: @autoclosure () throws -> JSON, _ kind: StoredKind) rethrows -> Bool {
        try terms.allSatisfy { term in
            let value =
                switch term.field {
                case "metadata.name": key.name
                case "metadata.namespace": key.namespace
                default: try kind.selectableFields[term.field]?(object()) ?? ""
                }
            return (value == term.value) == term.isEqual
        }
    }
}
