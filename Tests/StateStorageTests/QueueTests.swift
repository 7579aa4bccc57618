import KubernetesAPI
import OrderedJSON
import Synchronization
import TerraformState
import TestScopes
import Testing

@testable import StateStorage

/// The queue of an environment's runs, on a cluster whose clock and whose runs' clocks the tests turn.
@Suite(.timeLimit(.minutes(20))) struct QueueTests: StoreSuite {
    let fixture: StoreFixture
    private let clock = SteppedClock()

    init() throws { fixture = try StoreFixture() }

    private var runPath: String { "\(leasesPath)/\(names.runLease)" }
    private var queue: RunQueue? { cluster.objects[runPath].map { RunQueue($0) } }
    private var waiting: [String] { queue?.places.map(\.ticket.operation) ?? [] }

    private func freshRun() -> RunLock { RunLock(store, environment, clock: clock) }

    private func pass(_ seconds: Int) {
        cluster.time += seconds
        clock.advance(by: .seconds(seconds))
    }

    /// Waits until others came that far.
    private func until(_ condition: () -> Bool) async throws {
        while !condition() { try await Task.sleep(for: .milliseconds(1)) }
    }

    /// A run that waits for its turn, has it, and ends, with its name for an operation.
    private func turn(
        _ name: String, of run: RunLock, _ order: Names, _ atWork: @escaping @Sendable () async -> Void = {}
    )
        -> Task<Duration, any Error>
    {
        Task {
            let waited = try await run.takeTurn(name, waitingUpTo: .seconds(600))
            order.add(name)
            await atWork()
            await run.endTurn()
            return waited
        }
    }

    private struct Death: Error {}

    /// How many have their turn.
    private final class Presence: Sendable {
        private let count = Mutex(0)
        func enter() -> Int {
            count.withLock { count in
                count += 1
                return count
            }
        }
        func leave() { count.withLock { $0 -= 1 } }
    }

    /// What happened, in its order.
    private final class Names: Sendable {
        private let names = Mutex<[String]>([])
        var all: [String] { names.withLock { $0 } }
        func add(_ name: String) { names.withLock { $0.append(name) } }
    }

    @Test func runsHaveTheirTurnsInTheOrderOfTheirArrival() async throws {
        let first = freshRun()
        _ = try await first.takeTurn("0", waitingUpTo: .zero)
        let order = Names()
        var tasks: [Task<Duration, any Error>] = []
        for name in ["1", "2", "3", "4", "5"] {
            tasks.append(turn(name, of: freshRun(), order))
            try await until { waiting.last == name }
        }
        #expect(order.all == [])
        await first.endTurn()
        for task in tasks { _ = try await task.value }
        #expect(order.all == ["1", "2", "3", "4", "5"])
        #expect(cluster.objects[runPath]?.objectAnnotations["stowage-queue"] == nil)
    }

    @Test func noTwoHaveTheirTurnAtOnce() async throws {
        let present = Presence()
        let (cluster, environment) = (cluster, environment)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<12 {
                group.addTask {
                    // Each loses an answer, or a race, at another place.
                    let faults = FaultyTransport.Fault.allCases.filter { ![.deathBefore, .deathAfter].contains($0) }
                    let transport = FaultyTransport(cluster, faults[number % faults.count], at: 1 + number / 3)
                    let slow = HookedTransport { request in
                        for _ in 0..<Int.random(in: 0..<20) { await Task.yield() }
                        return try await transport.send(request)
                    }
                    let run = RunLock(try testStore(slow), environment)
                    for _ in 0..<3 {
                        do {
                            _ = try await run.takeTurn("\(number)", waitingUpTo: .seconds(240))
                        } catch is KubernetesError {
                            // Whoever meets the fault at the first look is told so.
                            continue
                        }
                        #expect(present.enter() == 1)
                        for _ in 0..<50 { await Task.yield() }
                        present.leave()
                        await run.endTurn()
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(waiting == [])
    }

    @Test func whoDiedIsSkippedWhenItsTicketHasRunOut() async throws {
        let first = freshRun()
        _ = try await first.takeTurn("first", waitingUpTo: .zero)
        let isDead = Mutex(false)
        let transport = HookedTransport { [cluster] request in
            if isDead.withLock({ $0 }) { throw Death() }
            return try await cluster.send(request)
        }
        let order = Names()
        let dying = turn("dying", of: RunLock(try testStore(transport), environment, clock: clock), order)
        try await until { waiting.last == "dying" }
        let living = turn("living", of: freshRun(), order)
        try await until { waiting.last == "living" }
        isDead.withLock { $0 = true }
        await #expect(throws: Death.self) { try await dying.value }
        await first.endTurn()
        #expect(waiting == ["dying", "living"])
        for _ in 0..<7 {
            pass(10)
            let now = try #require(try await store.datedLease(names.runLease)?.time)
            // A look that began before the time passed stamps the ticket with the time before.
            try await until { RFC3339.seconds(queue?.places.last?.renewed ?? "") ?? 0 >= now.rounded(.down) - 10 }
        }
        #expect(order.all == [])
        pass(10)
        _ = try await living.value
        #expect(order.all == ["living"])
        #expect(waiting == [])
    }

    @Test func whoGivesUpGivesItsPlaceBack() async throws {
        let first = freshRun()
        _ = try await first.takeTurn("first", waitingUpTo: .zero)
        let order = Names()
        let cancelled = turn("cancelled", of: freshRun(), order)
        try await until { waiting.last == "cancelled" }
        let last = turn("last", of: freshRun(), order)
        try await until { waiting.last == "last" }
        cancelled.cancel()
        await #expect(throws: CancellationError.self) { try await cancelled.value }
        #expect(waiting == ["first", "last"])
        let late = await #expect(throws: EnvironmentBusyError.self) {
            try await freshRun().takeTurn("late", waitingUpTo: .milliseconds(40))
        }
        #expect(late?.wait.ahead.count == 2)
        #expect(late?.description.contains("2 runs are ahead, the first, of tester@host since 2026-11-25T") == true)
        #expect(waiting == ["first", "last"])
        await first.endTurn()
        _ = try await last.value
    }

    @Test func whoDoesNotWaitTakesNoPlace() async throws {
        let first = freshRun()
        #expect(try await first.takeTurn("stowage run apply", waitingUpTo: .zero) < .seconds(60))
        let before = cluster.objects
        let error = await #expect(throws: EnvironmentBusyError.self) {
            try await freshRun().takeTurn("late", waitingUpTo: .zero)
        }
        #expect(error?.description.contains("1 run is ahead, of tester@host") == true, "\(String(describing: error))")
        #expect(error?.description.contains("stowage run apply; wait for your turn with --wait 10m") == true)
        #expect(cluster.objects == before)
        await first.endTurn()
        _ = try await freshRun().takeTurn("late", waitingUpTo: .zero)
    }

    @Test func anEnginesOwnLockIsWaitedForByTheFirstOnly() async throws {
        let info = store.lockInfo(operation: "OperationTypePlan")
        try await store.lock(environment, info)
        let refused = await #expect(throws: LockHeldError.self) {
            try await freshRun().takeTurn("late", waitingUpTo: .zero)
        }
        #expect(refused?.lock.id == info.id)
        #expect(waiting == [])
        let (events, told) = AsyncStream.makeStream(of: TurnWait.self)
        let (first, order) = (freshRun(), Names())
        let waits = Task {
            _ = try await first.takeTurn(
                "first", waitingUpTo: .seconds(600),
                telling: { event in if case .waiting(let wait) = event { told.yield(wait) } })
            order.add("first")
        }
        for await wait in events {
            #expect(wait.ahead == [] && wait.lock?.id == info.id)
            #expect(wait.summary.contains("no run is ahead, and its lock is held by tester@host since"))
            break
        }
        let second = turn("second", of: freshRun(), order)
        try await until { waiting == ["first", "second"] }
        try await store.unlock(environment, id: info.id)
        try await waits.value
        #expect(order.all == ["first"])
        await first.endTurn()
        _ = try await second.value
        #expect(order.all == ["first", "second"])
    }

    @Test func aTurnLastsWhileItsRunTakesLocksAndGivesThemBack() async throws {
        let run = freshRun()
        _ = try await run.takeTurn("run", waitingUpTo: .zero)
        for id in ["init", "plan"] {
            _ = try await run.take(id: id, info: "{}")
            #expect(waiting == ["run"])
            // Its Lease is renewed, and with it the ticket.
            try await renew(run)
            try await run.giveBack(id: id)
            #expect(waiting == ["run"])
            pass(5)
            // Between two locks the ticket is.
            for _ in 0..<10 { try await renew(run) }
            await #expect(throws: EnvironmentBusyError.self) {
                try await freshRun().takeTurn("late", waitingUpTo: .zero)
            }
        }
        await run.endTurn()
        #expect(waiting == [])
    }

    private func renew(_ run: RunLock) async throws {
        async let renewal = run.nextRenewal()
        try await until { clock.sleepers > 0 }
        pass(10)
        _ = try await renewal
    }

    @Test func theLockOfARunThatDiedIsTakenOver() async throws {
        let died = freshRun()
        _ = try await died.takeTurn("died", waitingUpTo: .zero)
        _ = try await died.take(id: "left", info: #"{"ID":"left","Who":"jane@laptop"}"#)
        let alive = await #expect(throws: EnvironmentBusyError.self) {
            try await freshRun().takeTurn("next", waitingUpTo: .zero)
        }
        #expect(alive?.description.contains("so it is at work") == true, "\(String(describing: alive))")
        pass(71)
        let kept = await #expect(throws: EnvironmentBusyError.self) {
            try await freshRun().takeTurn("next", waitingUpTo: .zero, obstacle: { _ in "it is there" })
        }
        #expect(
            kept?.description.contains("jane@laptop (ID left); it is there;") == true, "\(String(describing: kept))")
        let taken = Mutex<JudgedLock?>(nil)
        let next = freshRun()
        _ = try await next.takeTurn(
            "next", waitingUpTo: .zero,
            telling: { event in if case .tookOver(let lock) = event { taken.withLock { $0 = lock } } })
        #expect(taken.withLock { $0 }?.lock.id == "left")
        #expect(try await store.heldLock(environment) == nil)
        #expect(waiting == ["next"])
    }

    @Test func aLockThatWasRenewedJustInTimeIsNotTakenOver() async throws {
        let suspended = freshRun()
        _ = try await suspended.take(id: "one", info: "{}")
        pass(71)
        let isFirst = Mutex(true)
        // Between the verdict and the write, the lock changes.
        let transport = HookedTransport { [cluster, names] request in
            if request.verb == .put, request.path.hasSuffix(names.lease),
                isFirst.withLock({ first in
                    defer { first = false }
                    return first
                })
            {
                cluster.edit(request.path) { $0["spec", "holderIdentity"] = "another's" }
            }
            return try await cluster.send(request)
        }
        let run = RunLock(try testStore(transport), environment, clock: clock)
        let error = await #expect(throws: LockHeldError.self) { try await run.takeTurn("run", waitingUpTo: .zero) }
        #expect(error?.lock.id == "another's")
        #expect(isFirst.withLock { $0 } == false)
        #expect(try await store.heldLock(environment)?.id == "another's")
    }

    @Test func noLockIsTakenFromWhomNothingIsKnownOf() async throws {
        try await store.lock(environment, store.lockInfo(operation: "OperationTypeApply"))
        pass(20_000)
        await #expect(throws: LockHeldError.self) { try await freshRun().takeTurn("run", waitingUpTo: .zero) }
        #expect(try await store.heldLock(environment) != nil)
    }

    @Test func aRoleThatDeniesTheRunsLeaseLeavesTheLock() async throws {
        cluster.forbid(runPath)
        let run = freshRun()
        _ = try await run.takeTurn("run", waitingUpTo: .zero)
        _ = try await run.take(id: "one", info: "{}")
        await #expect(throws: LockHeldError.self) { try await freshRun().takeTurn("run", waitingUpTo: .zero) }
        try await run.giveBack(id: "one")
        await run.endTurn()
        _ = try await freshRun().takeTurn("run", waitingUpTo: .zero)
    }

    @Test func aQueueHasAnEnd() throws {
        var lease = RunLease.new(names, namespace: testNamespace)
        var queue = RunQueue(lease)
        for number in 0..<RunQueue.limit {
            let isIn = queue.join(
                "\(number)", who: String(repeating: "w", count: 1000), operation: String(repeating: "o", count: 1000),
                at: "2026-11-25T00:00:00Z")
            #expect(isIn)
        }
        let hasRoom = queue.join("one more", who: "", operation: "", at: "2026-11-25T00:00:00Z")
        #expect(!hasRoom)
        queue.write(on: &lease)
        #expect(lease.bytes.count < 60_000)
        #expect(RunQueue(lease) == queue)
        // By others, or by hand.
        lease.setAnnotation("stowage-queue", #"[{"run": 3}, "x"]"#)
        #expect(RunQueue(lease).places == [])
        lease.setAnnotation("stowage-queue", "nonsense")
        #expect(RunQueue(lease).places == [])
    }

    @Test func whoWasSuspendedForTooLongComesLast() async throws {
        let first = freshRun()
        _ = try await first.takeTurn("first", waitingUpTo: .zero)
        cluster.time += 200
        let second = freshRun()
        _ = try await second.takeTurn("second", waitingUpTo: .zero)
        #expect(waiting == ["second"])
        // It finds out at the lock, and gives up a place that it does not have.
        try await first.renewTurn()
        await first.endTurn()
        #expect(waiting == ["second"])
    }
}
