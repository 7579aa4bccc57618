internal import KubernetesAPI
internal import OrderedJSON

extension Store {
    /// Makes what every cluster has: namespaces on its first start, roles and bindings on each.
    func seed() async throws {
        try await seedNamespaces()
        try await BootstrapReconciliation(store: self).reconcile()
        try await ClusterRoleAggregation(store: self).reconcile()
    }

    private static let seededSetting = "seeded"

    /// Once in the life of a store: what somebody deleted does not come back.
    private func seedNamespaces() async throws {
        guard try await setting(Self.seededSetting) == nil, case .stored(let kind) = ServedKind.namespace else {
            return
        }
        let now = clock.now()
        let names = ["default", "kube-node-lease", "kube-public", "kube-system"]
        var changes: [Change] = []
        for name in names where try await object(kind.key(namespace: "", name: name)) == nil {
            let object = kind.own([:], name: name, by: "kube-apiserver", now: now)
            changes += [.create(kind.key(namespace: "", name: name), ObjectDraft(object))]
            changes += kind.companions(object, now)
        }
        try await apply(changes)
        try await set(Self.seededSetting, now.text)
    }
}
