internal import KubernetesAPI
internal import OrderedJSON

/// The bindings of each namespace, kept decoded until a Role or a RoleBinding changes.
actor AccessPolicy {
    private struct Stamp: Equatable {
        let roles: Int64
        let bindings: Int64
    }

    nonisolated let store: Store
    private var stamp = Stamp(roles: 0, bindings: 0)
    private var bindings: [String: [Binding]] = [:]
    private static let keptNamespaces = 1000

    init(store: Store) { self.store = store }

    func bindings(in namespace: String) async throws -> [Binding] {
        // No namespace has a NUL in its name, and SQLite would take what is before it for the name.
        guard !namespace.isEmpty, !namespace.utf8.contains(0) else { return [] }
        let now = Stamp(
            roles: store.latestRevision(of: ResourceKind.role.qualifiedResource),
            bindings: store.latestRevision(of: ResourceKind.roleBinding.qualifiedResource))
        if now != stamp {
            bindings = [:]
            stamp = now
        }
        if let known = bindings[namespace] { return known }
        let loaded = try await load(namespace)
        // What was read while something was written may be older than the stamp.
        guard now == stamp else { return loaded }
        if bindings.count >= Self.keptNamespaces { bindings = [:] }
        bindings[namespace] = loaded
        return loaded
    }

    private func load(_ namespace: String) async throws -> [Binding] {
        var rules: [String: [PolicyRule]] = [:]
        for role in try await store.objects(ResourceKind.role.qualifiedResource, in: namespace) {
            rules[role.key.name] = PolicyRule.rules(ofRole: try role.json())
        }
        return try await store.objects(ResourceKind.roleBinding.qualifiedResource, in: namespace).map { object in
            Binding(try object.json()) { kind, name in kind == "Role" ? rules[name] ?? [] : [] }
        }
    }
}
