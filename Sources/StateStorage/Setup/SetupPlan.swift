internal import KubernetesAPI
internal import OrderedJSON

/// What must be done to one object so that it is as it shall be. Knows no cluster.
enum SetupPlan: Equatable {
    case create(JSON)
    /// The object as the cluster has it, with what must be different.
    case update(JSON, differences: [String])
    /// What differs cannot be changed.
    case recreate(old: JSON, new: JSON, differences: [String])
    case leave
    /// It grants something else than what was asked for; says what would change.
    case refuse([String])

    /// - Parameters:
    ///   - current: nil where there is none of that name.
    ///   - replaces: whether a Role may come to grant something else, and a binding to bind another Role.
    init(_ object: SetupObject, current: JSON?, replaces: Bool) {
        guard let current else {
            self = .create(object.json)
            return
        }
        switch object.content {
        case .namespace, .serviceAccount: self = .leave
        case .role(let rules, _): self = Self.role(rules, current, replaces)
        case .binding(let account, let namespace):
            self = Self.binding(object, account, namespace, current, replaces)
        }
    }

    /// What is new about an object that is to be created, a line each.
    static func novelties(of object: SetupObject) -> [String] {
        switch object.content {
        case .namespace, .serviceAccount: []
        case .role(let rules, _): Grants(rules).lines.map { "+ \($0)" }
        case .binding(let account, _): ["+ ServiceAccount \(account)"]
        }
    }

    private static func role(_ rules: [PolicyRule], _ current: JSON, _ replaces: Bool) -> SetupPlan {
        let (wanted, there) = (Grants(rules), Grants(PolicyRule.rules(of: current)))
        let differences =
            wanted.subtracting(there).lines.map { "+ \($0)" } + there.subtracting(wanted).lines.map { "- \($0)" }
        if differences.isEmpty { return .leave }
        guard replaces else { return .refuse(differences) }
        var object = current
        object["rules"] = .array(rules.map(\.json))
        return .update(object, differences: differences)
    }

    private static func binding(
        _ wanted: SetupObject, _ account: ServiceAccountReference, _ namespace: String, _ current: JSON,
        _ replaces: Bool
    ) -> SetupPlan {
        let subjects = current["subjects"]?.array ?? []
        guard current["roleRef"] == SetupObject.roleReference(wanted.name) else {
            let reference = current["roleRef"]
            let kind = reference?["kind"]?.string ?? "Role"
            // Whoever else was bound is not given rights that nobody asked for them.
            let differences =
                ["+ Role \(wanted.name)", "- \(kind) \(reference?["name"]?.string ?? "")"]
                + subjects.filter { account != ServiceAccountReference($0, in: namespace) }
                .map { "- \($0["kind"]?.string ?? "") \(subjectName($0, in: namespace))" }
            return replaces ? .recreate(old: current, new: wanted.json, differences: differences) : .refuse(differences)
        }
        if subjects.contains(where: { account == ServiceAccountReference($0, in: namespace) }) { return .leave }
        var object = current
        object["subjects"] = .array(subjects + [SetupObject.subject(account, in: namespace)])
        return .update(object, differences: ["+ ServiceAccount \(account)"])
    }

    private static func subjectName(_ subject: JSON, in namespace: String) -> String {
        ServiceAccountReference(subject, in: namespace)?.description ?? subject["name"]?.string ?? ""
    }
}

extension ServiceAccountReference {
    /// - Parameters:
    ///   - subject: of a binding; nil is returned for a user or a group.
    ///   - namespace: of the binding, which is the subject's where it names none.
    init?(_ subject: JSON, in namespace: String) {
        guard subject["kind"]?.string == "ServiceAccount", let name = subject["name"]?.string else { return nil }
        let given = subject["namespace"]?.string ?? ""
        self.init(namespace: given.isEmpty ? namespace : given, name: name)
    }
}
