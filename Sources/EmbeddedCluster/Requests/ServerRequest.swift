internal import HTTPTypes
internal import Hummingbird
internal import KubernetesAPI

/// A request, taken apart.
struct ServerRequest: Sendable {
    let method: HTTPRequest.Method
    /// Without the query, undecoded.
    let path: String
    let query: QueryParameters
    let headers: HTTPFields
    /// The host and port that the client believes to talk to.
    let authority: String?
    let body: RequestBody
    /// nil for paths that are not about resources.
    let resource: ResourcePath?
    /// Why the target cannot be understood.
    let problem: Status?

    init(_ request: Request) {
        method = request.method
        headers = request.headers
        authority = request.head.authority
        body = request.body
        let target = Self.originForm(of: request.head.path ?? "/")
        let path = target.prefix { $0 != "?" }
        self.path = String(path)
        query = QueryParameters(String(target.dropFirst(path.count + 1)))
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map { percentDecoded($0) }
        let decoded = parts.compactMap(\.self)
        resource = decoded.count == parts.count ? ResourcePath(decoded) : nil
        problem =
            if decoded.count < parts.count {
                .badRequest("the path of the request has an escape that is none, or is not UTF-8")
            } else if query.hasNUL || decoded.contains(where: { $0.utf8.contains(0) }) {
                // No name has one, and what cannot be looked up must not be cut off there.
                .badRequest("the path and the query of a request may not contain NUL bytes")
            } else {
                nil
            }
    }

    /// `/path?query`, also where the client names the server before it (RFC 9112, 3.2.2).
    private static func originForm(of target: String) -> Substring {
        guard !target.hasPrefix("/"), let scheme = target.firstRange(of: "://") else { return target[...] }
        let rest = target[scheme.upperBound...]
        return rest.firstIndex { $0 == "/" || $0 == "?" }.map { rest[$0...] } ?? "/"
    }

    /// The verb as Roles name it.
    var verb: String {
        guard let resource else { return method.rawValue.lowercased() }
        switch method {
        case .get, .head:
            guard resource.name.isEmpty else { return "get" }
            return query.isTrue("watch") ? "watch" : "list"
        case .post: return "create"
        case .put: return "update"
        case .patch: return "patch"
        case .delete: return resource.name.isEmpty ? "deletecollection" : "delete"
        default: return method.rawValue.lowercased()
        }
    }

    /// The one name that a list is about, which Roles may grant by name.
    private var fieldSelectedName: String? {
        query["fieldSelector"].flatMap { try? FieldSelector(parsing: $0, known: nil) }?.name
    }

    var access: AccessRequest {
        guard let resource else { return .path(path, verb: verb) }
        let isCollection = resource.name.isEmpty && (method == .get || method == .head)
        return .resource(
            ResourceAccess(
                verb: verb, group: resource.group, resource: resource.resource, subresource: resource.subresource,
                namespace: resource.namespace, name: isCollection ? fieldSelectedName ?? "" : resource.name))
    }

    /// Whether only checks are made, and nothing is written.
    ///
    /// - Throws: 422 for a value that is none.
    func isDryRun(_ options: String) throws -> Bool {
        guard let value = query["dryRun"] else { return false }
        guard value == "All" else { throw DryRun.unsupported(value, options) }
        return true
    }
}
