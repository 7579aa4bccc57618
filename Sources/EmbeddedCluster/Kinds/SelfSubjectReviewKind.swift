internal import KubernetesAPI
internal import OrderedJSON

extension ServedKind {
    /// Who is asking?
    ///
    /// Source: Kubernetes API reference, authentication.k8s.io/v1 `SelfSubjectReview`.
    static let selfSubjectReview = ServedKind.asked(
        AskedKind(
            kind: .selfSubjectReview,
            type: Schema.type("SelfSubjectReview")
        ) { _, asker in
            [
                "metadata": ["creationTimestamp": .string(asker.now.text)],
                "status": ["userInfo": asker.user.info],
            ]
        })
}

extension User {
    /// The user as authentication.k8s.io/v1 `UserInfo`.
    var info: JSON {
        func list(_ strings: [String]) -> JSON { .array(strings.map { .string($0) }) }
        var info: JSON = [:]
        if !name.isEmpty { info["username"] = .string(name) }
        if let uid, !uid.isEmpty { info["uid"] = .string(uid) }
        if !groups.isEmpty { info["groups"] = list(groups) }
        if !extra.isEmpty {
            info["extra"] = .object(JSONObject(extra.sorted { $0.key < $1.key }.map { ($0.key, list($0.value)) }))
        }
        return info
    }
}
