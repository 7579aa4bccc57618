/// Who asks.
struct User: Sendable, Hashable {
    let name: String
    var uid: String?
    let groups: [String]
    /// What else is known of them, such as which token they came with.
    var extra: [String: [String]] = [:]

    static let mastersGroup = "system:masters"
    static let authenticatedGroup = "system:authenticated"
    static let unauthenticatedGroup = "system:unauthenticated"
    static let serviceAccountsGroup = "system:serviceaccounts"

    static let anonymous = User(name: "system:anonymous", groups: [unauthenticatedGroup])
    static let administrator = User(name: "kubernetes-admin", groups: [mastersGroup, authenticatedGroup])

    static func serviceAccount(
        namespace: String, name: String, uid: String? = nil, extra: [String: [String]] = [:]
    ) -> User {
        User(
            name: "system:serviceaccount:\(namespace):\(name)", uid: uid,
            groups: serviceAccountGroups(namespace) + [authenticatedGroup], extra: extra)
    }

    static func serviceAccountGroups(_ namespace: String) -> [String] {
        [serviceAccountsGroup, "\(serviceAccountsGroup):\(namespace)"]
    }

    /// The ServiceAccount that a user name stands for; nil for any other user.
    static func serviceAccount(named name: String) -> (namespace: String, name: String)? {
        let parts = name.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 4, parts[0] == "system", parts[1] == "serviceaccount",
            NameRule.label.problems(parts[2]).isEmpty, NameRule.subdomain.problems(parts[3]).isEmpty
        else { return nil }
        return (parts[2], parts[3])
    }

    var isMaster: Bool { groups.contains(Self.mastersGroup) }
}
