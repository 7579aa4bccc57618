internal import KubernetesAPI
internal import OrderedJSON

extension ServedKind {
    /// What may whoever asks do in a namespace?
    ///
    /// Source: Kubernetes API reference, authorization.k8s.io/v1 `SelfSubjectRulesReview`.
    static let selfSubjectRulesReview = ServedKind.asked(
        AskedKind(
            kind: .selfSubjectRulesReview, type: Schema.type("SelfSubjectRulesReview"), repeatsQuestion: false
        ) { question, asker in
            guard let namespace = question["spec"]?["namespace"]?.string, !namespace.isEmpty else {
                throw Status.badRequest("no namespace on request")
            }
            let rules = try await asker.authorizer.rules(of: asker.user, in: namespace)
            return [
                "metadata": [:], "spec": [:],
                "status": [
                    "resourceRules": .array(rules.filter { !$0.resources.isEmpty }.map(\.json)),
                    "nonResourceRules": .array(rules.filter { !$0.paths.isEmpty }.map(\.json)), "incomplete": false,
                ],
            ]
        })
}
