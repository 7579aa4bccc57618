internal import Hummingbird
internal import KubernetesAPI
internal import OrderedJSON

extension ObjectRequests {
    func delete() async throws -> Response {
        let options = try await DeleteOptions(request)
        guard !kind.undeletableNames.contains(path.name) else {
            throw Status.forbidden(kind.kind, path.name, "this \(kind.kind.singular) may not be deleted")
        }
        for _ in 0..<Self.attempts {
            let object = try await existing(key)
            let metadata = try object.metadataJSON()
            try require(options, object, metadata)
            do {
                if let response = try await endGracefully(object, options) { return response }
                if metadata["finalizers"] != nil { return try await mark(object, options) }
                return try await remove(object, metadata, options)
            } catch StoreConflict.changed {
                continue
            } catch StoreConflict.missing {
                throw Status.notFound(kind.kind, path.name)
            }
        }
        throw Status.conflict(kind.kind, path.name)
    }

    private func require(_ options: DeleteOptions, _ object: StoredObject, _ metadata: JSON) throws {
        let uid = metadata["uid"]?.string ?? ""
        if let expected = options.uid, expected != uid {
            throw Status.conflict(
                kind.kind, path.name,
                "the UID in the precondition (\(expected)) does not match the UID in record (\(uid)). "
                    + "The object might have been deleted and then recreated")
        }
        if let expected = options.resourceVersion, expected != String(object.revision) {
            throw Status.conflict(
                kind.kind, path.name,
                "the ResourceVersion in the precondition (\(expected)) does not match the ResourceVersion in record "
                    + "(\(object.revision)). The object might have been modified")
        }
    }

    /// An object that somebody looks after stays until they have ended what it stands for.
    ///
    /// - Returns: nil when it goes at once.
    private func endGracefully(_ object: StoredObject, _ options: DeleteOptions) async throws -> Response? {
        var json = try object.json()
        let seconds = kind.gracePeriod(json, options.gracePeriodSeconds)
        guard seconds > 0 else { return nil }
        if json["metadata"]?["deletionTimestamp"] != nil {
            // Later wishes may only shorten the time.
            let earlier = json["metadata"]?["deletionGracePeriodSeconds"]?.int ?? 0
            guard options.gracePeriodSeconds != nil, seconds < earlier else { return .json(writer.object(object)) }
        }
        guard !options.isDryRun else { return .json(writer.object(object)) }
        json.markDeleted(after: seconds, asker.now)
        json.setGeneration((json["metadata"]?["generation"]?.int ?? 0) + 1)
        let stored = try await store.apply([.update(object.key, from: object.revision, ObjectDraft(json))])
        guard let marked = stored.first else { throw Status.internalError }
        return .json(writer.object(marked))
    }

    /// An object with finalizers stays until they are gone.
    private func mark(_ object: StoredObject, _ options: DeleteOptions) async throws -> Response {
        var json = try object.json()
        var metadata = json["metadata"] ?? [:]
        guard metadata["deletionTimestamp"] == nil, !options.isDryRun else { return .json(writer.object(object)) }
        metadata["deletionTimestamp"] = .string(asker.now.text)
        metadata["deletionGracePeriodSeconds"] = 0
        json["metadata"] = Schema.metadata.ordered(metadata)
        let stored = try await store.apply([.update(object.key, from: object.revision, ObjectDraft(json))])
        guard let marked = stored.first else { throw Status.internalError }
        return .json(writer.object(marked))
    }

    private func remove(_ object: StoredObject, _ metadata: JSON, _ options: DeleteOptions) async throws -> Response {
        if !options.isDryRun {
            try await store.apply(kind.dependents(object.key) + [.delete(object.key, from: object.revision)])
        }
        if var farewell = kind.farewell(try object.json()) {
            var metadata = farewell["metadata"] ?? [:]
            metadata["deletionTimestamp"] = .string(asker.now.text)
            farewell["metadata"] = Schema.metadata.ordered(metadata)
            return .json(writer.object(farewell))
        }
        return .json(
            Status.deleted(kind.kind, name: path.name, uid: metadata["uid"]?.string ?? "").bytes)
    }
}
