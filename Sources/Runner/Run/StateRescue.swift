internal import CLibrary
internal import KubernetesAPI
internal import LocalFiles
internal import StateStorage
internal import Synchronization
internal import TerraformState

/// Saves a state that an engine could not save, under the lock, where the guard has no objection. To be used by a run that has
/// its turn.
struct StateRescue: Sendable {
    private static let longestWait = Duration.seconds(10)
    /// So often a cluster that answers with failures is only asked to save the state, before it is asked to keep it elsewhere.
    private static let patientAttempts = 4

    let store: StateStore
    let environment: EnvironmentID
    /// What is run, for the history.
    let reason: String
    let clusterOptions: [String]
    /// Comes before each attempt: a lock of the run's own engine may be held still.
    var prepare: @Sendable () async throws -> Void = {}
    /// Where files go with a Pod: whose it is, and for how long the cluster is asked to take the state.
    var pod: (deployment: DeploymentID, patience: RescuePatience)?
    /// Told once where the cluster does not answer and is asked again; why.
    var insists: @Sendable (String) -> Void = { _ in }

    /// - Parameters:
    ///   - path: of the file, which is removed when the state is saved.
    ///   - waiting: whether a lock that somebody else holds is waited for.
    func save(_ path: String, waiting: Bool) async -> RescuedState {
        do {
            let bytes = try await offloading { try PrivateFile.read(path) }
            let rescued = try await place(bytes, waiting: waiting)
            // Where it stays, it says what was saved.
            if case .saved = rescued { _ = try? await offloading { unlink(path) } }
            return rescued
        } catch {
            return .kept(
                KeptState(
                    environment: environment, namespace: store.namespace, path: path, reason: "\(error)",
                    clusterOptions: clusterOptions, isInPod: pod != nil))
        }
    }

    private func place(_ bytes: [UInt8], waiting: Bool) async throws -> RescuedState {
        guard let pod else { return try await saved(bytes, waiting: waiting) }
        return try await pod.patience.insisting(told: insists) { attempt in
            do {
                return try await saved(bytes, waiting: waiting)
            } catch  where !error.isOutage || attempt >= Self.patientAttempts {
                // What answers so for long may refuse that write alone.
                return try await kept(bytes, of: pod.deployment, reason: "\(error)")
            }
        }
    }

    private func kept(_ bytes: [UInt8], of deployment: DeploymentID, reason: String) async throws -> RescuedState {
        do {
            let state = try await store.keepUnsaved(bytes, of: "\(deployment)", for: environment, reason: reason)
            return .unsaved(state, namespace: store.namespace)
        } catch  where !error.isOutage {
            throw RescueError(description: "\(reason); and to keep it in Secrets of the deployment failed: \(error)")
        }
    }

    private func saved(_ bytes: [UInt8], waiting: Bool) async throws -> RescuedState {
        let file = try StateFile(bytes)
        try await prepare()
        let isSaved = Flag()
        do {
            try await push(file, waitingUpTo: waiting ? Self.longestWait : .zero, isSaved)
        } catch  where isSaved.isSet {
            // A lock that could not be given back is an orphan, which the next run settles.
        }
        return .saved(environment, serial: file.serial)
    }

    private final class Flag: Sendable {
        private let value = Mutex(false)
        var isSet: Bool { value.withLock { $0 } }
        func set() { value.withLock { $0 = true } }
    }

    private func push(_ file: StateFile, waitingUpTo wait: Duration, _ isSaved: Flag) async throws {
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
            isSaved.set()
        }
    }
}

private struct RescueError: Error, CustomStringConvertible {
    let description: String
}

extension Error {
    /// Whether the cluster does not answer, or not yet: then nothing is known of what it would say.
    var isOutage: Bool {
        guard let error = self as? KubernetesError else { return self is CancellationError }
        return [.unreachable, .server, .tooManyRequests, .unauthorized, .credentials].contains(error.code)
    }
}
