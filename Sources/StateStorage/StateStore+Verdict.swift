internal import KubernetesAPI
internal import OrderedJSON

extension StateStore {
    /// The lock of an environment with the verdict on it; nil where nobody holds it.
    ///
    /// - Throws: `KubernetesError`; what the Role does not let us look at makes a verdict unknown.
    public func judgedLock(_ environment: EnvironmentID) async throws -> JudgedLock? {
        guard let dated = try await datedLease(StateNames(environment).lease),
            let lock = HeldLock(dated.object, environment)
        else { return nil }
        return JudgedLock(lock: lock, verdict: try await verdict(on: lock, dated))
    }

    /// The locks of many environments, with the verdicts on them; those that nobody holds by now are left out.
    public func judgedLocks(of environments: [EnvironmentID]) async throws -> [JudgedLock] {
        try await inParallel(environments, width: configuration.parallelRequests) { try await judgedLock($0) }
            .compactMap(\.self)
    }

    /// - Parameter dated: the lock's Lease.
    func verdict(on lock: HeldLock, _ dated: DatedObject) async throws -> LockVerdict {
        // It outlives whoever took it, and is not given back for that: engines would begin anew where no state is any more.
        if let move = lock.move { return .unknown(move.standing) }
        if let note = lock.note { return try await verdict(on: lock, note, dated) }
        if let verdict = try await podVerdict(lock) { return verdict }
        return .unknown("it was taken by a program that renews no Lease, so whether that still runs cannot be seen")
    }

    private func verdict(on lock: HeldLock, _ note: RunNote, _ dated: DatedObject) async throws -> LockVerdict {
        do {
            let lease = try await datedLease(StateNames(lock.environment).runLease)
            return LockVerdict(
                ofRun: note, lease: lease.map { RunLease($0.object) },
                taken: note.time.flatMap(RFC3339.seconds) ?? dated.object.creationTime,
                now: lease?.time ?? dated.time)
        } catch let error as KubernetesError where error.code == .forbidden {
            return .unknown("to get the Lease of its run is denied (\(error.cause))")
        }
    }

    /// The error for a lock that somebody else holds. What keeps the verdict from being found out is said in its place.
    func heldError(_ lock: HeldLock, waited: Duration) async -> LockHeldError {
        LockHeldError(lock: lock, namespace: namespace, waited: waited, verdict: await currentVerdict(on: lock))
    }

    func currentVerdict(on lock: HeldLock) async -> LockVerdict {
        do {
            guard let judged = try await judgedLock(lock.environment), judged.lock.id == lock.id else {
                return .alive("it changed hands just now")
            }
            return judged.verdict
        } catch {
            return .unknown("whether its holder is there could not be found out (\(error))")
        }
    }
}
