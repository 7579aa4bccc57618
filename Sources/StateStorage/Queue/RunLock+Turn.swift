internal import KubernetesAPI
internal import OrderedJSON

extension RunLock {
    /// What a run has of its place in the queue.
    struct Turn {
        /// When the ticket was renewed, by `elapsed`.
        var renewed: Duration
    }

    private enum Look {
        case come
        case wait(TurnWait)
    }

    /// Waits until all runs that arrived before have ended and nobody holds the lock. From then on no other run of ours takes
    /// the lock before ``endTurn()``; an engine that somebody else runs by hand may.
    ///
    /// A lock that a run of ours left behind which is gone, by the evidence of ``LockVerdict``, is given back.
    ///
    /// Where the Role does not let us write the run's Lease, the lock is waited for in no order.
    ///
    /// - Parameters:
    ///   - operation: what is run, for those who wait behind.
    ///   - timeout: zero does not wait, and takes no place in the queue where others are ahead.
    ///   - obstacle: asked before a lock is given back that was left behind; what it says stands against it.
    ///   - tell: told when it has to be waited for others than before.
    /// - Returns: how long it waited.
    /// - Throws: `EnvironmentBusyError` or `LockHeldError` at the end of the time; `KubernetesError`; `CancellationError`.
    ///   The place in the queue is then given up.
    public func takeTurn(
        _ operation: String, waitingUpTo timeout: Duration,
        obstacle: @Sendable (HeldLock) async -> String? = { _ in nil },
        telling tell: @Sendable (TurnEvent) -> Void = { _ in }
    ) async throws -> Duration {
        let start = ContinuousClock.now
        var pause = min(Duration.milliseconds(100), store.configuration.longestLockPause)
        var known: TurnWait?
        do {
            while true {
                var look: Look?
                do {
                    look = try await self.look(
                        operation, mayWait: timeout > .zero, obstacle: obstacle, telling: tell)
                } catch let error as KubernetesError where known != nil && error.isPassing {
                    // Whoever waits anyway waits for the cluster, too.
                    if ContinuousClock.now - start >= timeout { throw error }
                }
                let waited = ContinuousClock.now - start
                switch look {
                case .come: return waited
                case .wait(let wait):
                    guard waited < timeout else { throw try await busy(wait, timeout > .zero ? waited : .zero) }
                    if wait != known { tell(.waiting(wait)) }
                    known = wait
                case nil: break
                }
                try await Task.sleep(for: min(pause * Double.random(in: 0.5..<1), timeout - waited))
                pause = min(pause * 2, store.configuration.longestLockPause)
            }
        } catch {
            await endTurn()
            throw error
        }
    }

    /// Lets the next run have its turn.
    public func endTurn() async {
        guard turn != nil else { return }
        turn = nil
        // A task of its own, waited for: a cancelled one could not send the requests any more.
        _ = await Task {
            try await withTimeLimit(store.configuration.lockRequestLimit) { try await self.leaveQueue() }
        }.result
    }

    /// Renews the place in the queue, unless the run's Lease, which does so too, is renewed anyway.
    func renewTurn() async throws {
        guard turn != nil, let dated = try await store.datedLease(names.runLease) else { return }
        var queue = RunQueue(dated.object)
        queue.renew(run, at: Self.time(dated))
        do {
            try await write(queue, on: dated)
        } catch let error as KubernetesError where error.isConflict {
            // The next renewal comes in time.
        }
    }

    private func look(
        _ operation: String, mayWait: Bool, obstacle: @Sendable (HeldLock) async -> String?,
        telling tell: @Sendable (TurnEvent) -> Void
    ) async throws -> Look {
        // At the same time, since as a rule nobody holds it. One that is held is looked at again when the place is taken.
        let (store, names, isFirst) = (store, names, turn == nil)
        async let early = isFirst ? try? store.datedLease(names.lease) : nil
        let ahead: [QueueTicket]
        do {
            ahead = try await place(operation, mayWait: mayWait)
        } catch let error as KubernetesError where error.code == .forbidden || error.code == .notFound {
            // No right to it, or no namespace, of which what comes next tells more.
            turn = nil
            ahead = []
        }
        guard ahead.isEmpty else {
            return .wait(TurnWait(environment: names.environment, ahead: ahead, lock: nil))
        }
        if let lock = await early, HeldLock(lock.object, names.environment) == nil {
            seenFree = lock.object
            return .come
        }
        return try await lookAtLock(obstacle: obstacle, telling: tell)
    }

    /// Takes a place in the queue, or keeps it.
    ///
    /// - Returns: the runs that are ahead.
    private func place(_ operation: String, mayWait: Bool) async throws -> [QueueTicket] {
        while true {
            guard let dated = try await store.datedLease(names.runLease) else {
                // What answers the request for it tells the time of the cluster, too.
                let lease = RunLease.new(names, namespace: store.namespace)
                _ = try await store.client.settle(.lease, namespace: store.namespace, lease) { _ in true }
                continue
            }
            note(dated.time)
            var queue = RunQueue(dated.object)
            queue.dropDead(RunLease(dated.object), now: dated.time)
            let now = elapsed()
            if let turn, queue.contains(run) {
                guard now - turn.renewed >= Self.interval else { return queue.ahead(of: run) }
                queue.renew(run, at: Self.time(dated))
            } else if !queue.contains(run) {
                guard mayWait || queue.places.isEmpty else { return queue.places.map(\.ticket) }
                guard
                    queue.join(run, who: store.configuration.writer, operation: operation, at: Self.time(dated))
                else { return queue.places.map(\.ticket) }
            }
            do {
                // Also where the answer is lost, there may be a ticket to give up.
                turn = Turn(renewed: now)
                try await write(queue, on: dated)
                return queue.ahead(of: run)
            } catch let error as KubernetesError where error.isConflict {
                try await StateStore.pauseAfterConflict()
            }
        }
    }

    private func lookAtLock(
        obstacle: @Sendable (HeldLock) async -> String?, telling tell: @Sendable (TurnEvent) -> Void
    ) async throws -> Look {
        while true {
            guard let dated = try await store.datedLease(names.lease) else { return .come }
            guard let held = HeldLock(dated.object, names.environment) else {
                seenFree = dated.object
                return .come
            }
            // Nobody will give that one back. What comes next says where the state is.
            if held.move?.phase == .left { return .come }
            let verdict = held.note == nil ? nil : try await store.verdict(on: held, dated)
            var wait = TurnWait(environment: names.environment, ahead: [], lock: held)
            guard let verdict, verdict.isOrphaned, held.move == nil else { return .wait(wait) }
            wait.obstacle = await obstacle(held)
            guard wait.obstacle == nil else { return .wait(wait) }
            do {
                let lease = try await store.freed(dated.object, id: held.id)
                // Not that lock, but another may be held by now.
                guard HeldLock(lease, names.environment) == nil else { continue }
                tell(.tookOver(JudgedLock(lock: held, verdict: verdict)))
                return .come
            } catch let error as KubernetesError where error.isConflict {
                // It is not what was judged any more.
                try await StateStore.pauseAfterConflict()
            }
        }
    }

    private func busy(_ wait: TurnWait, _ waited: Duration) async throws -> any Error {
        if let lock = wait.lock, wait.obstacle == nil { return await store.heldError(lock, waited: waited) }
        return EnvironmentBusyError(
            namespace: store.namespace, wait: wait, waited: waited,
            lock: wait.lock == nil ? try await store.judgedLock(names.environment) : nil)
    }

    private func leaveQueue() async throws {
        while true {
            do {
                return try await leaveQueueOnce()
            } catch let error as KubernetesError where error.isPassing || error.isConflict {
                // A place that is not given back keeps everybody waiting until it runs out.
                try await Task.sleep(for: .milliseconds(200) * Double.random(in: 0..<1))
            }
        }
    }

    private func leaveQueueOnce() async throws {
        let isSeen = seenRunLease != nil
        guard let dated = try await takeRunLease() else { return }
        var queue = RunQueue(dated.object)
        queue.leave(run)
        do {
            try await write(queue, on: dated)
        } catch let error as KubernetesError where error.isConflict && isSeen {
            // Others joined since.
            try await leaveQueueOnce()
        }
    }

    private func write(_ queue: RunQueue, on dated: DatedObject) async throws {
        var lease = dated.object
        let ended = unended
        if let ended, RunLease(lease).lockID == ended {
            lease = RunLease.ended(lease, at: Timestamp.microseconds(dated.time))
        }
        queue.write(on: &lease)
        guard lease != dated.object else { return }
        seenRunLease = try await store.client.settle(.lease, namespace: store.namespace, lease) {
            RunQueue($0) == queue
        }
        if unended == ended { unended = nil }
    }

    /// By the clock of the cluster, to the second.
    private static func time(_ dated: DatedObject) -> String { "\(Timestamp.microseconds(dated.time).prefix(19))Z" }
}

extension KubernetesError {
    /// Whether the cluster may well answer the next time.
    fileprivate var isPassing: Bool { [.unreachable, .server, .tooManyRequests].contains(code) }
}
