/// Who asks.
struct User: Sendable, Hashable {
    let name: String
    var uid: String?
    let groups: [String]
    /// Names the token, for `SelfSubjectReview`.
    var credential: String?

    static let mastersGroup = "system:masters"
    static let authenticatedGroup = "system:authenticated"

    static let anonymous = User(name: "system:anonymous", groups: ["system:unauthenticated"])
    static let administrator = User(name: "kubernetes-admin", groups: [mastersGroup, authenticatedGroup])

    static func serviceAccount(namespace: String, name: String, uid: String? = nil, credential: String? = nil) -> User {
        User(
            name: "system:serviceaccount:\(namespace):\(name)", uid: uid,
            groups: ["system:serviceaccounts", "system:serviceaccounts:\(namespace)", authenticatedGroup],
            credential: credential)
    }

    /// A name with the groups that come with it.
    static func named(_ name: String, groups: [String]) -> User {
        let parts = name.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        if groups.isEmpty, parts.count == 4, parts[0] == "system", parts[1] == "serviceaccount" {
            return .serviceAccount(namespace: parts[2], name: parts[3])
        }
        return User(name: name, groups: name == anonymous.name ? anonymous.groups : groups + [authenticatedGroup])
    }

    var isMaster: Bool { groups.contains(Self.mastersGroup) }
}
