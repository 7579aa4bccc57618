internal import KubernetesAPI
public import OrderedJSON

/// What closes a gap between the rights that are needed and those that are there.
public struct RoleRepair: Sendable {
    /// What must be applied, as `kubectl apply` takes it.
    public let objects: [JSON]
    /// What applying it does, for whoever reads the objects.
    public let explanation: String
}

/// Finds the least that gives an account what it lacks.
struct RoleRepairer: Sendable {
    let namespace: String
    /// Of the Role and its binding.
    let name: String
    /// What the Role should grant, in the shape in which it is written.
    let rules: [PolicyRule]
    /// Who gets it, as the subject of a binding; nil where that is not known.
    let subject: JSON?

    /// - Parameters:
    ///   - missing: what is denied.
    ///   - role: the Role of that name; nil where there is none.
    ///   - binding: the RoleBinding of that name.
    ///   - isReadable: whether they could be read.
    func repair(_ missing: [Access], role: JSON?, binding: JSON?, isReadable: Bool) -> RoleRepair {
        let isBindable = binding.map { $0["roleRef"] == SetupObject.roleReference(name) } ?? true
        // What is somebody else's, or cannot be seen, is left alone: rights add up.
        guard isReadable, isBindable else {
            let reason = isReadable ? "binds something else" : "cannot be read with these credentials"
            let added = "\(name)-added"
            return RoleRepair(
                objects: objects(added, adding(missing, to: []), binding: nil),
                explanation: "RoleBinding \(name) \(reason), so this adds Role \(added) beside it")
        }
        let current = role.map(PolicyRule.rules) ?? []
        let isBound = binding.map { isSubject(of: $0) } ?? false
        let merged = adding(missing, to: role == nil ? rules : current)
        let isChanged = role == nil || merged != current
        var objects = objects(name, merged, binding: binding)
        if !isChanged { objects.removeFirst() }
        if isBound { objects.removeLast() }
        if objects.isEmpty {
            return RoleRepair(
                objects: [],
                explanation:
                    "Role \(name) grants it and is bound to the account, and yet the cluster denies it: look for "
                    + "another authorizer, or wait for the cluster to take notice of a change")
        }
        let what = [
            role == nil ? "there is no Role \(name), and this creates it" : nil,
            role != nil && isChanged ? "this adds to Role \(name) what it lacks, and keeps what it has" : nil,
            isBound
                ? nil : binding == nil ? "it is bound to nobody, and this binds it" : "this binds it to the account",
        ]
        return RoleRepair(objects: objects, explanation: what.compactMap(\.self).joined(separator: "; "))
    }

    private func objects(_ name: String, _ rules: [PolicyRule], binding: JSON?) -> [JSON] {
        let role = SetupObject(.role(rules, namespace: namespace), name).json
        guard let subject else { return [role] }
        var bound: JSON = [
            "apiVersion": .string(ResourceKind.roleBinding.apiVersion), "kind": "RoleBinding",
            "metadata": ["name": .string(name), "namespace": .string(namespace)],
        ]
        bound["roleRef"] = SetupObject.roleReference(name)
        bound["subjects"] = .array((binding?["subjects"]?.array ?? []) + [subject])
        return [role, bound]
    }

    private func isSubject(of binding: JSON) -> Bool {
        guard let subject else { return true }
        let account = ServiceAccountReference(subject, in: namespace)
        return (binding["subjects"]?.array ?? []).contains { other in
            account.map { $0 == ServiceAccountReference(other, in: namespace) }
                ?? (other["kind"] == subject["kind"] && other["name"] == subject["name"])
        }
    }

    /// The verbs go into a rule for the same objects where there is one, else into one of their own.
    private func adding(_ missing: [Access], to current: [PolicyRule]) -> [PolicyRule] {
        var result = current
        for access in missing {
            let matching = rules.filter {
                $0.groups == [access.kind.group] && $0.resources == [access.resource] && $0.verbs.contains(access.verb)
            }
            let shapes =
                matching.isEmpty
                ? [PolicyRule(groups: [access.kind.group], resources: [access.resource], verbs: [])] : matching
            for shape in shapes where !Self.grants(result, access, shape) { Self.add(access.verb, shape, to: &result) }
        }
        return result
    }

    private static func grants(_ rules: [PolicyRule], _ access: Access, _ shape: PolicyRule) -> Bool {
        let grants = Grants(rules)
        return (shape.names.isEmpty ? [nil] : shape.names.map(Optional.some)).allSatisfy { name in
            grants.covers(Grant(group: access.kind.group, resource: access.resource, verb: access.verb, name: name))
        }
    }

    private static func add(_ verb: String, _ shape: PolicyRule, to rules: inout [PolicyRule]) {
        let same = rules.firstIndex {
            $0.groups == shape.groups && $0.resources == shape.resources && $0.names == shape.names
        }
        guard let same else {
            rules.append(
                PolicyRule(groups: shape.groups, resources: shape.resources, verbs: [verb], names: shape.names))
            return
        }
        let verbs = rules[same].verbs
        guard !verbs.contains(verb) else { return }
        rules[same].verbs = verbs == verbs.sorted() ? (verbs + [verb]).sorted() : verbs + [verb]
    }
}
