internal import Hummingbird
internal import KubernetesAPI
internal import OrderedJSON

extension ObjectRequests {
    func update() async throws -> Response {
        let isDryRun = try request.isDryRun("UpdateOptions")
        let body = try await ObjectBody(request, kind: kind.kind, type: kind.type)
        let given = body.object["metadata"] ?? [:]
        try requireSamePlace(given)
        let expected = try expectedRevision(given)
        for _ in 0..<Self.attempts {
            guard let old = try await store.object(key) else {
                return try await createInstead(body, expected: expected, isDryRun: isDryRun)
            }
            if expected == nil, !kind.allowsUnconditionalUpdate {
                throw Status.invalid(
                    kind.kind, name: path.name,
                    [.invalid("metadata.resourceVersion", 0, "must be specified for an update")])
            }
            if let expected, expected != old.revision { throw Status.conflict(kind.kind, path.name) }
            do {
                if let response = try await update(old, body, isDryRun: isDryRun) { return response }
            } catch StoreConflict.changed where expected == nil {
                continue
            } catch StoreConflict.changed, StoreConflict.missing {
                guard expected != nil else { continue }
                throw Status.conflict(kind.kind, path.name)
            }
        }
        throw Status.conflict(kind.kind, path.name)
    }

    private func requireSamePlace(_ given: JSON) throws {
        let name = given["name"]?.string ?? ""
        guard name == path.name else {
            throw Status.badRequest(
                "the name of the object (\(name)) does not match the name on the URL (\(path.name))")
        }
        if let other = given["namespace"]?.string, other != namespace {
            throw Status.badRequest(
                "the namespace of the object (\(other)) does not match the namespace on the URL (\(namespace))")
        }
    }

    /// nil: the update overwrites whatever is there.
    private func expectedRevision(_ given: JSON) throws -> Int64? {
        guard let text = given["resourceVersion"]?.string, text != "0" else { return nil }
        guard let revision = Int64(text) else {
            throw Status.invalid(
                kind.kind, name: path.name,
                [
                    .invalid(
                        "metadata.resourceVersion", .string(text),
                        "strconv.ParseUint: parsing \(JSON.string(text).text): invalid syntax")
                ])
        }
        return revision
    }

    /// Kinds whose objects an update may create are created under the right to do that, too.
    private func createInstead(_ body: ObjectBody, expected: Int64?, isDryRun: Bool) async throws -> Response {
        // An object that the client has read and that is gone now must not come back by this.
        guard kind.createsOnUpdate, expected == nil else { throw Status.notFound(kind.kind, path.name) }
        if case .resource(var access) = request.access {
            access.verb = "create"
            try await asker.authorizer.require(asker.user, .resource(access))
        }
        return try await create(body, isDryRun: isDryRun)
    }

    private func update(_ old: StoredObject, _ body: ObjectBody, isDryRun: Bool) async throws -> Response? {
        let oldObject = try old.json()
        let object = try changedObject(body.object, oldObject)
        try await kind.admit(object, oldObject, escalation)
        let draft = ObjectDraft(object)
        if draft.content == old.content, draft.metadataBytes(at: old.revision) == old.metadata {
            return .json(writer.object(old), warnings: body.warnings)
        }
        if isDryRun {
            return .json(writer.object(draft.metadataBytes(at: old.revision), draft.content), warnings: body.warnings)
        }
        // The last finalizer of an object that was deleted is gone, so now the object goes.
        let isGone = object["metadata"]?["deletionTimestamp"] != nil && object["metadata"]?["finalizers"] == nil
        let change = isGone ? Change.delete(old.key, from: old.revision) : .update(old.key, from: old.revision, draft)
        guard let stored = try await store.apply([change]).first else { return nil }
        return .json(writer.object(stored.metadata, draft.content), warnings: body.warnings)
    }

    private func changedObject(_ given: JSON, _ old: JSON) throws -> JSON {
        var object = given
        var metadata = given["metadata"] ?? [:]
        let oldMetadata = old["metadata"] ?? [:]
        if let uid = metadata["uid"]?.string, let oldUID = oldMetadata["uid"]?.string, uid != oldUID {
            throw Status.conflict(
                kind.kind, path.name, "Precondition failed: UID in precondition: \(uid), UID in object meta: \(oldUID)")
        }
        for field in [
            "namespace", "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp",
            "deletionGracePeriodSeconds",
        ] {
            metadata[field] = oldMetadata[field]
        }
        metadata["selfLink"] = nil
        metadata["managedFields"] = nil
        object["metadata"] = Schema.metadata.ordered(metadata)
        kind.prepareChanged(&object, old)
        let errors =
            MetadataValidation.errors(object["metadata"] ?? [:], nameRule: kind.nameRule) + kind.validate(object)
            + kind.validateChange(object, old)
        guard errors.isEmpty else { throw Status.invalid(kind.kind, name: path.name, errors) }
        return object
    }
}
