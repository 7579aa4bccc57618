internal import KubernetesAPI
internal import OrderedJSON

/// Parts that a state does not need any more. The Role cannot delete them, so they are emptied and taken out of the engines'
/// selector; where `delete` is granted they are deleted.
///
/// An engine that enlarges a state finds such a Secret by its name, fills it and leaves its labels as they are, so that it
/// does not find that part again. Whoever reads the state puts the labels back.
extension StateStore {
    /// Takes the parts from `count` on away from the engines. The state is not finished before none is left: engines would
    /// read them as part of it.
    ///
    /// - Parameter first: part 0 with the annotation of the write.
    /// - Returns: false when the write is over.
    func retireParts(
        from count: Int, of write: PendingWrite, on first: JSON, _ names: StateNames
    ) async throws -> Bool {
        for _ in 0..<5 {
            let surplus = try await stateMetadata(names).filter {
                names.partIndex($0.objectName ?? "") ?? 0 >= count
            }
            guard !surplus.isEmpty else { return true }
            // Checked after the list: what was listed is then older than any state that others may have written since, whose
            // parts a compare-and-swap with the listed versions leaves alone.
            guard try await isPending(write, on: first, names) else { return false }
            try await takeAway(surplus, names)
        }
        throw failure(.unsettled, names.environment, "surplus parts are changed all the time; the next reader goes on")
    }

    /// Deletes parts where that is granted, and retires them where it is not.
    func takeAway(_ surplus: [JSON], _ names: StateNames) async throws {
        guard let first = surplus.first else { return }
        let mayDelete = try await delete(first)
        _ = try await inParallel(
            mayDelete ? Array(surplus.dropFirst()) : surplus, width: configuration.parallelRequests
        ) { metadata in
            if mayDelete, try await delete(metadata) { return }
            try await retire(metadata, names)
        }
    }

    /// - Returns: false where the Role does not grant it, or it did not work out.
    func delete(_ object: JSON) async throws -> Bool {
        do {
            try await client.delete(
                .secret, namespace: namespace, name: object.objectName ?? "", resourceVersion: object.resourceVersion)
            return true
        } catch is KubernetesError {
            return false
        }
    }

    /// Empties a Secret and takes it out of the engines' selector, if it is still of that version.
    ///
    /// - Parameter note: of the move that took the content elsewhere; nil where it is no longer needed.
    func retire(_ object: JSON, _ names: StateNames, note: MoveNote? = nil) async throws {
        var secret: JSON = ["apiVersion": "v1", "kind": "Secret"]
        secret["metadata"] = object["metadata"]
        for key in names.labels.keys { secret.setLabel(key, nil) }
        // What parts are staged in is found by its label when it is used again.
        let content = StagedPart(metadata: object, names) == nil ? OwnSecrets.Content.retired : .staged
        for (key, value) in OwnSecrets.labels(content, names.environment) { secret.setLabel(key, value) }
        secret.setAnnotation(OwnSecrets.movedAnnotation, note?.text)
        secret["type"] = "Opaque"
        secret["data"] = [:]
        do {
            try await settleSecret(secret)
        } catch let error as KubernetesError where error.isConflict || error.code == .notFound {
            // Deleted, or changed: the next look tells.
        }
    }
}
