internal import OrderedJSON
internal import StateStorage
internal import Synchronization

/// The lock as an engine takes and gives it back through the relay, one step of a run after the other.
///
/// An engine gives up at the first conflict, since its backend tries once and waits only for a lock that it sees held. So the
/// relay takes the lock for it, and waits where the engine would fail.
actor RelayLock {
    private let lock: RunLock
    /// How long a step of the run may wait for the lock.
    private let timeout: Duration
    private let isInterrupted: @Sendable () -> Bool
    private let isStepOver = Mutex(false)
    private var firstRequest: ContinuousClock.Instant?
    private var taking = 0
    private var waiters: [CheckedContinuation<Void, Never>] = []

    init(_ lock: RunLock, timeout: Duration, isInterrupted: @escaping @Sendable () -> Bool) {
        self.lock = lock
        self.timeout = timeout
        self.isInterrupted = isInterrupted
    }

    var lockID: String? { get async { await lock.lockID } }

    func beginStep() {
        isStepOver.withLock { $0 = false }
        firstRequest = nil
    }

    /// The engine of the step has ended: nobody waits for a lock any more, and one that it left is held by nobody.
    func endStep() async {
        isStepOver.withLock { $0 = true }
        while taking > 0 { await withCheckedContinuation { waiters.append($0) } }
        await lock.abandon()
    }

    /// The engine looked at the lock: from the first time on it waits for it.
    func noteRequest() { if firstRequest == nil { firstRequest = .now } }

    /// - Returns: the lock's Lease.
    /// - Throws: as `RunLock.take`.
    func take(id: String, info: String) async throws -> JSON {
        noteRequest()
        taking += 1
        defer {
            taking -= 1
            if taking == 0 {
                for waiter in waiters { waiter.resume() }
                waiters = []
            }
        }
        let spent = firstRequest.map { ContinuousClock.now - $0 } ?? .zero
        let lease = try await lock.take(id: id, info: info, waitingUpTo: max(timeout - spent, .zero)) { [self] in
            isInterrupted() || isStepOver.withLock { $0 }
        }
        guard !isStepOver.withLock({ $0 }) else {
            // The engine that asked for it is gone.
            try await lock.giveBack(id: id)
            throw CancellationError()
        }
        return lease
    }

    func giveBack(id: String) async throws -> JSON { try await lock.giveBack(id: id) }

    func confirm() async throws { try await lock.confirm() }

    /// Renews as long as the run lasts.
    ///
    /// A cluster that does not answer is no reason to stop an engine: it may answer before the engine has something to save,
    /// and what is then saved is confirmed first.
    ///
    /// - Parameter lost: told when somebody else was given the lock.
    func keepRenewed(lost: @Sendable (LockLostError) -> Void) async throws {
        while true {
            if case .lost(let error) = try await lock.nextRenewal() { lost(error) }
        }
    }
}
