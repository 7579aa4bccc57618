internal import KubernetesAPI
public import OrderedJSON

/// An environment's lock as a run of ours takes, keeps and gives it back: with a Lease beside it that is renewed as long as
/// the run lives, so that others can tell a lock that is held from one that was left behind.
///
/// The lock's own Lease decides who holds it; the run's Lease only tells of it. So a run looks at the lock before each
/// renewal, and a run that was suspended for longer than its Lease finds out that it has lost the lock.
public actor RunLock {
    /// What became of a renewal.
    public enum Renewal: Sendable {
        /// There was nothing to renew.
        case idle
        /// The cluster has it for as long again.
        case renewed
        /// The cluster could not be asked; since when it could not.
        case failed(any Error, since: Duration)
        /// Somebody else was given the lock, or it was taken away.
        case lost(LockLostError)
    }

    static let interval = Duration.seconds(10)
    /// How long a renewal may take.
    static let renewalLimit = Duration.seconds(15)

    private struct Held {
        let id: String
        /// The lock's Lease as it was taken.
        let lease: JSON
        /// Whether the cluster let us write the run's Lease.
        var isAnnounced: Bool
        /// When the lock was seen to be ours, by `elapsed`.
        var confirmed: Duration
        var loss: LockLostError?
    }

    /// Names the run: a UUID.
    public nonisolated let run = StateStore.freshUUID()
    let store: StateStore
    let names: StateNames
    private let clock: any Clock<Duration>
    let elapsed: @Sendable () -> Duration
    private var held: Held?
    /// A lock that was to be given back, and may be held still.
    private var left: String?
    /// The run's place in the queue; nil where it has none.
    var turn: Turn?
    /// The Leases as they were last seen, the lock's while nobody held it. They are written without being read again: where
    /// somebody else wrote one since, the cluster refuses that, and it is read.
    var (seenFree, seenRunLease): (JSON?, JSON?)
    /// A lock that was given back, which the run's Lease still tells of: whatever is written on it next says that it ended.
    var unended: String?
    /// What time it was for the cluster when it told it last, in seconds since 1970, and when that was, by `elapsed`.
    var told: (time: Double, at: Duration)?

    /// - Parameter clock: goes on while the machine is suspended.
    public init(_ store: StateStore, _ environment: EnvironmentID, clock: any Clock<Duration> = ContinuousClock()) {
        self.store = store
        names = StateNames(environment)
        self.clock = clock
        elapsed = clock.stopwatch()
    }

    /// The lock that is held.
    public var lockID: String? { held?.id }

    /// Takes the lock, and writes the run's Lease.
    ///
    /// Where the Role does not let us write that Lease, the lock is held without, as engines hold it.
    ///
    /// - Parameters:
    ///   - id: names the lock; never used before.
    ///   - info: the lock info, as JSON.
    ///   - timeout: how long to wait for a lock that somebody else holds; zero tries once.
    ///   - givingUp: asked between two attempts whether nobody waits any more.
    /// - Returns: the lock's Lease.
    /// - Throws: `LockHeldError` when it is held to the end of the time; `KubernetesError`. The lock is then not held.
    public func take(
        id: String, info: String, waitingUpTo timeout: Duration = .zero,
        givingUp: @Sendable () -> Bool = { false }
    ) async throws -> JSON {
        let claim = LockClaim(id: id, info: info, run: run)
        let runLease = seenRunLease.take()
        var lease = try await store.take(
            claim, names.environment, seen: dated(seenFree.take()), waitingUpTo: timeout, givingUp: givingUp)
        let taken = elapsed()
        do {
            let isAnnounced = try await announce(id, seen: runLease)
            if isAnnounced { unended = nil } else { lease = try await store.withoutNote(names, id: id) }
            held = Held(id: id, lease: lease, isAnnounced: isAnnounced, confirmed: taken)
            return lease
        } catch {
            held = nil
            await store.relinquish(names.environment, id: id)
            throw error
        }
    }

    /// Gives the lock back, and ends the run's Lease.
    ///
    /// - Returns: the lock's Lease.
    /// - Throws: `StateStoreError.Code.notLocked` or `LockHeldError` where the lock was lost; `KubernetesError`.
    @discardableResult
    public func giveBack(id: String) async throws -> JSON {
        let given = held?.id == id ? held : nil
        let isAnnounced = given?.isAnnounced == true
        (held, left) = (nil, id)
        let result: Result<JSON, any Error>
        do {
            let lease = try await free(id, seen: given?.lease)
            (seenFree, left) = (lease, nil)
            result = .success(lease)
        } catch {
            result = .failure(error)
            if error.isLossOfLock { left = nil }
        }
        if turn != nil, case .success = result {
            if isAnnounced { unended = id }
        } else if isAnnounced {
            // Also where that failed: whoever holds the lock then, it is no run.
            try? await end(id)
        }
        return try result.get()
    }

    /// Gives back a lock that could not be given back when it was to be: the cluster did not answer then.
    ///
    /// - Throws: `KubernetesError`.
    public func giveBackLeft() async throws {
        guard let id = left else { return }
        do { _ = try await free(id, seen: nil) } catch  where error.isLossOfLock {
            // It is not ours any more.
        }
        left = nil
    }

    /// A lock that stays behind keeps everybody out, so one failure is not the end of it.
    private func free(_ id: String, seen: JSON?) async throws -> JSON {
        var (mayBeFree, seen) = (false, seen)
        for _ in 0..<3 {
            do {
                return try await store.free(names.environment, id: id, seen: dated(seen.take()))
            } catch let error as KubernetesError {
                mayBeFree = mayBeFree || error.mayBeDone
            } catch  where mayBeFree && error.isLossOfLock {
                // An attempt before, whose answer was lost, gave it back.
                if let lease = try await store.lease(names) { return lease }
                throw error
            }
        }
        return try await store.free(names.environment, id: id)
    }

    /// Gives back a lock whose engine is gone, or else says that the run has ended.
    public func abandon() async {
        guard let id = held?.id else { return }
        let isFree = await Task {
            try await withTimeLimit(store.configuration.lockRequestLimit) { _ = try await self.giveBack(id: id) }
        }.result
        if case .success(()?) = isFree { return }
        await end()
    }

    /// Says that the run has ended, and with it any lock that was not given back.
    public func end() async {
        guard let id = held?.id, held?.isAnnounced == true else { return }
        held = nil
        try? await end(id)
    }

    /// Sees to it that the lock is still ours, before something is done that only its holder may do.
    ///
    /// - Throws: `LockLostError` where it is not; `KubernetesError` where that cannot be found out.
    public func confirm() async throws {
        guard let held else { return }
        if let loss = held.loss { throw loss }
        let now = elapsed()
        do {
            _ = try await store.ownLease(names, id: held.id)
            if self.held?.id == held.id { self.held?.confirmed = now }
        } catch let loss as LockLostError {
            if self.held?.id == held.id { self.held?.loss = loss }
            throw loss
        }
    }

    /// Waits until the next renewal is due, and makes it. To be called again and again while the run lasts.
    ///
    /// - Throws: `CancellationError`.
    public func nextRenewal() async throws -> Renewal {
        try await clock.sleep(for: Self.interval)
        guard let held, held.isAnnounced, held.loss == nil else {
            if turn != nil {
                _ = try? await withTimeLimit(Self.renewalLimit, clock: clock) { try await self.renewTurn() }
            }
            try Task.checkCancellation()
            return .idle
        }
        let now = elapsed()
        do {
            let renewed = try await withTimeLimit(Self.renewalLimit, clock: clock) { [self] in
                try await announce(held.id)
            }
            guard renewed != nil else { throw RenewalTimeout() }
            if self.held?.id == held.id { self.held?.confirmed = now }
            return .renewed
        } catch {
            // Given back in the meantime: nothing that anybody waits for.
            guard self.held?.id == held.id else { return .idle }
            if let loss = error as? LockLostError {
                self.held?.loss = loss
                return .lost(loss)
            }
            try Task.checkCancellation()
            return .failed(error, since: elapsed() - held.confirmed)
        }
    }

    /// Runs the body and renews meanwhile. The body is cancelled when the lock is lost, and before the Lease runs out.
    func whileRenewed<T: Sendable>(_ body: @escaping @Sendable () async throws -> T) async throws -> T {
        try await withThrowingTaskGroup(of: T?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await self.keepRenewed()
                return nil
            }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let result { return result }
            }
            throw CancellationError()
        }
    }

    private func keepRenewed() async throws {
        while true {
            switch try await nextRenewal() {
            case .idle, .renewed: break
            case .lost(let error): throw error
            case .failed(let error, let age):
                // The next renewal may come too late.
                guard age + Self.interval + Self.renewalLimit > .seconds(RunLease.duration), let id = held?.id
                else { break }
                throw LockLostError(
                    environment: names.environment, namespace: store.namespace, id: id,
                    cause: "its Lease could not be renewed for \(age.components.seconds) s (\(error))")
            }
        }
    }

    /// Writes the run's Lease, whoever wrote it before, if the lock is ours.
    ///
    /// The order makes it safe: only the lock's holder writes, and one that looked at the lock before somebody else wrote the
    /// run's Lease has read an older version of that, so that its own write fails.
    ///
    /// - Parameter seen: the run's Lease as it was before the lock was taken; nil where both are to be read.
    /// - Returns: whether the Role allows it.
    private func announce(_ id: String, seen: JSON? = nil) async throws -> Bool {
        var seen = seen
        while true {
            do {
                var current = seen.take()
                if current == nil {
                    current = try await store.lease(names.runLease)
                    note(try await store.ownLease(names, id: id).time)
                }
                let wanted = RunLease.renewed(
                    current, names, namespace: store.namespace, run: run, lockID: id,
                    at: Timestamp.microseconds(time))
                seenRunLease = try await store.client.settle(.lease, namespace: store.namespace, wanted) {
                    RunLease($0).lockID == id && $0["spec"]?["renewTime"] == wanted["spec"]?["renewTime"]
                }
                return true
            } catch let error as KubernetesError where error.isConflict {
                try await Task.sleep(for: .milliseconds(20) * Double.random(in: 0..<1))
            } catch let error as KubernetesError where error.code == .forbidden {
                return false
            }
        }
    }

    private func end(_ id: String) async throws {
        while let dated = try await takeRunLease(), RunLease(dated.object).lockID == id {
            let wanted = RunLease.ended(dated.object, at: Timestamp.microseconds(dated.time))
            do {
                seenRunLease = try await store.client.settle(.lease, namespace: store.namespace, wanted) {
                    RunLease($0).lockID != id || RunLease($0).run == nil
                }
                return
            } catch let error as KubernetesError where error.isConflict {
                // By a renewal that was on its way.
            }
        }
    }
}

/// A lock that was taken from its holder.
public struct LockLostError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Whose state it locked.
    public let environment: EnvironmentID
    /// The namespace of the state.
    public let namespace: String
    /// Of the lock that was lost.
    public let id: String
    let cause: String

    public var description: String {
        "the lock \(id) of environment \(environment) in namespace \(namespace) was lost: \(cause); nothing was written "
            + "without it"
    }
}

extension Error {
    /// Whether the lock that was to be given back is not there any more.
    fileprivate var isLossOfLock: Bool { self is LockHeldError || (self as? StateStoreError)?.code == .notLocked }
}

private struct RenewalTimeout: Error, CustomStringConvertible {
    var description: String { "the cluster did not answer in time" }
}

extension Clock where Duration == Swift.Duration {
    /// Tells how much time went by since it was made.
    fileprivate func stopwatch() -> @Sendable () -> Swift.Duration {
        let start = now
        return { start.duration(to: now) }
    }
}
