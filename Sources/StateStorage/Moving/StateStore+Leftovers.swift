internal import KubernetesAPI
internal import OrderedJSON

extension StateStore {
    /// Takes what an environment has left behind away from engines and from the store: deleted where that is granted, else
    /// emptied and relabelled.
    ///
    /// - Parameter note: the signpost that says that it is left behind.
    /// - Throws: `StateStoreError.Code.changed` where the signpost is gone.
    func retireLeftovers(_ note: MoveNote, _ names: StateNames) async throws {
        var mayDelete: Bool?
        for _ in 0..<8 {
            let leftovers = try await leftovers(names, withRetired: mayDelete ?? true)
            guard !leftovers.isEmpty else { return }
            // Checked after the list: what was listed is then older than whatever others may have put here since, which a
            // compare-and-swap with the listed versions leaves alone.
            guard try await lease(names).flatMap({ MoveNote(on: $0) }) == note else {
                throw failure(
                    .changed, names.environment,
                    "the signpost of the move was taken off its lock, so what is left here was not touched")
            }
            var rest = leftovers
            if mayDelete == nil {
                mayDelete = try await delete(rest[0])
                if mayDelete == true { rest.removeFirst() }
            }
            let deletes = mayDelete ?? false
            // Part 0 last: until then, who looks for a state here finds a damaged one rather than none.
            for group in [rest.filter { $0.objectName != names.secret }, rest.filter { $0.objectName == names.secret }]
            {
                _ = try await inParallel(group, width: configuration.parallelRequests) { metadata in
                    if deletes, try await delete(metadata) { return }
                    if Self.isRetired(metadata, by: note) { return }
                    try await retire(metadata, names, note: note)
                }
            }
        }
        throw failure(
            .unsettled, names.environment, "what is left here is changed all the time; run the move again to go on")
    }

    /// The metadata of every Secret of an environment, part 0 last.
    ///
    /// - Parameter withRetired: also those that were retired by a move before.
    func leftovers(_ names: StateNames, withRetired: Bool) async throws -> [JSON] {
        async let engines = secretMetadata(names.labels)
        async let own = secretMetadata([OwnSecrets.environmentLabel: "\(names.environment)"])
        let parts = try await engines.filter { names.partIndex($0.objectName ?? "") != nil }
        let others = try await own.filter { withRetired || $0.objectAnnotations[OwnSecrets.movedAnnotation] == nil }
        let found = parts + others.filter { other in !parts.contains { $0.objectName == other.objectName } }
        return found.filter { $0.objectName != names.secret } + found.filter { $0.objectName == names.secret }
    }

    private static func isRetired(_ metadata: JSON, by note: MoveNote) -> Bool {
        metadata.objectAnnotations[OwnSecrets.movedAnnotation] == note.text
    }
}
