internal import KubernetesAPI
internal import OrderedJSON

/// A RoleBinding or ClusterRoleBinding with the rules of the role that it refers to.
struct Binding: Sendable {
    let name: String
    /// Empty for a ClusterRoleBinding.
    let namespace: String
    let roleKind: String
    let roleName: String
    let subjects: [Subject]
    /// nil where there is no such role.
    let rules: [PolicyRule]?

    struct Subject: Sendable, Hashable {
        let kind: String
        let name: String
        let namespace: String
        /// The name of the user that a ServiceAccount is.
        private let userName: String

        init(_ subject: JSON, in bindingNamespace: String) {
            kind = subject["kind"]?.string ?? ""
            name = subject["name"]?.string ?? ""
            let own = subject["namespace"]?.string ?? ""
            namespace = own.isEmpty ? bindingNamespace : own
            userName = namespace.isEmpty ? "" : "system:serviceaccount:\(namespace):\(name)"
        }

        func matches(_ user: User) -> Bool {
            switch kind {
            case "User": name == user.name
            case "Group": user.groups.contains(name)
            case "ServiceAccount": !userName.isEmpty && userName == user.name
            default: false
            }
        }

        var text: String { kind == "ServiceAccount" ? "\(kind) \"\(name)/\(namespace)\"" : "\(kind) \"\(name)\"" }
    }

    init(_ binding: JSON, rules: (_ kind: String, _ name: String) -> [PolicyRule]?) {
        name = binding.objectName ?? ""
        let namespace = binding.objectNamespace ?? ""
        self.namespace = namespace
        roleKind = binding["roleRef"]?["kind"]?.string ?? ""
        roleName = binding["roleRef"]?["name"]?.string ?? ""
        subjects = (binding["subjects"]?.array ?? []).map { Subject($0, in: namespace) }
        self.rules = rules(roleKind, roleName)
    }

    func subject(for user: User) -> Subject? { subjects.first { $0.matches(user) } }

    /// Why whoever it binds may do something.
    func reason(_ subject: Subject) -> String {
        let own = namespace.isEmpty ? "ClusterRoleBinding \"\(name)\"" : "RoleBinding \"\(name)/\(namespace)\""
        return "RBAC: allowed by \(own) of \(roleKind) \"\(roleName)\" to \(subject.text)"
    }

    /// Why it grants nothing.
    var missingRole: String { "\(roleKind.lowercased()).\(ResourceKind.role.group) \"\(roleName)\" not found" }
}
