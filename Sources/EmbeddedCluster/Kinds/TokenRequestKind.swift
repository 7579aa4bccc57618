internal import KubernetesAPI
internal import OrderedJSON

extension Subresource {
    /// A token for a ServiceAccount.
    ///
    /// Source: Kubernetes API reference, authentication.k8s.io/v1 `TokenRequest`;
    /// k8s.io/kubernetes/pkg/registry/core/serviceaccount/storage/token.go.
    static let token = Subresource(name: "token", kind: kind, type: Schema.type("TokenRequest")) {
        question, account, asker in
        let request = TokenRequest(question, account)
        let uid = try account.metadataJSON()["uid"]?.string ?? ""
        try request.validate()
        let bound = try await request.boundObject(asker)
        let expires = Timestamp(seconds: asker.now.seconds + Int64(request.seconds))
        // A trial answers without a token: one that is not kept would be good for nothing.
        let token =
            asker.isDryRun
            ? ""
            : try await asker.authenticator.issueToken(
                namespace: account.key.namespace, name: account.key.name, uid: uid, expires: expires,
                audiences: request.audiences, bound: bound)
        return [
            "metadata": [
                "name": .string(account.key.name), "namespace": .string(account.key.namespace), "uid": .string(uid),
                "creationTimestamp": .string(asker.now.text),
            ],
            "spec": [
                "audiences": .array(request.audiences.map { .string($0) }),
                "expirationSeconds": .number(JSONNumber(request.seconds)),
                "boundObjectRef": question["spec"]?["boundObjectRef"] ?? .null,
            ],
            "status": ["token": .string(token), "expirationTimestamp": .string(expires.text)],
        ]
    }

    fileprivate static let kind = ResourceKind(
        group: "authentication.k8s.io", version: "v1", kind: "TokenRequest", resource: "serviceaccounts/token",
        scope: .namespaced)
}

/// What somebody wants a token to be like.
private struct TokenRequest {
    let account: ObjectKey
    let metadata: JSON
    let seconds: Int
    let audiences: [String]
    let reference: JSON?

    private static let defaultSeconds = 3600

    init(_ question: JSON, _ account: StoredObject) {
        self.account = account.key
        metadata = question["metadata"] ?? [:]
        let spec = question["spec"] ?? [:]
        seconds = spec["expirationSeconds"]?.int ?? Self.defaultSeconds
        let given = (spec["audiences"]?.array ?? []).compactMap(\.string)
        audiences = given.isEmpty ? [Authenticator.audience] : given
        let reference = spec["boundObjectRef"] ?? .null
        self.reference = reference.isNull ? JSON?.none : reference
    }

    /// - Throws: 422.
    func validate() throws {
        for (field, actual) in [("name", account.name), ("namespace", account.namespace)] {
            guard let given = metadata[field]?.string, given != actual else { continue }
            let detail = "must match the service account \(field) if specified"
            throw Status.invalid(
                Subresource.kind, name: account.name, [.invalid("metadata.\(field)", .string(given), detail)])
        }
        let (field, value) = ("spec.expirationSeconds", JSON.number(JSONNumber(seconds)))
        var errors: [FieldError] = []
        if seconds < 600 { errors.append(.invalid(field, value, "may not specify a duration less than 10 minutes")) }
        if seconds > 1 << 32 {
            errors.append(.invalid(field, value, "may not specify a duration larger than 2^32 seconds"))
        }
        if !errors.isEmpty { throw Status.invalid(Subresource.kind, name: "", errors) }
    }

    /// - Throws: 404 without the object, 409 where it is another one by now, 400 for a kind that binds no tokens.
    func boundObject(_ asker: Asker) async throws -> StoredToken.BoundObject? {
        guard let reference else { return nil }
        func text(_ field: String) -> String { reference[field]?.string ?? "" }
        let (kind, name, version) = (text("kind"), text("name"), text("apiVersion"))
        guard !version.contains("/"), let resource = ["Pod": "pods", "Secret": "secrets"][kind] else {
            let parts = version.split(separator: "/").map(String.init)
            let group = parts.count == 2 ? "\(parts[0])/\(parts[1])" : "/\(version)"
            throw Status.badRequest("cannot bind token to object of type \(group), Kind=\(kind)")
        }
        let key = ObjectKey(resource: resource, namespace: account.namespace, name: name)
        guard let found = try await asker.authenticator.store.object(key) else {
            throw Status(
                code: 404, reason: "NotFound", message: "\(resource) \"\(name)\" not found",
                details: Status.Details(name: name, kind: resource))
        }
        if kind == "Pod" { try requireAccount(of: try found.json()) }
        let uid = try found.metadataJSON()["uid"]?.string ?? ""
        let wanted = text("uid")
        guard wanted.isEmpty || wanted == uid else {
            throw Status(
                code: 409, reason: "Conflict",
                message: "Operation cannot be fulfilled on \(kind) \"\(name)\": the UID in the bound object reference "
                    + "(\(wanted)) does not match the UID in record. The object might have been deleted and then "
                    + "recreated", details: Status.Details(name: name, kind: kind))
        }
        return StoredToken.BoundObject(resource: resource, name: name, uid: uid)
    }

    private func requireAccount(of pod: JSON) throws {
        let own = pod["spec"]?["serviceAccountName"]?.string ?? ""
        guard own == account.name else {
            throw Status.badRequest(
                "cannot bind token for serviceaccount \"\(account.name)\" to pod running with different "
                    + "serviceaccount name.")
        }
    }
}
