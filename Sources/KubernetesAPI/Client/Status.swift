public import OrderedJSON

/// A Kubernetes `Status` object: how the API says that a request failed, and why.
///
/// Source: Kubernetes API reference, meta/v1 `Status`.
public struct Status: Sendable, Hashable, Error {
    public struct Cause: Sendable, Hashable {
        public var reason: String
        public var message: String
        public var field: String?

        public init(reason: String, message: String, field: String? = nil) {
            self.reason = reason
            self.message = message
            self.field = field
        }
    }

    public struct Details: Sendable, Hashable {
        public var name: String?
        public var group: String?
        public var kind: String?
        public var uid: String?
        public var causes: [Cause]
        public var retryAfterSeconds: Int?

        public init(
            name: String? = nil, group: String? = nil, kind: String? = nil, uid: String? = nil, causes: [Cause] = [],
            retryAfterSeconds: Int? = nil
        ) {
            self.name = name
            self.group = group
            self.kind = kind
            self.uid = uid
            self.causes = causes
            self.retryAfterSeconds = retryAfterSeconds
        }
    }

    /// The HTTP status.
    public var code: Int
    /// A word that programs may rely on, such as `NotFound`; empty when the server gave none.
    public var reason: String
    public var message: String
    public var details: Details?

    public init(code: Int, reason: String, message: String, details: Details? = nil) {
        self.code = code
        self.reason = reason
        self.message = message
        self.details = details
    }
}

extension Status {
    /// - Parameter json: a body; nil is returned unless it is a `Status`.
    public init?(json: JSON) {
        guard json["kind"]?.string == "Status" else { return nil }
        self.init(
            code: json["code"]?.int ?? 0, reason: json["reason"]?.string ?? "", message: json["message"]?.string ?? "",
            details: json["details"].flatMap { $0.object == nil ? nil : Details(json: $0) })
    }

    /// The failure as the API writes it.
    public var json: JSON {
        var object: JSON = [
            "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Failure", "message": .string(message),
        ]
        if !reason.isEmpty { object["reason"] = .string(reason) }
        if let details { object["details"] = details.json }
        object["code"] = .number(JSONNumber(code))
        return object
    }
}

extension Status.Details {
    fileprivate init(json: JSON) {
        self.init(
            name: json["name"]?.string, group: json["group"]?.string, kind: json["kind"]?.string,
            uid: json["uid"]?.string,
            causes: (json["causes"]?.array ?? []).map {
                Status.Cause(
                    reason: $0["reason"]?.string ?? "", message: $0["message"]?.string ?? "",
                    field: $0["field"]?.string)
            },
            retryAfterSeconds: json["retryAfterSeconds"]?.int)
    }

    fileprivate var json: JSON {
        var object: JSON = [:]
        if let name { object["name"] = .string(name) }
        if let group, !group.isEmpty { object["group"] = .string(group) }
        if let kind { object["kind"] = .string(kind) }
        if let uid { object["uid"] = .string(uid) }
        if !causes.isEmpty {
            object["causes"] = .array(
                causes.map { cause in
                    var object: JSON = ["reason": .string(cause.reason), "message": .string(cause.message)]
                    if let field = cause.field { object["field"] = .string(field) }
                    return object
                })
        }
        if let retryAfterSeconds { object["retryAfterSeconds"] = .number(JSONNumber(retryAfterSeconds)) }
        return object
    }
}
