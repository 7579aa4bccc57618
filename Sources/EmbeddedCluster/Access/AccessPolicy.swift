internal import KubernetesAPI
internal import OrderedJSON
internal import Synchronization

/// The bindings of the cluster and of each namespace, kept decoded until a role or a binding changes.
final class AccessPolicy: Sendable {
    private struct Cache {
        /// The latest revision of any role or binding that the cache is of.
        var revision: Int64 = -1
        var bindings: [String: [Binding]] = [:]
    }

    let store: Store
    private let cache = Mutex(Cache())
    private static let keptNamespaces = 1000

    private static let resources = [
        ResourceKind.role, .roleBinding, .clusterRole, .clusterRoleBinding,
    ].map(\.qualifiedResource)

    init(store: Store) { self.store = store }

    /// - Parameter namespace: empty for the ClusterRoleBindings.
    func bindings(in namespace: String) async throws -> [Binding] {
        // No namespace has a NUL in its name, and SQLite would take what is before it for the name.
        guard !namespace.utf8.contains(0) else { return [] }
        // A write is noted before it is answered, so whoever was answered finds it here.
        let revision = store.latestRevision(of: Self.resources)
        let known = cache.withLock { cache in
            if cache.revision != revision { cache = Cache(revision: revision) }
            return cache.bindings[namespace]
        }
        if let known { return known }
        let loaded = try await load(namespace)
        cache.withLock { cache in
            // What was read while something was written may be older than what the cache is of now.
            guard cache.revision == revision else { return }
            if cache.bindings.count >= Self.keptNamespaces { cache.bindings = [:] }
            cache.bindings[namespace] = loaded
        }
        return loaded
    }

    /// Reads roles and bindings of one moment: a binding of now with the role of before could grant what was never
    /// granted.
    private func load(_ namespace: String) async throws -> [Binding] {
        let objects = try await store.objects(
            of: namespace.isEmpty
                ? [
                    ListQuery(resource: ResourceKind.clusterRole.qualifiedResource),
                    ListQuery(resource: ResourceKind.clusterRoleBinding.qualifiedResource),
                ]
                : [
                    ListQuery(resource: ResourceKind.clusterRole.qualifiedResource),
                    ListQuery(resource: ResourceKind.role.qualifiedResource, namespace: namespace),
                    ListQuery(resource: ResourceKind.roleBinding.qualifiedResource, namespace: namespace),
                ])
        var rules: [RoleReference: [PolicyRule]] = [:]
        for role in objects.dropLast().joined() {
            let kind = role.key.namespace.isEmpty ? "ClusterRole" : "Role"
            rules[RoleReference(kind: kind, name: role.key.name)] = PolicyRule.rules(ofRole: try role.json())
        }
        return try (objects.last ?? []).map { object in
            Binding(try object.json()) { rules[RoleReference(kind: $0, name: $1)] }
        }
    }
}

/// A role as bindings refer to it.
private struct RoleReference: Hashable {
    let kind: String
    let name: String
}
