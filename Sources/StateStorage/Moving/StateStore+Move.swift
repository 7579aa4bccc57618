internal import KubernetesAPI
internal import OrderedJSON

/// What a move did.
public struct MoveResult: Sendable, Hashable {
    /// Whose state was moved.
    public let environment: EnvironmentID
    /// False where the state had been moved already, and at most something was left to be cleared away.
    public let isChanged: Bool
    /// The serial of the state, at both places.
    public let serial: UInt64
    /// nil where it had been moved already.
    public let partCount: Int?
    /// The versions of the history that went with it; nil where it had been moved already.
    public let versionCount: Int?
}

extension StateStore {
    /// Moves an environment's state, with its history, to another namespace or cluster.
    ///
    /// Every Secret is copied as it is, labels and annotations of others included, and compared byte for byte; a state that
    /// OpenTofu encrypted needs no key. Then the source is emptied, or deleted where that is granted. Its lock stays held, as
    /// a signpost for engines that still look there. Needs the documented Role in both places.
    ///
    /// Wherever it is interrupted, the state is whole, at one place or the same at both, and at most one of them can be
    /// written to. Started again it goes on.
    ///
    /// - Parameter timeout: how long to wait for each of the two locks.
    /// - Throws: `LockHeldError`; `StateStoreError` with code `absent`, `moved` for a state that went elsewhere, `occupied`
    ///   where the destination has another state of the environment, `samePlace`, `changed`, and for a state that cannot be
    ///   read; `KubernetesError`.
    @discardableResult
    public func move(
        _ environment: EnvironmentID, to destination: StateStore, waitingUpTo timeout: Duration = .zero
    ) async throws -> MoveResult {
        try await StateMover(from: self, to: destination, StateNames(environment)).move(waitingUpTo: timeout)
    }
}

/// A state that is no longer here, and where it went.
public struct MovedState: Sendable, Hashable {
    /// Whose state it is.
    public let environment: EnvironmentID
    /// Where it went, and when.
    public let note: MoveNote
}

extension StateStore {
    /// The states that were moved away and have left an emptied Secret behind. One that could be deleted has left its lock
    /// only, which says the same.
    public func movedAway() async throws -> [MovedState] {
        let retired = try await secretMetadata([OwnSecrets.contentLabel: OwnSecrets.Content.retired.rawValue])
        return retired.compactMap { metadata in
            guard let environment = try? EnvironmentID(metadata.objectLabels[OwnSecrets.environmentLabel] ?? ""),
                metadata.objectName == StateNames(environment).secret,
                let note = metadata.objectAnnotations[OwnSecrets.movedAnnotation].flatMap({ MoveNote(parsing: $0) })
            else { return nil }
            return MovedState(environment: environment, note: note)
        }.sorted { $0.environment.description < $1.environment.description }
    }
}
