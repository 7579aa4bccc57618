internal import Hummingbird
internal import KubernetesAPI
internal import OrderedJSON

extension ObjectRequests {
    func update() async throws -> Response {
        let options = try WriteOptions(request, "UpdateOptions")
        let body = try await ObjectBody(request, kind: kind.kind, type: kind.type)
        let given = body.object["metadata"] ?? [:]
        try requireSamePlace(given)
        let expected = try expectedRevision(given)
        return try await change(options) {
            try await createInstead(body, expected: expected, options)
        } _: { old in
            if let uid = given["uid"]?.string, let oldUID = old["metadata"]?["uid"]?.string, uid != oldUID {
                throw Status.conflict(
                    kind.kind, path.name,
                    "Precondition failed: UID in precondition: \(uid), UID in object meta: \(oldUID)")
            }
            return body
        }
    }

    /// Makes an object another, whether by an update or a patch: all rules of the kind are kept, and nobody else's change
    /// is overwritten unseen.
    ///
    /// - Parameters:
    ///   - createInstead: answers when there is no object; nil: there is one now.
    ///   - edit: makes the new object from the one that is there; is asked again when somebody else was faster.
    func change(
        _ options: WriteOptions, createInstead: () async throws -> Response?,
        _ edit: (_ old: JSON) throws -> ObjectBody
    ) async throws -> Response {
        for _ in 0..<Self.attempts {
            guard let old = try await store.object(key) else {
                if let response = try await createInstead() { return response }
                continue
            }
            let oldObject = try old.json()
            let body = try edit(oldObject)
            try requireRevision(body.object["metadata"] ?? [:], old)
            do {
                if let response = try await update(old, oldObject, body, options) { return response }
            } catch StoreConflict.changed, StoreConflict.missing {
                continue
            }
        }
        throw Status.conflict(kind.kind, path.name)
    }

    private func requireRevision(_ given: JSON, _ old: StoredObject) throws {
        let expected = try expectedRevision(given)
        if expected == nil, !kind.allowsUnconditionalUpdate {
            throw Status.invalid(
                kind.kind, name: path.name,
                [.invalid("metadata.resourceVersion", 0, "must be specified for an update")])
        }
        if let expected, expected != old.revision { throw Status.conflict(kind.kind, path.name) }
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
    private func createInstead(
        _ body: ObjectBody, expected: Int64?, _ options: WriteOptions
    ) async throws -> Response {
        // An object that the client has read and that is gone now must not come back by this.
        guard kind.createsOnUpdate, expected == nil, !isStatus else { throw Status.notFound(kind.kind, path.name) }
        try await requireRightToCreate()
        return try await create(body, options)
    }

    func requireRightToCreate() async throws {
        guard case .resource(var access) = request.access else { return }
        access.verb = "create"
        try await asker.authorizer.require(asker.user, .resource(access))
    }

    private func update(
        _ old: StoredObject, _ oldObject: JSON, _ body: ObjectBody, _ options: WriteOptions
    ) async throws -> Response? {
        let object = try changedObject(body, oldObject, options)
        try await kind.admit(object, oldObject, escalation)
        let draft = ObjectDraft(object)
        if draft.content == old.content, isUnchanged(draft, old, oldObject) {
            return .json(try written(old.metadata, old.content), warnings: body.warnings)
        }
        if options.isDryRun {
            return .json(
                try written(draft.metadataBytes(at: old.revision), draft.content), warnings: body.warnings)
        }
        // The last finalizer of an object that was deleted is gone, so now the object goes.
        let change =
            kind.isFinished(object)
            ? Change.delete(old.key, from: old.revision) : .update(old.key, from: old.revision, draft)
        guard let stored = try await store.apply([change]).first else { return nil }
        return .json(try written(stored.metadata, draft.content), warnings: body.warnings)
    }

    /// That somebody wrote what was there already is not noted.
    private func isUnchanged(_ draft: ObjectDraft, _ old: StoredObject, _ oldObject: JSON) -> Bool {
        if draft.metadataBytes(at: old.revision) == old.metadata { return true }
        var (metadata, oldMetadata) = (draft.metadata, oldObject["metadata"] ?? [:])
        guard ManagedFields.areEqualButForTimes(metadata["managedFields"], oldMetadata["managedFields"]) else {
            return false
        }
        for name in ["managedFields", "resourceVersion"] { (metadata[name], oldMetadata[name]) = (nil, nil) }
        return metadata == oldMetadata
    }

    private func changedObject(_ body: ObjectBody, _ old: JSON, _ options: WriteOptions) throws -> JSON {
        var object = ownPart(of: body.object, old)
        var metadata = body.object["metadata"] ?? [:]
        let oldMetadata = old["metadata"] ?? [:]
        for field in [
            "namespace", "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp",
            "deletionGracePeriodSeconds",
        ] {
            metadata[field] = oldMetadata[field]
        }
        metadata["selfLink"] = nil
        object["metadata"] = metadata
        kind.setDefaults(&object)
        body.ownership.owners(of: object, before: old, by: options.fieldManager, tracker).note(in: &object)
        kind.prepareChanged(&object, old)
        if isFinalize { object["spec"] = body.object["spec"] ?? [:] }
        let errors =
            MetadataValidation.errors(object["metadata"] ?? [:], nameRule: kind.nameRule)
            + MetadataValidation.changeErrors(object["metadata"] ?? [:], oldMetadata) + kind.validate(object)
            + kind.validateChange(object, old)
        guard errors.isEmpty else { throw Status.invalid(kind.kind, name: path.name, errors) }
        return object
    }

    /// Of a kind with a status, its subresource changes the status alone, and everything else all but the status.
    private func ownPart(of given: JSON, _ old: JSON) -> JSON {
        guard kind.hasStatus else { return given }
        var object = isStatus ? old : given
        object["metadata"] = given["metadata"]
        object["status"] = (isStatus ? given : old)["status"]
        return kind.type.ordered(object)
    }
}
