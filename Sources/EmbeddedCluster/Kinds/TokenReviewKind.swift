internal import KubernetesAPI
internal import OrderedJSON

extension ServedKind {
    /// Whose token is that?
    ///
    /// Source: Kubernetes API reference, authentication.k8s.io/v1 `TokenReview`;
    /// k8s.io/kubernetes/pkg/registry/authentication/tokenreview.
    static let tokenReview = ServedKind.asked(
        AskedKind(kind: .tokenReview, type: Schema.type("TokenReview")) { question, asker in
            let token = question["spec"]?["token"]?.string ?? ""
            guard !token.isEmpty else {
                throw Status.badRequest("token is required for TokenReview in authentication")
            }
            let given = (question["spec"]?["audiences"]?.array ?? []).compactMap(\.string)
            let audiences = given.isEmpty ? [Authenticator.audience] : given
            let status: JSON =
                switch try await asker.authenticator.find(token: token, for: audiences) {
                case .user(let user, let audiences):
                    [
                        "authenticated": true, "user": user.info,
                        "audiences": .array(audiences.map { .string($0) }),
                    ]
                case .refused(let reason): ["user": [:], "error": .string(reason)]
                }
            return ["metadata": question["metadata"] ?? [:], "spec": question["spec"] ?? [:], "status": status]
        })
}
