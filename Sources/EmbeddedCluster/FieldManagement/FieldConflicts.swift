internal import KubernetesAPI
internal import OrderedJSON

/// Fields that an apply would change and that others own.
struct FieldConflicts: Error, Sendable, Hashable {
    let fields: [ManagedFields.Owner: FieldSet]

    init(_ fields: [ManagedFields.Owner: FieldSet]) { self.fields = fields.filter { !$0.value.isEmpty } }

    var isEmpty: Bool { fields.isEmpty }

    /// Without those in fields of the set.
    func subtracting(_ allowed: FieldSet) -> FieldConflicts {
        FieldConflicts(fields.mapValues { $0.subtracting(allowed) })
    }
}

extension Status {
    /// 409
    init(_ conflicts: FieldConflicts) {
        let ordered = conflicts.fields.map { (owner: $0.conflictText, paths: $1.paths) }.sorted { $0.owner < $1.owner }
        let causes = ordered.flatMap { owner, paths in
            paths.map {
                Cause(reason: "FieldManagerConflict", message: "conflict with \(owner)", field: Self.text($0))
            }
        }
        let message: String
        if let only = ordered.first, causes.count == 1 {
            message = "Apply failed with 1 conflict: conflict with \(only.owner): \(Self.text(only.paths[0]))"
        } else {
            let lines = ordered.flatMap { owner, paths in
                ["conflicts with \(owner):"] + paths.map { "- \(Self.text($0))" }
            }
            message = "Apply failed with \(causes.count) conflicts: \(lines.joined(separator: "\n"))"
        }
        self.init(code: 409, reason: "Conflict", message: message, details: Details(causes: causes))
    }

    private static func text(_ path: [PathElement]) -> String { path.map(\.description).joined() }
}

extension ManagedFields.Owner {
    /// `"kubectl-create" using v1`
    fileprivate var conflictText: String {
        var text = JSON.string(manager).text
        if !subresource.isEmpty { text += " with subresource \(JSON.string(subresource).text)" }
        return operation == .update ? "\(text) using \(apiVersion)" : text
    }
}
