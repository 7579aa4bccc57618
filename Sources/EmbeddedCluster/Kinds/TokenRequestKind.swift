internal import KubernetesAPI
internal import OrderedJSON

extension Subresource {
    /// A token for a ServiceAccount.
    ///
    /// Source: Kubernetes API reference, authentication.k8s.io/v1 `TokenRequest`.
    static let token = Subresource(name: "token", kind: kind, type: Schema.type("TokenRequest")) {
        question, account, asker in
        let metadata = try account.metadataJSON()
        let seconds = question["spec"]?["expirationSeconds"]?.int ?? 3600
        try validate(seconds, question)
        let given = (question["spec"]?["audiences"]?.array ?? []).compactMap(\.string)
        let audiences = given.isEmpty ? [Authenticator.audience] : given
        let expires = Timestamp(seconds: asker.now.seconds + Int64(seconds))
        let uid = metadata["uid"]?.string ?? ""
        // A token for others is of no use here, so this cluster need not know it.
        let token =
            audiences.contains(Authenticator.audience)
            ? try await asker.authenticator.issueToken(
                namespace: account.key.namespace, name: account.key.name, uid: uid, expires: expires)
            : Authenticator.randomToken()
        return [
            "metadata": [
                "name": .string(account.key.name), "namespace": .string(account.key.namespace), "uid": .string(uid),
                "creationTimestamp": .string(asker.now.text),
            ],
            "spec": [
                "audiences": .array(audiences.map { .string($0) }), "expirationSeconds": .number(JSONNumber(seconds)),
                "boundObjectRef": .null,
            ],
            "status": ["token": .string(token), "expirationTimestamp": .string(expires.text)],
        ]
    }

    private static let kind = ResourceKind(
        group: "authentication.k8s.io", version: "v1", kind: "TokenRequest", resource: "serviceaccounts/token",
        scope: .namespaced)

    private static func validate(_ seconds: Int, _ question: JSON) throws {
        let field = "spec.expirationSeconds"
        let value = JSON.number(JSONNumber(seconds))
        var errors: [FieldError] = []
        if seconds < 600 { errors.append(.invalid(field, value, "may not specify a duration less than 10 minutes")) }
        if seconds > 1 << 32 {
            errors.append(.invalid(field, value, "may not specify a duration larger than 2^32 seconds"))
        }
        if question["spec"]?["boundObjectRef"]?.isNull == false {
            errors.append(.forbidden("spec.boundObjectRef", "this cluster binds tokens to ServiceAccounts only"))
        }
        if !errors.isEmpty { throw Status.invalid(kind, name: "", errors) }
    }
}
