internal import KubernetesAPI
internal import OrderedJSON

/// What the access reviews have in common: what they ask about, and how they are answered.
///
/// Source: k8s.io/kubernetes/pkg/apis/authorization/validation.
enum AccessReviewFields {
    static func errors(_ review: JSON) -> [FieldError] {
        let (resource, path) = (review["spec"]?["resourceAttributes"], review["spec"]?["nonResourceAttributes"])
        if resource != nil, let path {
            let detail = "cannot be specified in combination with resourceAttributes"
            return [.invalid("spec.nonResourceAttributes", shown(path), detail)]
        }
        if resource == nil, path == nil {
            let detail = "exactly one of nonResourceAttributes or resourceAttributes must be specified"
            return [.invalid("spec.resourceAttributes", .null, detail)]
        }
        return []
    }

    /// The attributes of a path, under the names that Kubernetes shows them with.
    static func shown(_ path: JSON) -> JSON { ["Path": path["path"] ?? "", "Verb": path["verb"] ?? ""] }

    /// A review is a question, and has no metadata of its own.
    static func metadataErrors(_ review: JSON, but allowed: Set<String> = []) -> [FieldError] {
        let metadata = review["metadata"] ?? [:]
        let given = Set(metadata.object?.keys.map { $0 } ?? []).subtracting(allowed).subtracting(["managedFields"])
        guard !given.isEmpty else { return [] }
        return [
            .invalid("metadata", metadata, allowed.isEmpty ? "must be empty" : "must be empty except for namespace")
        ]
    }

    static func request(_ review: JSON) -> AccessRequest {
        guard let resource = review["spec"]?["resourceAttributes"] else {
            let path = review["spec"]?["nonResourceAttributes"]
            return .path(path?["path"]?.string ?? "", verb: path?["verb"]?.string ?? "")
        }
        func text(_ key: String) -> String { resource[key]?.string ?? "" }
        return .resource(
            ResourceAccess(
                verb: text("verb"), group: text("group"), resource: text("resource"),
                subresource: text("subresource"), namespace: text("namespace"), name: text("name")))
    }

    /// The review with its answer.
    static func answer(_ review: JSON, _ decision: Authorizer.Decision) -> JSON {
        var status: JSON = ["allowed": .bool(decision.isAllowed)]
        if !decision.reason.isEmpty { status["reason"] = .string(decision.reason) }
        return ["metadata": review["metadata"] ?? [:], "spec": review["spec"] ?? [:], "status": status]
    }

    /// The user that a SubjectAccessReview asks about.
    static func user(_ review: JSON) -> User {
        let spec = review["spec"] ?? [:]
        func strings(_ list: JSON?) -> [String] { (list?.array ?? []).compactMap(\.string) }
        let extra = (spec["extra"]?.object ?? [:]).map { ($0.key, strings($0.value)) }
        return User(
            name: spec["user"]?.string ?? "", uid: spec["uid"]?.string, groups: strings(spec["groups"]),
            extra: Dictionary(extra, uniquingKeysWith: { $1 }))
    }

    static func userErrors(_ review: JSON) -> [FieldError] {
        let user = user(review)
        guard user.name.isEmpty, user.groups.isEmpty else { return [] }
        return [.invalid("spec.user", "", "at least one of user or group must be specified")]
    }
}
