internal import KubernetesAPI

/// Says who may do what: by the roles and bindings in the store, and by nothing else but that members of
/// `system:masters` may do everything.
///
/// Source: k8s.io/kubernetes/plugin/pkg/auth/authorizer/rbac.
struct Authorizer: Sendable {
    enum Decision: Sendable, Hashable {
        /// - Parameter reason: empty for the administrator, who needs none.
        case allowed(reason: String)
        /// - Parameter reason: what is wrong with the policy; empty where it just does not allow it.
        case denied(reason: String = "")

        var isAllowed: Bool {
            switch self {
            case .allowed: true
            case .denied: false
            }
        }

        var reason: String {
            switch self {
            case .allowed(let reason), .denied(let reason): reason
            }
        }
    }

    let policy: AccessPolicy

    init(store: Store) { policy = AccessPolicy(store: store) }

    func decide(_ user: User, _ request: AccessRequest) async throws -> Decision {
        if user.isMaster { return .allowed(reason: "") }
        var missingRoles: [String] = []
        for scope in request.scopes {
            for binding in try await policy.bindings(in: scope) {
                guard let subject = binding.subject(for: user) else { continue }
                guard let rules = binding.rules else {
                    missingRoles.append(binding.missingRole)
                    continue
                }
                if rules.contains(where: { $0.allows(request) }) { return .allowed(reason: binding.reason(subject)) }
            }
        }
        switch missingRoles.count {
        case 0: return .denied()
        case 1: return .denied(reason: "RBAC: \(missingRoles[0])")
        default: return .denied(reason: "RBAC: [\(missingRoles.joined(separator: ", "))]")
        }
    }

    /// - Throws: 403 as Kubernetes says it.
    func require(_ user: User, _ request: AccessRequest) async throws {
        let decision = try await decide(user, request)
        if !decision.isAllowed { throw Status.forbidden(request, to: user, decision.reason) }
    }

    /// What the user may do in the namespace, as the policy says it.
    ///
    /// - Parameter namespace: empty for what holds in the whole cluster.
    func rules(of user: User, in namespace: String) async throws -> [PolicyRule] {
        var rules: [PolicyRule] = []
        for scope in namespace.isEmpty ? [""] : ["", namespace] {
            rules += try await policy.bindings(in: scope).filter { $0.subject(for: user) != nil }
                .flatMap { $0.rules ?? [] }
        }
        return rules
    }
}

extension AccessRequest {
    /// Where bindings may allow it: in the whole cluster, and in the namespace that it is about.
    fileprivate var scopes: [String] {
        switch self {
        case .path: [""]
        case .resource(let access): access.namespace.isEmpty ? [""] : ["", access.namespace]
        }
    }
}

extension Status {
    /// 403: the user may not do that.
    static func forbidden(_ request: AccessRequest, to user: User, _ reason: String = "") -> Status {
        let addition = reason.isEmpty ? "" : ": \(reason)"
        switch request {
        case .path(let path, let verb):
            var status = Status.forbidden(path: path, verb: verb, user: user.name)
            status.message += addition
            return status
        case .resource(let access):
            return .forbidden(
                group: access.group, resource: access.resource, name: access.name, access.denial(to: user) + addition)
        }
    }
}
