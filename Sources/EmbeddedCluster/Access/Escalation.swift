internal import KubernetesAPI
internal import OrderedJSON

/// Nobody grants what they do not hold themselves.
///
/// Source: k8s.io/kubernetes/pkg/registry/rbac.
struct Escalation: Sendable {
    let authorizer: Authorizer
    let user: User

    /// - Throws: 403 naming the rules that the user does not hold.
    func requireToHold(_ rules: [PolicyRule], in namespace: String, granting kind: ResourceKind, _ name: String)
        async throws
    {
        if user.isMaster { return }
        let held = try await authorizer.rules(of: user, in: namespace)
        let missing = rules.flatMap(\.single).filter { rule in !held.contains { $0.covers(rule) } }
        guard !missing.isEmpty else { return }
        let groups = user.groups.map { JSON.string($0).text }.joined(separator: " ")
        let list = Self.compact(missing).map { "\n\($0.text)" }.joined()
        throw Status.forbidden(
            kind, name,
            "user \"\(user.name)\" (groups=[\(groups)]) is attempting to grant RBAC permissions "
                + "not currently held:\(list)"
        )
    }

    /// Rules of the same groups, resources and names become one rule of all their verbs.
    private static func compact(_ rules: [PolicyRule]) -> [PolicyRule] {
        rules.reduce(into: [PolicyRule]()) { compacted, rule in
            let same = compacted.firstIndex {
                $0.groups == rule.groups && $0.resources == rule.resources && $0.names == rule.names
            }
            if let same {
                compacted[same].verbs += rule.verbs.filter { !compacted[same].verbs.contains($0) }
            } else {
                compacted.append(rule)
            }
        }
    }
}
