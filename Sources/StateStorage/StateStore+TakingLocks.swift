internal import KubernetesAPI
internal import OrderedJSON

extension StateStore {
    private enum Attempt: Sendable {
        /// The claim holds the lock; its Lease.
        case taken(JSON)
        case held(HeldLock)
        /// The cluster did not answer, or could not.
        case failed(KubernetesError)
    }

    /// Takes a lock, or waits for it.
    ///
    /// - Parameters:
    ///   - seen: the lock's Lease as it was last seen, held by nobody; the first attempt goes without reading it again.
    ///   - givingUp: asked between two attempts whether nobody waits any more.
    /// - Returns: the lock's Lease.
    /// - Throws: as ``lock(_:_:waitingUpTo:)``; the lock is then not held.
    func take(
        _ claim: LockClaim, _ environment: EnvironmentID, seen: DatedObject? = nil, waitingUpTo timeout: Duration,
        givingUp: @Sendable () -> Bool = { false }
    ) async throws -> JSON {
        var seen = seen
        let names = StateNames(environment)
        let start = ContinuousClock.now
        var pause = min(Duration.milliseconds(100), configuration.longestLockPause)
        // Of any attempt, not of the last one alone.
        var mayBeTaken = false
        do {
            while true {
                let attempt = try await attempt(
                    claim, names, seen: seen.take(),
                    limit: timeout > .zero ? timeout - (ContinuousClock.now - start) : nil)
                let waited = ContinuousClock.now - start
                let isLast = waited >= timeout || givingUp()
                switch attempt {
                case .taken(let lease): return lease
                case .held(let lock) where isLast:
                    throw await heldError(lock, waited: timeout > .zero ? waited : .zero)
                case .held(let lock): onLockWait?(lock, waited)
                case .failed(let error):
                    mayBeTaken = mayBeTaken || error.mayBeDone
                    if isLast { throw error }
                }
                try await Task.sleep(for: min(pause * Double.random(in: 0.5..<1), timeout - waited))
                pause = min(pause * 2, configuration.longestLockPause)
            }
        } catch let error as LockHeldError {
            throw error
        } catch let error as KubernetesError where !mayBeTaken && !error.mayBeDone {
            throw error
        } catch {
            // The cluster may have given us the lock all the same, and nobody would know.
            await relinquish(environment, id: claim.id)
            throw error
        }
    }

    /// - Parameter limit: what is left of the time to wait; nil where there is none.
    private func attempt(
        _ claim: LockClaim, _ names: StateNames, seen: DatedObject?, limit: Duration?
    ) async throws -> Attempt {
        do {
            guard let limit else { return try await attempt(claim, names, seen: seen) }
            let attempt = try await withTimeLimit(max(limit, configuration.lockRequestLimit)) {
                try await self.attempt(claim, names, seen: seen)
            }
            return attempt
                ?? .failed(
                    KubernetesError(
                        .unreachable, target: "lease \(names.lease) in namespace \(namespace)",
                        cause: "no answer within the time to wait for the lock", mayHaveHappened: true))
        } catch let error as KubernetesError where [.unreachable, .server, .tooManyRequests].contains(error.code) {
            return .failed(error)
        }
    }

    private func attempt(_ claim: LockClaim, _ names: StateNames, seen: DatedObject?) async throws -> Attempt {
        var seen = seen
        while true {
            let dated = if let first = seen.take() { first } else { try await datedLease(names.lease) }
            if let dated, let held = HeldLock(dated.object, names.environment) {
                return held.id == claim.id ? .taken(dated.object) : .held(held)
            }
            var wanted = dated?.object ?? StateLease.new(names, namespace: namespace)
            wanted.setAnnotation(StateLease.infoAnnotation, claim.info)
            wanted.setAnnotation(
                RunNote.annotation,
                claim.run.map {
                    RunNote(run: $0, lockID: claim.id, time: dated.map { Timestamp.microseconds($0.time) }).text
                })
            wanted["spec", "holderIdentity"] = .string(claim.id)
            do {
                return .taken(
                    try await client.settle(.lease, namespace: namespace, wanted) {
                        Lease(object: $0).holderIdentity == claim.id
                    })
            } catch let error as KubernetesError where error.isConflict {
                // Somebody was faster: look who.
                try await Self.pauseAfterConflict()
            }
        }
    }

    /// Gives a lock back if it is held under that ID, after an attempt of which that is not known.
    func relinquish(_ environment: EnvironmentID, id: String) async {
        // A task of its own, waited for: a cancelled one could not send the requests any more.
        _ = await Task {
            try await withTimeLimit(self.configuration.lockRequestLimit) { try await self.free(environment, id: id) }
        }.result
    }

    /// - Parameter seen: the lock's Lease as it was taken; the first attempt goes without reading it again.
    /// - Returns: the lock's Lease, which nobody holds any more.
    /// - Throws: as ``unlock(_:id:)``.
    func free(_ environment: EnvironmentID, id: String, seen: DatedObject? = nil) async throws -> JSON {
        if let seen {
            do {
                // Not settled: of a lock that somebody else was given meanwhile, that would be said to be given back.
                return try await client.update(.lease, namespace: namespace, Self.released(seen.object))
            } catch let error as KubernetesError where error.isConflict {}
        }
        while true {
            guard let dated = try await datedLease(StateNames(environment).lease),
                let held = HeldLock(dated.object, environment)
            else { throw failure(.notLocked, environment, "nobody holds the lock") }
            guard held.id == id else { throw await heldError(held, waited: .zero) }
            do {
                return try await freed(dated.object, id: id)
            } catch let error as KubernetesError where error.isConflict {
                // Changed since, by its holder perhaps: look again whose it is.
                try await Self.pauseAfterConflict()
            }
        }
    }

    /// - Parameter lease: as it was read; nothing is written where it was changed since.
    func freed(_ lease: JSON, id: String) async throws -> JSON {
        try await client.settle(.lease, namespace: namespace, Self.released(lease)) {
            Lease(object: $0).holderIdentity != id
        }
    }

    private static func released(_ lease: JSON) -> JSON {
        var free = lease
        free["spec", "holderIdentity"] = nil
        free.setAnnotation(StateLease.infoAnnotation, nil)
        free.setAnnotation(RunNote.annotation, nil)
        return free
    }

    /// Takes the note of a run off its lock: nobody will renew a Lease for it.
    ///
    /// - Returns: the lock's Lease.
    /// - Throws: `LockLostError`; `KubernetesError`.
    func withoutNote(_ names: StateNames, id: String) async throws -> JSON {
        while true {
            var lease = try await ownLease(names, id: id).object
            lease.setAnnotation(RunNote.annotation, nil)
            do {
                return try await client.settle(.lease, namespace: namespace, lease) {
                    Lease(object: $0).holderIdentity == id && $0.objectAnnotations[RunNote.annotation] == nil
                }
            } catch let error as KubernetesError where error.isConflict {
                try await Self.pauseAfterConflict()
            }
        }
    }

    /// The lock's Lease, where it is held under that ID.
    ///
    /// - Throws: `LockLostError` where it is not; `KubernetesError`.
    func ownLease(_ names: StateNames, id: String) async throws -> DatedObject {
        let dated = try await datedLease(names.lease)
        let holder = dated.flatMap { HeldLock($0.object, names.environment) }
        guard let dated, holder?.id == id else {
            throw LockLostError(
                environment: names.environment, namespace: namespace, id: id,
                cause: holder.map { "it is held by \($0.summary) by now" } ?? "it was given back by somebody else")
        }
        return dated
    }

    func lease(_ names: StateNames) async throws -> JSON? { try await lease(names.lease) }

    func lease(_ name: String) async throws -> JSON? { try await datedLease(name)?.object }

    func datedLease(_ name: String) async throws -> DatedObject? {
        do {
            return try await client.getDated(.lease, namespace: namespace, name: name)
        } catch let error as KubernetesError where error.code == .notFound {
            return nil
        }
    }

    static func pauseAfterConflict() async throws {
        try await Task.sleep(for: .milliseconds(20) * Double.random(in: 0..<1))
    }
}
