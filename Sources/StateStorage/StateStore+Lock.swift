internal import KubernetesAPI
internal import OrderedJSON
public import TerraformState

/// A lock that is to be taken.
struct LockClaim: Sendable {
    /// Names the lock; never used before.
    let id: String
    /// The lock info, as JSON.
    let info: String
    /// The run that will renew a Lease for it; nil where nobody will.
    let run: String?
}

extension StateStore {
    /// Who holds the lock of an environment; nil where nobody does.
    ///
    /// Works whatever the state is like: absent, torn or encrypted.
    public func heldLock(_ environment: EnvironmentID) async throws -> HeldLock? {
        try await lease(StateNames(environment).lease).flatMap { HeldLock($0, environment) }
    }

    /// Every lock of the namespace that is held, by environment.
    ///
    /// The documented Role does not grant to list leases: where that is all, the lock of each environment that has a state
    /// is asked for, and one of an environment without a state is not found.
    public func heldLocks() async throws -> [HeldLock] {
        do {
            return try await listedLocks()
        } catch let error as KubernetesError where error.code == .forbidden {
            return try await heldLocks(of: try await list().map(\.environment))
        }
    }

    /// The locks of these environments that are held.
    public func heldLocks(of environments: [EnvironmentID]) async throws -> [HeldLock] {
        try await inParallel(environments, width: configuration.parallelRequests) { try await heldLock($0) }
            .compactMap(\.self)
    }

    func listedLocks() async throws -> [HeldLock] {
        var locks: [HeldLock] = []
        let selector = Self.selectorText([StateNames.everyStateLabel.key: StateNames.everyStateLabel.value])
        for try await lease in client.list(.lease, namespace: namespace, labelSelector: selector, limit: 500) {
            guard let environment = try? EnvironmentID(lease.objectLabels["tfstateSecretSuffix"] ?? ""),
                StateNames(environment).lease == lease.objectName, let lock = HeldLock(lease, environment)
            else { continue }
            locks.append(lock)
        }
        return locks.sorted { $0.environment.description < $1.environment.description }
    }

    /// Lock info of ours.
    public func lockInfo(operation: String, reason: String = "") -> LockInfo {
        LockInfo(
            id: Self.freshUUID(), operation: operation, info: reason, who: configuration.writer,
            version: configuration.programVersion, created: Timestamp.now())
    }

    /// Takes the lock of an environment, as the engines do: among all contenders exactly one has it.
    ///
    /// Nobody renews a Lease for it: it is meant to outlive the process. ``withLock(_:_:waitingUpTo:clock:_:)`` is for work
    /// that ends with the process.
    ///
    /// - Parameter timeout: how long to wait for a lock that somebody else holds, or for a cluster that does not answer; zero
    ///   tries once. Attempts are spread at random, so that contenders do not meet again and again. ``onLockWait`` is told.
    /// - Throws: `LockHeldError` when it is held to the end of the time; `KubernetesError`; `CancellationError`. The lock is
    ///   then not held.
    public func lock(_ environment: EnvironmentID, _ info: LockInfo, waitingUpTo timeout: Duration = .zero) async throws
    {
        _ = try await take(LockClaim(id: info.id, info: info.json.text, run: nil), environment, waitingUpTo: timeout)
    }

    /// Gives a lock back. Whoever holds it, only the lock of that ID is given back.
    ///
    /// - Throws: `StateStoreError.Code.notLocked` where nobody holds it; `LockHeldError` where another lock is held.
    public func unlock(_ environment: EnvironmentID, id: String) async throws {
        _ = try await free(environment, id: id)
    }

    /// Gives a lock back whose holder is gone for good.
    ///
    /// Compare-and-swap against the lock that was judged: one that was given back and taken again in the meantime is judged
    /// anew.
    ///
    /// - Returns: the lock as it was.
    /// - Throws: `StateStoreError.Code.notLocked` where nobody holds it; `LockHeldError` where its holder is there, or may be.
    @discardableResult
    public func unlockOrphaned(_ environment: EnvironmentID) async throws -> JudgedLock {
        let names = StateNames(environment)
        while true {
            guard let dated = try await datedLease(names.lease), let held = HeldLock(dated.object, environment) else {
                throw failure(.notLocked, environment, "nobody holds the lock")
            }
            let verdict = try await verdict(on: held, dated)
            guard verdict.isOrphaned else {
                throw LockHeldError(lock: held, namespace: namespace, waited: .zero, verdict: verdict)
            }
            do {
                _ = try await freed(dated.object, id: held.id)
                return JudgedLock(lock: held, verdict: verdict)
            } catch let error as KubernetesError where error.isConflict {
                try await Self.pauseAfterConflict()
            }
        }
    }

    /// Holds the lock while the body runs, and gives it back however the body ends. Meanwhile a Lease is renewed, so that
    /// others can tell that the holder lives.
    ///
    /// - Parameters:
    ///   - clock: goes on while the machine is suspended.
    ///   - body: is given the lock's ID, for ``PushOptions/lockID``. It is cancelled when the lock is lost, or its Lease can no
    ///     longer be renewed.
    /// - Throws: `LockHeldError`; `LockLostError`; what the body throws.
    public func withLock<T: Sendable>(
        _ environment: EnvironmentID, _ info: LockInfo, waitingUpTo timeout: Duration = .zero,
        clock: any Clock<Duration> = ContinuousClock(), _ body: @escaping @Sendable (String) async throws -> T
    ) async throws -> T {
        let lock = RunLock(self, environment, clock: clock)
        _ = try await lock.take(id: info.id, info: info.json.text, waitingUpTo: timeout)
        let result: Result<T, any Error>
        do { result = .success(try await lock.whileRenewed { try await body(info.id) }) } catch {
            result = .failure(error)
        }
        // A task of its own, waited for: a cancelled one could not send the request any more.
        let release = await Task { try await lock.giveBack(id: info.id) }.result
        let value = try result.get()
        _ = try release.get()
        return value
    }

    /// A random UUID (version 4), as the engines name their locks.
    package static func freshUUID() -> String {
        let high = UInt64.random(in: 0 ... .max) & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
        let low = UInt64.random(in: 0 ... .max) & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        let (first, second) = (high.hexadecimal, low.hexadecimal)
        return
            "\(first.prefix(8))-\(first.dropFirst(8).prefix(4))-\(first.suffix(4))-\(second.prefix(4))-\(second.suffix(12))"
    }
}
