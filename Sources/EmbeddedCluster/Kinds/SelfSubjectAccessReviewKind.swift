internal import KubernetesAPI
internal import OrderedJSON

extension ServedKind {
    /// May whoever asks do that?
    ///
    /// Source: Kubernetes API reference, authorization.k8s.io/v1 `SelfSubjectAccessReview`.
    static let selfSubjectAccessReview = ServedKind.asked(
        AskedKind(kind: .selfSubjectAccessReview, type: Schema.type("SelfSubjectAccessReview")) { question, asker in
            var answer: JSON = ["metadata": [:], "spec": question["spec"] ?? [:]]
            switch try await asker.authorizer.decide(asker.user, try request(question)) {
            case .denied: answer["status"] = ["allowed": false]
            case .allowed(""): answer["status"] = ["allowed": true]
            case .allowed(let reason): answer["status"] = ["allowed": true, "reason": .string(reason)]
            }
            return answer
        })

    private static func request(_ question: JSON) throws -> AccessRequest {
        let (resource, path) = (question["spec"]?["resourceAttributes"], question["spec"]?["nonResourceAttributes"])
        switch (resource, path) {
        case (let resource?, nil):
            func text(_ key: String) -> String { resource[key]?.string ?? "" }
            return .resource(
                ResourceAccess(
                    verb: text("verb"), group: text("group"), resource: text("resource"),
                    subresource: text("subresource"), namespace: text("namespace"), name: text("name")))
        case (nil, let path?):
            return .path(path["path"]?.string ?? "", verb: path["verb"]?.string ?? "")
        default:
            let isBoth = resource != nil
            let field = isBoth ? "spec.nonResourceAttributes" : "spec.resourceAttributes"
            let detail =
                isBoth
                ? "cannot be specified in combination with resourceAttributes"
                : "exactly one of nonResourceAttributes or resourceAttributes must be specified"
            throw Status.invalid(.selfSubjectAccessReview, name: "", [.invalid(field, path ?? .null, detail)])
        }
    }
}
