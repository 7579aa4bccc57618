/// What somebody wants to do, as the authorizer sees it.
enum AccessRequest: Sendable, Hashable {
    case resource(ResourceAccess)
    case path(String, verb: String)
}

struct ResourceAccess: Sendable, Hashable {
    var verb: String
    var group: String
    var resource: String
    var subresource = ""
    var namespace = ""
    var name = ""

    /// `serviceaccounts/token`, as Roles write it.
    var fullResource: String { subresource.isEmpty ? resource : "\(resource)/\(subresource)" }

    /// What is told to somebody who may not.
    func denial(to user: User) -> String {
        let scope = namespace.isEmpty ? "at the cluster scope" : "in the namespace \"\(namespace)\""
        return "User \"\(user.name)\" cannot \(verb) resource \"\(fullResource)\" in API group \"\(group)\" \(scope)"
    }
}
