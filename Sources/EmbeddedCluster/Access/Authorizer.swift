internal import KubernetesAPI

/// Says who may do what: by RBAC, and by the few rules that hold in every cluster.
struct Authorizer: Sendable {
    enum Decision: Sendable, Hashable {
        /// - Parameter reason: empty for the administrator, who needs none.
        case allowed(reason: String)
        case denied

        var isAllowed: Bool { self != .denied }
    }

    let policy: AccessPolicy

    init(store: Store) { policy = AccessPolicy(store: store) }

    func decide(_ user: User, _ request: AccessRequest) async throws -> Decision {
        if user.isMaster { return .allowed(reason: "") }
        switch request {
        case .path(let path, let verb): return Self.decide(user, path: path, verb: verb)
        case .resource(let access):
            if let rule = Self.everybodysRules(user).first(where: { $0.rule.allows(access) }) {
                return .allowed(reason: rule.reason)
            }
            for binding in try await policy.bindings(in: access.namespace) {
                guard let subject = binding.subjects.first(where: { $0.matches(user) }),
                    binding.rules.contains(where: { $0.allows(access) })
                else { continue }
                return .allowed(reason: binding.reason(subject))
            }
            return .denied
        }
    }

    /// - Throws: 403 as Kubernetes says it.
    func require(_ user: User, _ request: AccessRequest) async throws {
        guard try await decide(user, request) == .denied else { return }
        switch request {
        case .path(let path, let verb): throw Status.forbidden(path: path, verb: verb, user: user.name)
        case .resource(let access):
            throw Status.forbidden(
                group: access.group, resource: access.resource, name: access.name, access.denial(to: user))
        }
    }

    /// What the user may do in the namespace.
    func rules(of user: User, in namespace: String) async throws -> [PolicyRule] {
        if user.isMaster { return [PolicyRule(verbs: ["*"], groups: ["*"], resources: ["*"])] }
        return try await policy.bindings(in: namespace)
            .filter { $0.subjects.contains { $0.matches(user) } }.flatMap(\.rules)
            + Self.everybodysRules(user).map(\.rule)
    }

    /// Kubernetes' `system:basic-user`.
    private static func everybodysRules(_ user: User) -> [(rule: PolicyRule, reason: String)] {
        guard user.groups.contains(User.authenticatedGroup) else { return [] }
        let reason = """
            RBAC: allowed by ClusterRoleBinding "system:basic-user" of ClusterRole "system:basic-user" \
            to Group "system:authenticated"
            """
        return [
            (
                PolicyRule(
                    verbs: ["create"], groups: ["authorization.k8s.io"],
                    resources: ["selfsubjectaccessreviews", "selfsubjectrulesreviews"]), reason
            ),
            (
                PolicyRule(verbs: ["create"], groups: ["authentication.k8s.io"], resources: ["selfsubjectreviews"]),
                reason
            ),
        ]
    }

    /// Kubernetes' `system:public-info-viewer` and `system:discovery`.
    private static func decide(_ user: User, path: String, verb: String) -> Decision {
        guard verb == "get" else { return .denied }
        if ["/healthz", "/livez", "/readyz", "/version", "/version/"].contains(path) {
            return .allowed(
                reason: """
                    RBAC: allowed by ClusterRoleBinding "system:public-info-viewer" of ClusterRole \
                    "system:public-info-viewer" to Group "\(user.groups.last ?? "")"
                    """)
        }
        guard user.groups.contains(User.authenticatedGroup) else { return .denied }
        let isDiscovery =
            ["/api", "/apis", "/openapi"].contains(path)
            || ["/api/", "/apis/", "/openapi/"].contains { path.hasPrefix($0) }
        return isDiscovery
            ? .allowed(
                reason: """
                    RBAC: allowed by ClusterRoleBinding "system:discovery" of ClusterRole "system:discovery" \
                    to Group "system:authenticated"
                    """) : .denied
    }
}
