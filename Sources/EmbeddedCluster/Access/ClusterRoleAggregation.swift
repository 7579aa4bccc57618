internal import KubernetesAPI
internal import OrderedJSON

/// Fills the rules of ClusterRoles that gather those of others by their labels.
///
/// Source: k8s.io/kubernetes/pkg/controller/clusterroleaggregation.
struct ClusterRoleAggregation: Sendable {
    let store: Store

    /// Brings every aggregated ClusterRole up to date, also those that aggregate others of them.
    func reconcile() async throws {
        // Each round reaches one level of roles that are made of roles. Roles that are made of each other may hand their
        // rules around for ever, so there is an end to it.
        for _ in 0..<Self.levels {
            guard try await reconcileOnce() else { return }
        }
    }

    private static let levels = 10

    /// - Returns: whether anything was written.
    private func reconcileOnce() async throws -> Bool {
        let query = ListQuery(resource: ResourceKind.clusterRole.qualifiedResource)
        let roles = try await store.objects(of: [query]).joined().map { (stored: $0, json: try $0.json()) }
        let changes = roles.compactMap { role -> Change? in
            guard let aggregation = role.json["aggregationRule"] else { return nil }
            let selectors = (aggregation["clusterRoleSelectors"]?.array ?? []).map(LabelSelectorObject.selector)
            let sources = roles.filter { other in
                other.stored.key != role.stored.key && selectors.contains { $0.matches(other.json.objectLabels) }
            }
            let rules = Self.distinct(sources.flatMap { $0.json["rules"]?.array ?? [] })
            guard rules != role.json["rules"]?.array ?? [] else { return nil }
            var object = role.json
            object["rules"] = .array(rules)
            return .update(role.stored.key, from: role.stored.revision, ObjectDraft(object))
        }
        guard !changes.isEmpty else { return false }
        do {
            try await store.apply(changes)
        } catch is StoreConflict {
            // Somebody else wrote in between; what they wrote is taken into account in the next round.
        }
        return true
    }

    private static func distinct(_ rules: [JSON]) -> [JSON] {
        var seen: Set<JSON> = []
        return rules.filter { seen.insert($0).inserted }
    }
}
