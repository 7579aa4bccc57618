internal import KubernetesAPI
internal import OrderedJSON

/// Nobody grants what they do not hold themselves.
///
/// Source: k8s.io/kubernetes/pkg/registry/rbac.
struct Escalation: Sendable {
    let authorizer: Authorizer
    let user: User

    /// A role is written by whoever holds its rules, or may `escalate` it.
    ///
    /// - Throws: 403.
    func admitRole(_ role: JSON, replacing old: JSON?, _ kind: ResourceKind) async throws {
        if user.isMaster || isOnlyAboutLifetime(role, old) { return }
        let (namespace, name) = (role.objectNamespace ?? "", role.objectName ?? "")
        let escalate = ResourceAccess(
            verb: "escalate", group: kind.group, resource: kind.resource, namespace: namespace, name: name)
        if try await authorizer.decide(user, .resource(escalate)).isAllowed { return }
        try await requireToHold(PolicyRule.rules(ofRole: role), in: namespace, granting: kind, name)
        // It can gather anything.
        guard hasAggregation(role) || old.map(hasAggregation) ?? false else { return }
        let held = try await authorizer.rules(of: user, in: namespace)
        guard PolicyRule.missing(PolicyRule.everything, from: held).isEmpty else {
            throw Status.forbidden(kind, name, "must have cluster-admin privileges to use the aggregationRule")
        }
    }

    /// A role is bound by whoever holds its rules, or may `bind` it.
    ///
    /// - Throws: 403, or 404 where there is no such role.
    func admitBinding(_ binding: JSON, replacing old: JSON?, _ kind: ResourceKind) async throws {
        if user.isMaster || isOnlyAboutLifetime(binding, old) { return }
        let (namespace, name) = (binding.objectNamespace ?? "", binding.objectName ?? "")
        let role: ResourceKind = binding["roleRef"]?["kind"]?.string == "Role" ? .role : .clusterRole
        let roleName = binding["roleRef"]?["name"]?.string ?? ""
        let bind = ResourceAccess(
            verb: "bind", group: role.group, resource: role.resource, namespace: namespace, name: roleName)
        if try await authorizer.decide(user, .resource(bind)).isAllowed { return }
        let key = ObjectKey(
            resource: role.qualifiedResource, namespace: role.scope == .cluster ? "" : namespace, name: roleName)
        guard let found = try await authorizer.policy.store.object(key) else { throw Status.notFound(role, roleName) }
        try await requireToHold(PolicyRule.rules(ofRole: try found.json()), in: namespace, granting: kind, name)
    }

    /// - Throws: 403 naming the rules that the user does not hold.
    private func requireToHold(
        _ rules: [PolicyRule], in namespace: String, granting kind: ResourceKind, _ name: String
    ) async throws {
        let missing = PolicyRule.missing(rules, from: try await authorizer.rules(of: user, in: namespace))
        guard !missing.isEmpty else { return }
        let groups = user.groups.map { JSON.string($0).text }.joined(separator: " ")
        let list = Set(Self.compact(missing).map(\.text)).sorted().joined(separator: "\n")
        throw Status.forbidden(
            kind, name,
            "user \"\(user.name)\" (groups=[\(groups)]) is attempting to grant RBAC permissions "
                + "not currently held:\n\(list)"
        )
    }

    private func hasAggregation(_ role: JSON) -> Bool {
        !(role["aggregationRule"]?["clusterRoleSelectors"]?.array?.isEmpty ?? true)
    }

    /// Whether an update changes nothing but what decides when the object goes.
    private func isOnlyAboutLifetime(_ object: JSON, _ old: JSON?) -> Bool {
        guard let old else { return false }
        func rest(_ object: JSON) -> JSON {
            var object = object
            var metadata = object["metadata"] ?? [:]
            for field in ["ownerReferences", "finalizers", "managedFields"] { metadata[field] = nil }
            object["metadata"] = metadata
            return object
        }
        return rest(object) == rest(old)
    }

    /// Rules of the same groups, resources and names become one rule of all their verbs.
    private static func compact(_ rules: [PolicyRule]) -> [PolicyRule] {
        rules.reduce(into: [PolicyRule]()) { compacted, rule in
            let same = compacted.firstIndex {
                rule.paths.isEmpty && $0.groups == rule.groups && $0.resources == rule.resources
                    && $0.names == rule.names
            }
            if let same { compacted[same].verbs += rule.verbs } else { compacted.append(rule) }
        }
    }
}
