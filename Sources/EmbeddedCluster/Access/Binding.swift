internal import KubernetesAPI
internal import OrderedJSON

/// A RoleBinding with the rules of the Role that it refers to.
struct Binding: Sendable {
    let name: String
    let namespace: String
    let roleKind: String
    let roleName: String
    let subjects: [Subject]
    /// Empty where there is no such Role.
    let rules: [PolicyRule]

    struct Subject: Sendable, Hashable {
        let kind: String
        let name: String
        let namespace: String

        func matches(_ user: User) -> Bool {
            switch kind {
            case "User": name == user.name
            case "Group": user.groups.contains(name)
            case "ServiceAccount": "system:serviceaccount:\(namespace):\(name)" == user.name
            default: false
            }
        }

        var text: String { kind == "ServiceAccount" ? "\(kind) \"\(name)/\(namespace)\"" : "\(kind) \"\(name)\"" }
    }

    init(_ binding: JSON, rules: (_ kind: String, _ name: String) -> [PolicyRule]) {
        name = binding.objectName ?? ""
        let namespace = binding.objectNamespace ?? ""
        self.namespace = namespace
        roleKind = binding["roleRef"]?["kind"]?.string ?? ""
        roleName = binding["roleRef"]?["name"]?.string ?? ""
        subjects = (binding["subjects"]?.array ?? []).map { subject in
            let own = subject["namespace"]?.string ?? ""
            return Subject(
                kind: subject["kind"]?.string ?? "", name: subject["name"]?.string ?? "",
                namespace: own.isEmpty ? namespace : own)
        }
        self.rules = rules(roleKind, roleName)
    }

    /// Why whoever it binds may do something.
    func reason(_ subject: Subject) -> String {
        "RBAC: allowed by RoleBinding \"\(name)/\(namespace)\" of \(roleKind) \"\(roleName)\" to \(subject.text)"
    }
}
