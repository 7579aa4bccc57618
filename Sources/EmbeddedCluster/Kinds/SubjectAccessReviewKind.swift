internal import KubernetesAPI
internal import OrderedJSON

extension ServedKind {
    /// May somebody do that?
    ///
    /// Source: Kubernetes API reference, authorization.k8s.io/v1 `SubjectAccessReview`.
    static let subjectAccessReview = ServedKind.asked(
        AskedKind(kind: .subjectAccessReview, type: Schema.type("SubjectAccessReview")) { question, asker in
            let errors =
                AccessReviewFields.errors(question) + AccessReviewFields.userErrors(question)
                + AccessReviewFields.metadataErrors(question)
            guard errors.isEmpty else { throw Status.invalid(.subjectAccessReview, name: "", errors) }
            return try await answer(question, asker)
        })

    /// May somebody do that in this namespace?
    ///
    /// Source: Kubernetes API reference, authorization.k8s.io/v1 `LocalSubjectAccessReview`.
    static let localSubjectAccessReview = ServedKind.asked(
        AskedKind(kind: .localSubjectAccessReview, type: Schema.type("LocalSubjectAccessReview")) { question, asker in
            let errors =
                AccessReviewFields.errors(question) + AccessReviewFields.userErrors(question)
                + AccessReviewFields.metadataErrors(question, but: ["namespace"]) + placeErrors(question)
            guard errors.isEmpty else { throw Status.invalid(.localSubjectAccessReview, name: "", errors) }
            return try await answer(question, asker)
        })

    private static func placeErrors(_ question: JSON) -> [FieldError] {
        var errors: [FieldError] = []
        if let resource = question["spec"]?["resourceAttributes"] {
            let namespace = resource["namespace"]?.string ?? ""
            if namespace != question.objectNamespace ?? "" {
                errors.append(
                    .invalid("spec.resourceAttributes.namespace", .string(namespace), "must match metadata.namespace"))
            }
        }
        if let path = question["spec"]?["nonResourceAttributes"] {
            errors.append(
                .invalid(
                    "spec.nonResourceAttributes", AccessReviewFields.shown(path),
                    "disallowed on this kind of request"))
        }
        return errors
    }

    private static func answer(_ question: JSON, _ asker: Asker) async throws -> JSON {
        let decision = try await asker.authorizer.decide(
            AccessReviewFields.user(question), AccessReviewFields.request(question))
        return AccessReviewFields.answer(question, decision)
    }
}
