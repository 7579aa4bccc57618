internal import CLibrary
internal import LocalFiles
public import StateStorage
internal import TerraformState

/// What became of a state that an engine could not save.
public enum RescuedState: Sendable, Hashable {
    /// It is the environment's state now.
    case saved(EnvironmentID, serial: UInt64)
    /// It is in a file, and why.
    case kept(KeptState)

    /// One line for people.
    public var message: String {
        switch self {
        case .saved(let environment, let serial):
            "The engine could not save the state of environment \(environment); Stowage did, as serial \(serial), and kept "
                + "the one that was there as a version."
        case .kept(let state): state.message
        }
    }
}

/// A state that is in a file only.
public struct KeptState: Sendable, Hashable {
    /// Whose state it is.
    public let environment: EnvironmentID
    /// nil where it is not known any more.
    public let namespace: String?
    /// Of the file.
    public let path: String
    /// Why it could not be saved.
    public let reason: String
    /// The options that name the cluster; none where it is not known, or is the default.
    public let clusterOptions: [String]

    /// What happened, where the state is, and the command that saves it.
    public var message: String {
        let command = StowageCommandLine(
            ["state", "push", "\(environment)", path], namespace: namespace ?? "NAMESPACE", clusterOptions)
        return
            "The engine could not save the state of environment \(environment), and neither could Stowage: \(reason). "
            + "It is in \(path), the only record of what was changed; save it with `\(command)`."
    }
}

/// Saves a state that an engine could not save, under the lock, where the guard has no objection. To be used by a run that has
/// its turn.
struct StateRescue: Sendable {
    private static let longestWait = Duration.seconds(10)

    let store: StateStore
    let environment: EnvironmentID
    /// What is run, for the history.
    let reason: String
    let clusterOptions: [String]

    /// - Parameters:
    ///   - path: of the file, which is removed when the state is saved.
    ///   - waiting: whether a lock that somebody else holds is waited for.
    func save(_ path: String, waiting: Bool) async -> RescuedState {
        do {
            let file = try StateFile(try await offloading { try PrivateFile.read(path) })
            try await push(file, waitingUpTo: waiting ? Self.longestWait : .zero)
            // Where it stays, it says what was saved.
            _ = try? await offloading { unlink(path) }
            return .saved(environment, serial: file.serial)
        } catch {
            return .kept(
                KeptState(
                    environment: environment, namespace: store.namespace, path: path, reason: "\(error)",
                    clusterOptions: clusterOptions))
        }
    }

    private func push(_ file: StateFile, waitingUpTo wait: Duration) async throws {
        let info = store.lockInfo(operation: reason, reason: "to save the state that its engine could not save")
        try await store.withLock(environment, info, waitingUpTo: wait) { [store, environment, reason] id in
            var options = PushOptions()
            options.lockID = id
            options.reason = reason
            // What is there is what the engine found or left; that nothing is left is what it did.
            options.forced = [.emptied]
            do {
                try await store.push(file, to: environment, options)
            } catch let refusal as StateRefusal where refusal.objections == [.damaged] {
                // A write that broke off half-way. What was there before is in the history, and tells whether this follows.
                guard let last = try await store.history(environment).first, last.lineage == file.lineage,
                    last.serial < file.serial
                else { throw refusal }
                options.forced.insert(.damaged)
                try await store.push(file, to: environment, options)
            }
        }
    }
}
