public import OrderedJSON

/// A Kubernetes `Status` object: how the API says that a request failed, and why.
///
/// Source: Kubernetes API reference, meta/v1 `Status`.
public struct Status: Sendable, Hashable, Error {
    /// One of several reasons, mostly a field that is wrong.
    public struct Cause: Sendable, Hashable {
        /// A word that programs may rely on, such as `FieldValueInvalid`.
        public var reason: String
        /// The reason in words, for people.
        public var message: String
        /// The path of the field that is at fault, such as `spec.x[0]`.
        public var field: String?

        public init(reason: String, message: String, field: String? = nil) {
            self.reason = reason
            self.message = message
            self.field = field
        }
    }

    /// What the failure is about.
    public struct Details: Sendable, Hashable {
        /// The object's name.
        public var name: String?
        /// The API group of the kind; nil for the core group.
        public var group: String?
        /// The kind, or the resource's plural name: servers use either.
        public var kind: String?
        /// The object's UID.
        public var uid: String?
        /// Every reason; empty where there is but one, which the message gives.
        public var causes: [Cause]
        /// How long to wait before the next attempt, in seconds.
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
    /// What happened in words, for people.
    public var message: String
    /// What it is about, where the server says so.
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
