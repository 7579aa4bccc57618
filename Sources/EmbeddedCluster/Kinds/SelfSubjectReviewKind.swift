internal import KubernetesAPI
internal import OrderedJSON

extension ServedKind {
    /// Who is asking?
    ///
    /// Source: Kubernetes API reference, authentication.k8s.io/v1 `SelfSubjectReview`.
    static let selfSubjectReview = ServedKind.asked(
        AskedKind(
            kind: ResourceKind(
                group: "authentication.k8s.io", version: "v1", kind: "SelfSubjectReview",
                resource: "selfsubjectreviews",
                scope: .cluster),
            type: Schema.type("SelfSubjectReview")
        ) { _, asker in
            var user: JSON = ["username": .string(asker.user.name)]
            if let uid = asker.user.uid { user["uid"] = .string(uid) }
            user["groups"] = .array(asker.user.groups.map { .string($0) })
            if let credential = asker.user.credential {
                user["extra"] = ["authentication.kubernetes.io/credential-id": [.string(credential)]]
            }
            return ["metadata": ["creationTimestamp": .string(asker.now.text)], "status": ["userInfo": user]]
        })
}
