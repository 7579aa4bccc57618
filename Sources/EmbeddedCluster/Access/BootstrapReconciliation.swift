internal import KubernetesAPI
internal import OrderedJSON

/// Brings the roles and bindings that every cluster has into the store, and back to what they must at least grant.
/// What somebody added to them stays, and what is marked to be left alone is.
///
/// Source: k8s.io/component-helpers/auth/rbac/reconciliation.
struct BootstrapReconciliation: Sendable {
    static let autoupdate = "rbac.authorization.kubernetes.io/autoupdate"

    let store: Store

    func reconcile() async throws {
        guard case .stored(let roles) = ServedKind.clusterRole,
            case .stored(let bindings) = ServedKind.clusterRoleBinding
        else { return }
        let queries = [roles, bindings].map { ListQuery(resource: $0.kind.qualifiedResource) }
        let found = try await store.objects(of: queries).joined()
        let existing = Dictionary(found.map { ($0.key, $0) }, uniquingKeysWith: { $1 })
        func changes(_ kind: StoredKind, _ expected: [JSON], _ merge: (JSON, JSON) -> JSON) throws -> [Change] {
            try expected.flatMap { object -> [Change] in
                let key = kind.key(namespace: "", name: object.objectName ?? "")
                guard let old = existing[key] else { return [creation(of: object, key, kind)] }
                return try change(old, to: object, kind, merge)
            }
        }
        try await store.apply(
            try changes(roles, BootstrapPolicy.clusterRoles, Self.mergedRole)
                + changes(bindings, BootstrapPolicy.clusterRoleBindings, Self.mergedBinding))
    }

    private func creation(of object: JSON, _ key: ObjectKey, _ kind: StoredKind) -> Change {
        .create(
            key, ObjectDraft(kind.own(object, name: key.name, by: "kube-apiserver", now: store.clock.now())))
    }

    private func change(
        _ old: StoredObject, to expected: JSON, _ kind: StoredKind, _ merge: (JSON, JSON) -> JSON
    ) throws -> [Change] {
        let object = try old.json()
        if object.objectAnnotations[Self.autoupdate] == "false" { return [] }
        // Where a binding leads cannot be changed, so it is made anew.
        if let reference = expected["roleRef"], reference != object["roleRef"] {
            return [.delete(old.key, from: old.revision), creation(of: expected, old.key, kind)]
        }
        var merged = merge(object, expected)
        var metadata = object["metadata"] ?? [:]
        metadata["labels"] = JSON(sorted: expected.objectLabels.merging(object.objectLabels) { $1 })
        metadata["annotations"] = JSON(sorted: expected.objectAnnotations.merging(object.objectAnnotations) { $1 })
        merged["metadata"] = Schema.metadata.ordered(metadata)
        return merged == object ? [] : [.update(old.key, from: old.revision, ObjectDraft(merged))]
    }

    private static func mergedRole(_ role: JSON, _ expected: JSON) -> JSON {
        var role = role
        if let aggregation = expected["aggregationRule"] {
            let selectors = role["aggregationRule"]?["clusterRoleSelectors"]?.array ?? []
            let missing = (aggregation["clusterRoleSelectors"]?.array ?? []).filter { !selectors.contains($0) }
            role["aggregationRule"] = ["clusterRoleSelectors": .array(selectors + missing)]
            return role
        }
        let missing = PolicyRule.missing(
            PolicyRule.rules(ofRole: expected), from: PolicyRule.rules(ofRole: role))
        if !missing.isEmpty { role["rules"] = .array((role["rules"]?.array ?? []) + missing.map(\.json)) }
        return role
    }

    private static func mergedBinding(_ binding: JSON, _ expected: JSON) -> JSON {
        var binding = binding
        let subjects = binding["subjects"]?.array ?? []
        let missing = (expected["subjects"]?.array ?? []).filter { !subjects.contains($0) }
        guard !missing.isEmpty else { return binding }
        binding["subjects"] = .array(subjects + missing)
        return Schema.type("ClusterRoleBinding").ordered(binding)
    }
}
