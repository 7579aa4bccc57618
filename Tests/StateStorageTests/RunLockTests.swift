import KubernetesAPI
import OrderedJSON
import Synchronization
import TerraformState
import TestScopes
import Testing

@testable import StateStorage

/// Locks that runs hold, while they live and after they died, on a cluster whose clock and whose runs' clocks the tests turn.
@Suite(.timeLimit(.minutes(20))) struct RunLockTests: StoreSuite {
    let fixture: StoreFixture
    private let clock = SteppedClock()

    init() throws { fixture = try StoreFixture() }

    private var lockPath: String { "\(leasesPath)/\(names.lease)" }
    private var runPath: String { "\(leasesPath)/\(names.runLease)" }
    private var runLease: RunLease? { cluster.objects[runPath].map { RunLease($0) } }

    private func takenLock(_ id: String) async throws -> RunLock {
        let lock = RunLock(store, environment, clock: clock)
        _ = try await lock.take(id: id, info: #"{"ID":"\#(id)","Who":"jane@laptop"}"#)
        return lock
    }

    private func verdict() async throws -> LockVerdict { try #require(try await store.judgedLock(environment)).verdict }

    private func pass(_ seconds: Int) {
        cluster.time += seconds
        clock.advance(by: .seconds(seconds))
    }

    @Test func aLockIsAliveWhileItsRunRenewsAndOrphanedAfterwards() async throws {
        let lock = try await takenLock("one")
        #expect(runLease?.run == lock.run && runLease?.lockID == "one")
        #expect(cluster.objects[runPath]?.objectLabels["tfstate"] == nil)
        for _ in 0..<20 {
            async let renewal = lock.nextRenewal()
            while clock.sleepers == 0 { await Task.yield() }
            pass(10)
            guard case .renewed = try await renewal else {
                Issue.record("not renewed")
                return
            }
            #expect(try await verdict() == .alive("its run renewed its Lease 0 s ago"))
        }
        // Killed: nobody renews any more.
        pass(70)
        #expect(try await verdict().name == "alive")
        await #expect(throws: LockHeldError.self) { try await store.unlockOrphaned(environment) }
        pass(1)
        #expect(try await verdict() == .orphaned("its run stopped renewing its Lease 71 s ago"))
        #expect(try await store.unlockOrphaned(environment).lock.id == "one")
        #expect(try await store.heldLock(environment) == nil)
        await #expect(throws: StateStoreError.self) { try await store.unlockOrphaned(environment) }
    }

    @Test func whatIsWaitedForInVainIsSaidWithItsVerdict() async throws {
        _ = try await takenLock("one")
        let alive = await #expect(throws: LockHeldError.self) {
            try await store.lock(environment, store.lockInfo(operation: "x"))
        }
        #expect(alive?.description.contains("jane@laptop") == true)
        #expect(alive?.description.contains("renewed its Lease 0 s ago, so it is at work") == true)
        pass(600)
        let orphaned = await #expect(throws: LockHeldError.self) {
            try await store.lock(environment, store.lockInfo(operation: "x"))
        }
        #expect(orphaned?.description.contains("stowage state unlock \(environment) --orphaned") == true)
        let refusal = await #expect(throws: StateRefusal.self) {
            try await store.push(try TestState.file(serial: 1), to: environment)
        }
        #expect(refusal?.description.contains("stowage state unlock \(environment) --orphaned") == true)
    }

    @Test func aLockThatNobodyRenewsALeaseForIsUnknown() async throws {
        try await store.lock(environment, store.lockInfo(operation: "x"))
        pass(100_000)
        #expect(try await verdict().name == "unknown")
        let error = await #expect(throws: LockHeldError.self) { try await store.unlockOrphaned(environment) }
        #expect(error?.description.contains("stowage state unlock \(environment) \(error?.lock.id ?? "")") == true)
        #expect(cluster.objects[runPath] == nil)
    }

    /// An engine keeps what it does not know on the Lease, and takes the lock with our old note on it.
    @Test func anOldNoteDoesNotCountForANewLock() async throws {
        _ = try await takenLock("one")
        pass(600)
        cluster.edit(lockPath) { $0["spec", "holderIdentity"] = "the engine's" }
        #expect(try await verdict().name == "unknown")
        await #expect(throws: LockHeldError.self) { try await store.unlockOrphaned(environment) }
    }

    @Test func aRunThatEndsWithALockHasLeftAnOrphan() async throws {
        let lock = try await takenLock("one")
        await lock.end()
        #expect(try await verdict() == .orphaned("its run ended 0 s ago and did not give it back"))
    }

    @Test func aLockThatWasGivenBackLeavesAnEndedRunLease() async throws {
        let lock = try await takenLock("one")
        try await lock.giveBack(id: "one")
        #expect(runLease?.run == nil && runLease?.lockID == "one")
        #expect(cluster.objects[lockPath]?.objectAnnotations == [:])
        #expect(await lock.lockID == nil)
        let next = try await takenLock("two")
        #expect(runLease?.run == next.run && runLease?.lockID == "two")
        #expect(try await verdict().name == "alive")
    }

    /// The cluster carries the request out and says nothing more, until the next attempt.
    @Test func whatWasGivenBackWithoutAnAnswerWasGivenBack() async throws {
        let lost = Mutex(0)
        let transport = HookedTransport { [cluster, lockPath] request in
            let answer = cluster.answer(request)
            guard request.path == lockPath, let lease = cluster.objects[lockPath],
                lease["spec"]?["holderIdentity"] == nil
            else { return answer }
            // Of the write, and of the look at what became of it.
            let count = lost.withLock { count in
                count += 1
                return count
            }
            guard count > 2 else {
                throw KubernetesError(.unreachable, target: "", cause: "lost", mayHaveHappened: request.verb != .get)
            }
            return answer
        }
        let lock = RunLock(try testStore(transport), environment, clock: clock)
        _ = try await lock.take(id: "one", info: #"{"ID":"one"}"#)
        let lease = try await lock.giveBack(id: "one")
        #expect(lost.withLock { $0 } > 2)
        #expect(lease["spec"]?["holderIdentity"] == nil)
        #expect(runLease?.run == nil)
        await #expect(throws: StateStoreError.self) { try await lock.giveBack(id: "one") }
    }

    @Test func aRunThatDiedBeforeItWroteItsLeaseIsOrphanedByTheLocksAge() async throws {
        for time in [nil, 500] as [Int?] {
            // The first time the lock's Lease is made by taking it, the second time it is there.
            if let time { cluster.time = time }
            let died = FaultyTransport(cluster, .deathBefore, at: 2)
            let lock = RunLock(try testStore(died), environment, clock: clock)
            await #expect(throws: FaultyTransport.Death.self) {
                _ = try await lock.take(id: "\(cluster.time)", info: "{}")
            }
            #expect(try await verdict().name == "alive")
            cluster.time += 71
            #expect(try await verdict() == .orphaned("its run took it 71 s ago and never renewed a Lease for it"))
            try await store.unlockOrphaned(environment)
        }
    }

    @Test func aSuspendedRunFindsOutThatItsLockWasGivenToAnother() async throws {
        let suspended = try await takenLock("one")
        try await suspended.confirm()
        pass(600)
        try await suspended.confirm()
        try await store.unlockOrphaned(environment)
        let other = try await takenLock("two")
        let error = await #expect(throws: LockLostError.self) { try await suspended.confirm() }
        #expect(error?.description.contains("jane@laptop") == true, "\(String(describing: error))")
        let before = cluster.objects
        for _ in 0..<2 {
            async let renewal = suspended.nextRenewal()
            while clock.sleepers == 0 { await Task.yield() }
            pass(10)
            if case .renewed = try await renewal { Issue.record("renewed") }
        }
        await #expect(throws: LockHeldError.self) { try await suspended.giveBack(id: "one") }
        #expect(cluster.objects == before)
        try await other.confirm()
        #expect(runLease?.run == other.run)
    }

    @Test func aRenewalNoticesThatTheLockIsLost() async throws {
        let lock = try await takenLock("one")
        try await store.unlock(environment, id: "one")
        async let renewal = lock.nextRenewal()
        while clock.sleepers == 0 { await Task.yield() }
        pass(10)
        guard case .lost = try await renewal else {
            Issue.record("not noticed")
            return
        }
        await #expect(throws: LockLostError.self) { try await lock.confirm() }
    }

    /// One that was suspended between its look at the lock and its write names itself on the run's Lease; the holder puts
    /// that right.
    @Test func theHolderTakesTheRunsLeaseBack() async throws {
        let lock = try await takenLock("one")
        cluster.edit(runPath) { lease in
            lease["spec", "holderIdentity"] = "another"
            lease.setAnnotation("stowage-lock", "another")
        }
        async let renewal = lock.nextRenewal()
        while clock.sleepers == 0 { await Task.yield() }
        pass(10)
        guard case .renewed = try await renewal else {
            Issue.record("not renewed")
            return
        }
        #expect(runLease?.run == lock.run && runLease?.lockID == "one")
    }

    @Test func aRoleThatDeniesTheRunsLeaseIsEnoughForALock() async throws {
        cluster.forbid(runPath)
        let lock = try await takenLock("one")
        #expect(try await store.heldLock(environment)?.note == nil)
        #expect(try await verdict().name == "unknown")
        try await lock.confirm()
        try await lock.giveBack(id: "one")
        #expect(try await store.heldLock(environment) == nil)
    }

    @Test func theBodyIsCancelledBeforeTheLeaseRunsOut() async throws {
        let isCut = Mutex(false)
        let transport = HookedTransport { [cluster] request in
            if isCut.withLock({ $0 }) { throw KubernetesError(.unreachable, target: "", cause: "cut off") }
            return try await cluster.send(request)
        }
        let store = try testStore(transport)
        let (clock, environment) = (clock, environment)
        let work = Task {
            try await store.withLock(environment, store.lockInfo(operation: "x"), clock: clock) { _ in
                isCut.withLock { $0 = true }
                try await SteppedClock().sleep(for: .seconds(1))
            }
        }
        let turning = Task {
            while !Task.isCancelled {
                if clock.sleepers > 0 { clock.advance(by: .seconds(1)) }
                await Task.yield()
            }
        }
        let error = await #expect(throws: LockLostError.self) { try await work.value }
        turning.cancel()
        #expect(error?.description.contains("could not be renewed") == true, "\(String(describing: error))")
    }

    @Test func theDeadlineHoldsWithinARequestThatHangs() async throws {
        var configuration = store.configuration
        configuration.lockRequestLimit = .milliseconds(10)
        let hanging = HookedTransport { _ in
            try await SteppedClock().sleep(for: .seconds(1))
            throw CancellationError()
        }
        let store = StateStore(
            client: KubernetesClient(connection: store.client.connection, transport: hanging), namespace: testNamespace,
            configuration: configuration)
        let error = await #expect(throws: KubernetesError.self) {
            try await store.lock(environment, store.lockInfo(operation: "x"), waitingUpTo: .milliseconds(20))
        }
        #expect(error?.code == .unreachable)
    }

    @Test func whoIsCancelledLeavesNoLockBehind() async throws {
        let (isTaken, taken) = AsyncStream.makeStream(of: Void.self)
        let isHanging = Mutex(true)
        // The cluster acts on the request, and the answer never comes.
        let transport = HookedTransport { [cluster] request in
            let answer = try await cluster.send(request)
            if request.verb == .post, isHanging.withLock({ $0 }) {
                isHanging.withLock { $0 = false }
                taken.yield()
                try await SteppedClock().sleep(for: .seconds(1))
            }
            return answer
        }
        let hanging = try testStore(transport)
        let environment = environment
        let task = Task {
            try await hanging.lock(environment, hanging.lockInfo(operation: "x"), waitingUpTo: .seconds(600))
        }
        for await _ in isTaken { break }
        #expect(try await store.heldLock(environment) != nil)
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(try await store.heldLock(environment) == nil)
    }

    @Test func waitingOutlivesAClusterThatFails() async throws {
        let failures = Mutex(4)
        let transport = HookedTransport { [cluster] request in
            if failures.withLock({ count in
                count -= 1
                return count >= 0
            }) {
                throw KubernetesError(.unreachable, target: "", cause: "not yet")
            }
            return try await cluster.send(request)
        }
        let store = try testStore(transport)
        try await store.lock(environment, store.lockInfo(operation: "x"), waitingUpTo: .seconds(600))
        await #expect(throws: LockHeldError.self) { try await store.lock(environment, store.lockInfo(operation: "y")) }
    }

    @Test func whoWaitsIsToldForWhom() async throws {
        let (first, second) = (store.lockInfo(operation: "x"), store.lockInfo(operation: "y"))
        try await store.lock(environment, first)
        let (told, telling) = AsyncStream.makeStream(of: HeldLock.self)
        var waiting = store
        waiting.onLockWait = { lock, _ in telling.yield(lock) }
        async let wait: Void = waiting.lock(environment, second, waitingUpTo: .seconds(600))
        for await lock in told {
            #expect(lock.id == first.id)
            break
        }
        try await store.unlock(environment, id: first.id)
        try await wait
        #expect(try await store.heldLock(environment)?.id == second.id)
    }
}
