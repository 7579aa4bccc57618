internal import KubernetesAPI
internal import OrderedJSON

/// Deletes objects of a kind, for whoever asks: a request, or the cluster itself.
struct ObjectDeletion: Sendable {
    enum Outcome: Sendable {
        /// The object as it was, at the revision of its deletion.
        case removed(StoredObject)
        /// It waits for something.
        case kept(StoredObject)
    }

    let store: Store
    let kind: StoredKind
    let now: Timestamp

    /// How often a deletion is made anew when somebody else changed the object.
    private static let attempts = 10

    /// - Throws: 404 and 409.
    func delete(_ key: ObjectKey, _ options: DeleteOptions) async throws -> Outcome {
        for _ in 0..<Self.attempts {
            guard let object = try await store.object(key) else { throw Status.notFound(kind.kind, key.name) }
            let (change, outcome) = try plan(object, options)
            guard let change, !options.isDryRun else { return outcome }
            do {
                guard let stored = try await store.apply([change]).first else { continue }
                switch outcome {
                case .removed:
                    return .removed(
                        StoredObject(
                            key: key, revision: stored.revision, metadata: stored.metadata, content: object.content))
                case .kept: return .kept(stored)
                }
            } catch StoreConflict.changed {
                continue
            } catch StoreConflict.missing {
                throw Status.notFound(kind.kind, key.name)
            }
        }
        throw Status.conflict(kind.kind, key.name)
    }

    /// Deletes many; those that are gone already are no error.
    func delete(_ objects: [StoredObject], _ options: DeleteOptions) async throws {
        let changes = try objects.compactMap { try plan($0, options).change }
        guard !options.isDryRun, !changes.isEmpty else { return }
        for key in try await store.applyWhatHolds(changes) {
            do {
                _ = try await delete(key, options)
            } catch let status as Status where status.code == 404 {
                continue
            }
        }
    }

    /// - Returns: what is to be written, nil where nothing is; and how it ends.
    /// - Throws: 409 for a precondition that does not hold.
    func plan(_ object: StoredObject, _ options: DeleteOptions) throws -> (change: Change?, outcome: Outcome) {
        let json = try object.json()
        try require(options, object, json["metadata"]?["uid"]?.string ?? "")
        switch kind.deletionStep(json, options.propagation, asked: options.gracePeriodSeconds, now: now) {
        case .remove: return (.delete(object.key, from: object.revision), .removed(object))
        case .keep(let kept):
            let draft = ObjectDraft(kept)
            let metadata = draft.metadataBytes(at: object.revision)
            let outcome = Outcome.kept(
                StoredObject(key: object.key, revision: object.revision, metadata: metadata, content: draft.content))
            let isSame = metadata == object.metadata && draft.content == object.content
            return (isSame ? nil : .update(object.key, from: object.revision, draft), outcome)
        }
    }

    private func require(_ options: DeleteOptions, _ object: StoredObject, _ uid: String) throws {
        if let expected = options.uid, expected != uid {
            throw Status.preconditionFailed(
                kind.kind, object.key.name,
                "the UID in the precondition (\(expected)) does not match the UID in record (\(uid)). "
                    + "The object might have been deleted and then recreated")
        }
        if let expected = options.resourceVersion, expected != String(object.revision) {
            throw Status.preconditionFailed(
                kind.kind, object.key.name,
                "the ResourceVersion in the precondition (\(expected)) does not match the ResourceVersion in record "
                    + "(\(object.revision)). The object might have been modified")
        }
    }
}
