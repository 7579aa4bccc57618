internal import KubernetesAPI
internal import OrderedJSON

/// The failures that the API answers with, in its words.
///
/// Source: k8s.io/apimachinery/pkg/api/errors, and the recorded exchanges.
extension Status {
    static let unauthorized = Status(code: 401, reason: "Unauthorized", message: "Unauthorized")

    static func badRequest(_ message: String) -> Status { Status(code: 400, reason: "BadRequest", message: message) }

    static func notFound(_ kind: ResourceKind, _ name: String) -> Status {
        Status(
            code: 404, reason: "NotFound", message: "\(kind.qualifiedResource) \"\(name)\" not found",
            details: Details(name: name, group: kind.group, kind: kind.resource))
    }

    static func alreadyExists(_ kind: ResourceKind, _ name: String) -> Status {
        Status(
            code: 409, reason: "AlreadyExists", message: "\(kind.qualifiedResource) \"\(name)\" already exists",
            details: Details(name: name, group: kind.group, kind: kind.resource))
    }

    static func conflict(
        _ kind: ResourceKind, _ name: String,
        _ detail: String = "the object has been modified; please apply your changes to the latest version and try again"
    ) -> Status {
        Status(
            code: 409, reason: "Conflict",
            message: "Operation cannot be fulfilled on \(kind.qualifiedResource) \"\(name)\": \(detail)",
            details: Details(name: name, group: kind.group, kind: kind.resource))
    }

    /// A precondition of a deletion that does not hold, which Kubernetes tells of the kind rather than of the resource.
    static func preconditionFailed(_ kind: ResourceKind, _ name: String, _ detail: String) -> Status {
        let qualified = kind.group.isEmpty ? kind.kind : "\(kind.kind).\(kind.group)"
        return Status(
            code: 409, reason: "Conflict",
            message: "Operation cannot be fulfilled on \(qualified) \"\(name)\": \(detail)",
            details: Details(name: name, group: kind.group, kind: kind.kind))
    }

    static func forbidden(_ kind: ResourceKind, _ name: String, _ detail: String, causes: [Cause] = []) -> Status {
        forbidden(group: kind.group, resource: kind.resource, name: name, detail, causes: causes)
    }

    static func forbidden(
        group: String, resource: String, name: String, _ detail: String, causes: [Cause] = []
    ) -> Status {
        let qualified = group.isEmpty ? resource : "\(resource).\(group)"
        let subject = name.isEmpty ? qualified : "\(qualified) \"\(name)\""
        return Status(
            code: 403, reason: "Forbidden", message: "\(subject) is forbidden: \(detail)",
            details: Details(name: name.isEmpty ? nil : name, group: group, kind: resource, causes: causes))
    }

    static func forbidden(path: String, verb: String, user: String) -> Status {
        Status(
            code: 403, reason: "Forbidden", message: "forbidden: User \"\(user)\" cannot \(verb) path \"\(path)\"",
            details: Details())
    }

    static func methodNotSupported(_ kind: ResourceKind, _ verb: String) -> Status {
        Status(
            code: 405, reason: "MethodNotAllowed",
            message: "\(verb) is not supported on resources of kind \"\(kind.qualifiedResource)\"",
            details: Details(group: kind.group, kind: kind.resource))
    }

    static let methodNotAllowed = Status(
        code: 405, reason: "MethodNotAllowed",
        message: "the server does not allow this method on the requested resource",
        details: Details())

    /// What a patch is answered with that does not apply, whatever the reason.
    static let unprocessable = Status(
        code: 422, reason: "Invalid", message: "the server rejected our request due to an error in our request",
        details: Details())

    /// A path below a version of a group that is served.
    static let unknownResource = Status(
        code: 404, reason: "NotFound", message: "the server could not find the requested resource", details: Details())

    static let bodyTooLarge = Status(
        code: 413, reason: "RequestEntityTooLarge",
        message: "Request entity too large: limit is \(RequestBodyLimit.bytes)")

    static func timeout(_ message: String) -> Status {
        Status(code: 504, reason: "Timeout", message: "Timeout: \(message)", details: Details())
    }

    static let unsupportedMediaType = unsupportedMediaType([
        "application/json", "application/yaml", "application/vnd.kubernetes.protobuf",
    ])

    static func unsupportedMediaType(_ accepted: [String]) -> Status {
        Status(
            code: 415, reason: "UnsupportedMediaType",
            message: "the body of the request was in an unknown format - accepted media types include: "
                + accepted.joined(separator: ", "))
    }

    static let internalError = Status(
        code: 500, reason: "InternalError", message: "Internal error occurred: see the log of the cluster",
        details: Details(causes: [Cause(reason: "", message: "see the log of the cluster")]))

    static let storeFull = Status(
        code: 500, reason: "InternalError",
        message: "the disk that the cluster's store lies on is full; nothing was written",
        details: Details())

    /// What a watch is told that begins before what is kept, or was too slow.
    static func expired(_ revision: Int64, oldest: Int64) -> Status {
        Status(code: 410, reason: "Expired", message: "too old resource version: \(revision) (\(oldest))")
    }

    static let storeDamaged = Status(
        code: 500, reason: "InternalError",
        message: "the cluster's store is damaged; stop the cluster and put a copy of it back", details: Details())

    init(_ failure: ListFailure) {
        switch failure {
        case .compacted:
            self.init(
                code: 410, reason: "Expired",
                message: "The provided continue parameter is too old to display a consistent list result. "
                    + "You must start a new list without the continue parameter.")
        case .future(let revision, let current):
            self.init(
                code: 504, reason: "Timeout",
                message: "Timeout: Too large resource version: \(revision), current: \(current)",
                details: Details(
                    causes: [Cause(reason: "ResourceVersionTooLarge", message: "Too large resource version")],
                    retryAfterSeconds: 1))
        }
    }

    /// What a deletion is answered with.
    static func deleted(_ kind: ResourceKind, name: String, uid: String) -> JSON {
        var details: JSON = ["name": .string(name)]
        if !kind.group.isEmpty { details["group"] = .string(kind.group) }
        details["kind"] = .string(kind.resource)
        details["uid"] = .string(uid)
        return ["kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success", "details": details]
    }
}
