import KubernetesAPI
import OrderedJSON
import Synchronization
import TestScopes
import Testing

@testable import StateStorage

/// What a run asks of the cluster for its turn and its lock: what it has seen it does not read again, and what somebody else
/// changed meanwhile it does.
@Suite struct RunLockRequestTests: StoreSuite {
    let fixture: StoreFixture

    init() throws { fixture = try StoreFixture() }

    private var lockPath: String { "\(leasesPath)/\(names.lease)" }
    private var runPath: String { "\(leasesPath)/\(names.runLease)" }
    private var isFree: Bool { cluster.objects[lockPath]?["spec"]?["holderIdentity"] == nil }

    private final class Requests: Sendable {
        private let list = Mutex<[String]>([])

        func add(_ request: APIRequest) {
            list.withLock { $0.append("\(request.verb.rawValue) \(request.path.split(separator: "/").last ?? "")") }
        }

        /// Those since the last time.
        func take() -> [String] {
            list.withLock { requests in
                defer { requests = [] }
                return requests.map {
                    $0.replacing("lock-tfstate-default-", with: "lock-").replacing("stowage-run-", with: "run-")
                }
            }
        }
    }

    private func countedLock(_ requests: Requests) throws -> RunLock {
        let cluster = cluster
        let transport = HookedTransport { request in
            requests.add(request)
            return cluster.answer(request)
        }
        return RunLock(try testStore(transport), environment)
    }

    /// A turn in which a lock is taken and given back; what each part of it asked of the cluster.
    private func turn(
        _ lock: RunLock, _ requests: Requests, id: String, beforeTaking: () -> Void = {}, whileHeld: () -> Void = {}
    ) async throws -> [[String]] {
        var parts: [[String]] = []
        _ = try await lock.takeTurn("test", waitingUpTo: .zero)
        parts.append(requests.take().sorted())
        beforeTaking()
        _ = try await lock.take(id: id, info: #"{"ID":"\#(id)"}"#)
        parts.append(requests.take())
        whileHeld()
        try await lock.giveBack(id: id)
        parts.append(requests.take())
        await lock.endTurn()
        parts.append(requests.take())
        return parts
    }

    @Test func whatIsSeenIsNotReadAgain() async throws {
        let requests = Requests()
        let lock = try countedLock(requests)
        // The first makes the Leases.
        _ = try await turn(lock, requests, id: "one")
        let parts = try await turn(lock, requests, id: "two")
        let (run, held) = ("run-\(environment)", "lock-\(environment)")
        #expect(parts[0] == ["GET \(held)", "GET \(run)", "PUT \(run)"])
        #expect(parts[1] == ["PUT \(held)", "PUT \(run)"])
        #expect(parts[2] == ["PUT \(held)"])
        #expect(parts[3] == ["PUT \(run)"])
        #expect(isFree)
        let lease = try #require(cluster.objects[runPath])
        #expect(RunLease(lease).run == nil && RunQueue(lease).places.isEmpty)
    }

    /// A run that goes on for long after it gave its lock back, and one that ends at once.
    @Test(arguments: [false, true]) func theRunsLeaseTellsSoonThatTheLockWasGivenBack(goesOn: Bool) async throws {
        let clock = SteppedClock()
        let lock = RunLock(store, environment, clock: clock)
        _ = try await lock.takeTurn("test", waitingUpTo: .zero)
        _ = try await lock.take(id: "one", info: #"{"ID":"one"}"#)
        try await lock.giveBack(id: "one")
        #expect(isFree)
        if goesOn {
            async let renewal = lock.nextRenewal()
            while clock.sleepers == 0 { await Task.yield() }
            cluster.time += 10
            clock.advance(by: .seconds(10))
            _ = try await renewal
        } else {
            await lock.endTurn()
        }
        let lease = try #require(cluster.objects[runPath])
        #expect(RunLease(lease).run == nil && RunLease(lease).lockID == "one")
        #expect(RunQueue(lease).contains(lock.run) == goesOn)
        await lock.endTurn()
    }

    @Test func aRenewalThatWasOnItsWayDoesNotBringTheLockBack() async throws {
        let clock = SteppedClock()
        let late = Mutex<RunLock?>(nil)
        let transport = HookedTransport { [cluster, runPath] request in
            // The renewal has looked at the lock, and is about to write.
            if request.verb == .put, request.path == runPath, let lock = late.withLock({ $0.take() }) {
                try await lock.giveBack(id: "one")
            }
            return cluster.answer(request)
        }
        let lock = RunLock(try testStore(transport), environment, clock: clock)
        _ = try await lock.takeTurn("test", waitingUpTo: .zero)
        _ = try await lock.take(id: "one", info: #"{"ID":"one"}"#)
        late.withLock { $0 = lock }
        async let renewal = lock.nextRenewal()
        while clock.sleepers == 0 { await Task.yield() }
        clock.advance(by: .seconds(10))
        _ = try await renewal
        #expect(late.withLock { $0 == nil } && isFree)
        await lock.endTurn()
        let lease = try #require(cluster.objects[runPath])
        #expect(RunLease(lease).run == nil && RunLease(lease).lockID == "one" && RunQueue(lease).places.isEmpty)
    }

    @Test func whatOthersChangedMeanwhileIsReadAgain() async throws {
        let requests = Requests()
        let lock = try countedLock(requests)
        _ = try await turn(lock, requests, id: "one")
        let touch: @Sendable (inout JSON) -> Void = { $0.setAnnotation("somebody", "was here") }
        _ = try await turn(
            lock, requests, id: "two",
            beforeTaking: {
                cluster.edit(lockPath, touch)
                cluster.edit(runPath, touch)
            },
            whileHeld: {
                cluster.edit(lockPath) { $0.setAnnotation("somebody", "was here again") }
                cluster.edit(runPath) { $0.setAnnotation("somebody", "was here again") }
            })
        #expect(isFree)
        for path in [lockPath, runPath] {
            #expect(cluster.objects[path]?.objectAnnotations["somebody"] == "was here again")
        }
        let lease = try #require(cluster.objects[runPath])
        #expect(RunLease(lease).run == nil && RunQueue(lease).places.isEmpty)
    }

    @Test func aLockThatAnEngineTookMeanwhileIsNotTaken() async throws {
        let requests = Requests()
        let lock = try countedLock(requests)
        _ = try await turn(lock, requests, id: "one")
        _ = try await lock.takeTurn("test", waitingUpTo: .zero)
        cluster.edit(lockPath) { $0["spec", "holderIdentity"] = "an engine's" }
        await #expect(throws: LockHeldError.self) { _ = try await lock.take(id: "two", info: "{}") }
        #expect(cluster.objects[lockPath]?["spec"]?["holderIdentity"]?.string == "an engine's")
        #expect(await lock.lockID == nil)
        await lock.endTurn()
    }

    /// It is said not to be given back, also where the new holder has already gone.
    @Test(arguments: ["another's", nil] as [String?]) func aLockThatSomebodyTookAwayIsNotGivenBack(
        holder: String?
    ) async throws {
        let lock = try countedLock(Requests())
        _ = try await lock.take(id: "one", info: #"{"ID":"one"}"#)
        cluster.edit(lockPath) { lease in
            lease["spec", "holderIdentity"] = holder.map { .string($0) }
            lease.setAnnotation("app.terraform.io/lock-info", holder.map { #"{"ID":"\#($0)"}"# })
        }
        let before = cluster.objects[lockPath]
        let error = await #expect(throws: (any Error).self) { try await lock.giveBack(id: "one") }
        let isSaid = (error as? StateStoreError)?.code == .notLocked || error is LockHeldError
        #expect(isSaid)
        #expect(cluster.objects[lockPath] == before)
    }
}
