internal import KubernetesAPI
internal import OrderedJSON

extension ServedKind {
    /// May whoever asks do that?
    ///
    /// Source: Kubernetes API reference, authorization.k8s.io/v1 `SelfSubjectAccessReview`.
    static let selfSubjectAccessReview = ServedKind.asked(
        AskedKind(kind: .selfSubjectAccessReview, type: Schema.type("SelfSubjectAccessReview")) { question, asker in
            let errors = AccessReviewFields.errors(question) + AccessReviewFields.metadataErrors(question)
            guard errors.isEmpty else { throw Status.invalid(.selfSubjectAccessReview, name: "", errors) }
            let decision = try await asker.authorizer.decide(asker.user, AccessReviewFields.request(question))
            return AccessReviewFields.answer(question, decision)
        })
}
