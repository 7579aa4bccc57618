internal import HTTPTypes
internal import KubernetesAPI

extension ClusterAPI {
    /// Who asks: the holder of the token, or whom the administrator asks for.
    func user(of request: ServerRequest) async throws -> User {
        let user = try await authenticator.user(authorization: request.headers[.authorization])
        let asked = request.headers.filter { $0.name.canonicalName.hasPrefix("impersonate-") }
        guard !asked.isEmpty else { return user }
        func values(_ name: String) -> [String] { asked.filter { $0.name.canonicalName == name }.map(\.value) }
        guard user.isMaster else { throw refusal(user, request) }
        guard let name = values("impersonate-user").first else {
            throw Status(
                code: 500, reason: "InternalError",
                message: "Internal error occurred: requested impersonation without impersonating a user")
        }
        return .named(name, groups: values("impersonate-group"))
    }

    private func refusal(_ user: User, _ request: ServerRequest) -> Status {
        let verb = "impersonate-on:user-info:\(request.verb)"
        switch request.access {
        case .path(let path, _): return .forbidden(path: path, verb: verb, user: user.name)
        case .resource(var access):
            access.verb = verb
            return .forbidden(
                group: access.group, resource: access.resource, name: access.name, access.denial(to: user))
        }
    }
}
