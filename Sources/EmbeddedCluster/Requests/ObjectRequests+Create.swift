internal import Hummingbird
internal import KubernetesAPI
internal import OrderedJSON

extension ObjectRequests {
    func create() async throws -> Response {
        let options = try WriteOptions(request, "CreateOptions")
        let body = try await ObjectBody(request, kind: kind.kind, type: kind.type)
        return try await create(body, options)
    }

    func create(_ body: ObjectBody, _ options: WriteOptions) async throws -> Response {
        let given = body.object["metadata"] ?? [:]
        if let other = given["namespace"]?.string, other != namespace {
            throw Status.badRequest(
                "the namespace of the provided object does not match the namespace sent on the request")
        }
        guard given["resourceVersion"] == nil else {
            throw Status(code: 500, reason: "", message: "resourceVersion should not be set on objects to be created")
        }
        for _ in 0..<Self.attempts {
            let requirements = try await livingNamespace(given["name"]?.string ?? "")
            let object = try await newObject(body, options)
            if options.isDryRun { return try await answerDryRun(object, body) }
            let key = kind.key(namespace: namespace, name: object.objectName ?? "")
            do {
                let stored = try await store.apply(
                    [.create(key, ObjectDraft(object))] + kind.companions(object, asker.now), requiring: requirements)
                guard let created = stored.first else { throw Status.internalError }
                return .json(
                    try written(created.metadata, created.content), status: 201, warnings: body.warnings)
            } catch StoreConflict.exists {
                // A name that was made up is made up anew.
                guard given["name"] == nil else { throw Status.alreadyExists(kind.kind, key.name) }
            } catch StoreConflict.requirement {
                continue
            }
        }
        throw Status.alreadyExists(kind.kind, given["name"]?.string ?? given["generateName"]?.string ?? "")
    }

    private func newObject(_ body: ObjectBody, _ options: WriteOptions) async throws -> JSON {
        var object = body.object
        let metadata = object["metadata"] ?? [:]
        let prefix = metadata["generateName"]?.string
        let name = metadata["name"]?.string ?? prefix.map { randomName(prefix: $0) }
        object["metadata"] = newMetadata(metadata, name: name)
        if kind.hasStatus { object["status"] = kind.type[field: "status"]?.type.zero }
        kind.setDefaults(&object)
        body.ownership.owners(of: object, by: options.fieldManager, tracker).note(in: &object)
        kind.prepareNew(&object)
        let errors =
            MetadataValidation.errors(object["metadata"] ?? [:], nameRule: kind.nameRule) + kind.validate(object)
        guard errors.isEmpty else { throw Status.invalid(kind.kind, name: name ?? "", errors) }
        try await kind.admit(object, nil, escalation)
        return object
    }

    private func newMetadata(_ given: JSON, name: String?) -> JSON {
        var metadata = given
        metadata["name"] = name.map { .string($0) }
        metadata["namespace"] = namespace.isEmpty ? nil : .string(namespace)
        metadata["uid"] = .string(randomUID())
        metadata["resourceVersion"] = ""
        metadata["creationTimestamp"] = .string(asker.now.text)
        metadata["deletionTimestamp"] = nil
        metadata["deletionGracePeriodSeconds"] = nil
        metadata["generation"] = nil
        metadata["selfLink"] = nil
        return metadata
    }

    private func answerDryRun(_ object: JSON, _ body: ObjectBody) async throws -> Response {
        let name = object.objectName ?? ""
        guard try await store.object(kind.key(namespace: namespace, name: name)) == nil else {
            throw Status.alreadyExists(kind.kind, name)
        }
        var object = object
        var metadata = object["metadata"] ?? [:]
        metadata["resourceVersion"] = nil
        object["metadata"] = metadata
        return .json(writer.object(object), status: 201, warnings: body.warnings)
    }

    /// - Returns: what must still be so when the object is written, so that none is left behind by a namespace that
    ///   goes.
    /// - Throws: 404 without the namespace, 403 while it is being deleted.
    private func livingNamespace(_ name: String) async throws -> [Requirement] {
        guard kind.kind.scope == .namespaced else { return [] }
        let key = ObjectKey(resource: ResourceKind.namespace.qualifiedResource, namespace: "", name: namespace)
        guard let found = try await store.object(key) else { throw Status.notFound(.namespace, namespace) }
        guard try found.metadataJSON()["deletionTimestamp"] == nil else {
            throw Status.forbidden(
                kind.kind, name,
                "unable to create new content in namespace \(namespace) because it is being terminated",
                causes: [
                    Status.Cause(
                        reason: "NamespaceTerminating", message: "namespace \(namespace) is being terminated",
                        field: "metadata.namespace")
                ])
        }
        return [Requirement(key: key, revision: found.revision)]
    }
}
