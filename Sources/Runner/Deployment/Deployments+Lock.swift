internal import KubernetesAPI
public import StateStorage

/// What became of the lock of a run that was cut off.
public enum LockSettlement: Sendable {
    /// Nobody holds it.
    case free
    /// It was left behind, and given back now.
    case givenBack(JudgedLock)
    /// It is held by somebody who may be at work.
    case held(JudgedLock)
    /// It could not be looked at, or not be given back; why. The environment's next run settles it.
    case unsettled(String)
}

extension Deployments {
    /// After that long a run that died is told from one that lives, by the Lease that it no longer renews.
    private static let longestWait = Duration.seconds(90)

    /// Gives back the lock that a run left which was cut off. Only one whose verdict is that it was left behind: for that it is
    /// waited until the run's Lease has run out.
    ///
    /// - Parameter waiting: told once, when it has to be waited.
    public func settleLock(
        of environment: EnvironmentID, waiting: @Sendable (JudgedLock) -> Void
    ) async throws -> LockSettlement {
        guard let store = judgingStore else {
            return .unsettled("the namespace of its state is not known")
        }
        let start = ContinuousClock.now
        var first: JudgedLock?
        do {
            while let lock = try await store.judgedLock(environment) {
                if lock.verdict.isOrphaned { return .givenBack(try await store.unlockOrphaned(environment)) }
                // Whoever has it since is another.
                if let first, first.lock.id != lock.lock.id { return .held(lock) }
                guard case .alive = lock.verdict, ContinuousClock.now - start < Self.longestWait else {
                    return .held(lock)
                }
                if first == nil { waiting(lock) }
                first = lock
                try await Task.sleep(for: .seconds(2))
            }
            return .free
        } catch let error as KubernetesError where error.code == .forbidden {
            return .unsettled(error.cause)
        } catch let error as LockHeldError {
            return .unsettled("\(error)")
        } catch let error as StateStoreError where error.code == .notLocked {
            return .free
        }
    }

    private var judgingStore: StateStore? {
        guard let store else { return nil }
        var configuration = store.configuration
        configuration.jobNamespace = namespace
        return StateStore(client: client, namespace: store.namespace, configuration: configuration)
    }

    /// Ends the Job of a deployment that has failed and goes on all the same.
    ///
    /// - Throws: ``DeploymentError`` with code `missingRight`; `KubernetesError`.
    public func endFailed(_ deployment: DeploymentID, why: String, by submitter: String) async throws {
        do {
            try await end(deployment, DeploymentEnding(by: submitter, why: why))
        } catch let error as DeploymentError where error.code == .ended || error.code == .unknown {
            // By itself, in the meantime.
        }
    }
}
