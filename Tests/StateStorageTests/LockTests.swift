import KubernetesAPI
import OrderedJSON
import Synchronization
import TerraformState
import TestScopes
import Testing

@testable import StateStorage

@Suite struct LockTests: StoreSuite {
    let fixture: StoreFixture

    init() throws { fixture = try StoreFixture() }

    private var path: String { "\(leasesPath)/\(names.lease)" }

    @Test func isTheEnginesOwn() async throws {
        try await store.push(try TestState.file(serial: 1), to: environment)
        let info = store.lockInfo(operation: "OperationTypePlan", reason: "a test")
        try await store.lock(environment, info)
        let lease = try #require(cluster.objects[path])
        #expect(lease["spec"]?["holderIdentity"]?.string == info.id)
        #expect(lease.objectAnnotations["app.terraform.io/lock-info"] == info.json.text)
        #expect(lease.objectLabels == names.labels)
        #expect(try await store.heldLocks().map(\.id) == [info.id])
        try await store.unlock(environment, id: info.id)
        #expect(cluster.objects[path]?["spec"]?["holderIdentity"] == nil)
        #expect(cluster.objects[path]?.objectAnnotations["app.terraform.io/lock-info"] == nil)
        #expect(try await store.heldLocks().isEmpty)
    }

    @Test func saysWhoHoldsIt() async throws {
        var info = store.lockInfo(operation: "OperationTypeApply", reason: "release 7")
        info.who = "jane@laptop"
        try await store.lock(environment, info)
        let error = await #expect(throws: LockHeldError.self) {
            try await store.lock(environment, store.lockInfo(operation: "x"), waitingUpTo: .milliseconds(30))
        }
        for word in ["jane@laptop", info.created, "OperationTypeApply", "release 7", info.id] {
            #expect(error?.description.contains(word) == true, "\(word) is missing")
        }
    }

    @Test(arguments: ["not json", "", "{}"]) func readsWhateverTheLockInfoIs(text: String) async throws {
        try await store.lock(environment, store.lockInfo(operation: "x"))
        cluster.edit(path) { lease in
            lease["metadata", "annotations", "app.terraform.io/lock-info"] = .string(text)
            lease["spec", "holderIdentity"] = "the-id"
        }
        let held = try #require(try await store.heldLock(environment))
        #expect(held.info == nil)
        #expect(held.summary.contains("the-id"))
        try await store.unlock(environment, id: "the-id")
        #expect(try await store.heldLock(environment) == nil)
    }

    @Test func isGivenBackByItsIDOnly() async throws {
        await #expect(throws: StateStoreError.self) { try await store.unlock(environment, id: "x") }
        let info = store.lockInfo(operation: "x")
        try await store.lock(environment, info)
        let error = await #expect(throws: LockHeldError.self) { try await store.unlock(environment, id: "another") }
        #expect(error?.lock.id == info.id)
        #expect(try await store.heldLock(environment)?.id == info.id)
    }

    @Test func worksWithoutAndWithATornState() async throws {
        cluster.putAsEngine([[1, 2, 3]], environment)
        let info = store.lockInfo(operation: "x")
        try await store.lock(environment, info)
        try await store.unlock(environment, id: info.id)
    }

    @Test func isGivenBackHoweverTheBodyEnds() async throws {
        struct Failure: Error {}
        await #expect(throws: Failure.self) {
            try await store.withLock(environment, store.lockInfo(operation: "x")) { _ in throw Failure() }
        }
        #expect(try await store.heldLock(environment) == nil)
        let task = Task { [store, environment] in
            try await store.withLock(environment, store.lockInfo(operation: "x")) { _ in
                try await Task.sleep(for: .seconds(3600))
            }
        }
        while try await store.heldLock(environment) == nil { await Task.yield() }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(try await store.heldLock(environment) == nil)
    }

    @Test func neverHasTwoHolders() async throws {
        let (store, environment) = (store, environment)
        let holders = Holders()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<32 {
                group.addTask {
                    try await store.withLock(environment, store.lockInfo(operation: "x"), waitingUpTo: .seconds(600)) {
                        _ in
                        holders.counts.withLock { holders in
                            holders.now += 1
                            holders.most = max(holders.most, holders.now)
                            holders.total += 1
                        }
                        await Task.yield()
                        holders.counts.withLock { $0.now -= 1 }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(holders.counts.withLock { $0.most } == 1)
        #expect(holders.counts.withLock { $0.total } == 32)
    }

    @Test(arguments: FaultyTransport.Fault.allCases)
    func aFaultNeverMakesTwoHolders(fault: FaultyTransport.Fault) async throws {
        for position in 0..<5 {
            let cluster = MemoryCluster()
            let faulty = try testStore(FaultyTransport(cluster, fault, at: position))
            let sound = try testStore(cluster)
            let (first, second) = (sound.lockInfo(operation: "x"), sound.lockInfo(operation: "y"))
            let isFirst = (try? await faulty.lock(environment, first)) != nil
            let isSecond = (try? await sound.lock(environment, second)) != nil
            #expect(!(isFirst && isSecond))
            if isFirst { #expect(try await sound.heldLock(environment)?.id == first.id) }
            if isSecond { #expect(try await sound.heldLock(environment)?.id == second.id) }
        }
    }
}

/// How many hold the lock.
private final class Holders: Sendable {
    let counts = Mutex((now: 0, most: 0, total: 0))
}

@Suite struct TimestampTests {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000000000Z"), (951_782_399, "2000-02-28T23:59:59.000000000Z"),
        (951_782_400, "2000-02-29T00:00:00.000000000Z"), (1_795_564_800, "2026-11-25T00:00:00.000000000Z"),
        (4_102_444_800, "2100-01-01T00:00:00.000000000Z"),
    ])
    func isRFC3339(seconds: Int, expected: String) {
        #expect(Timestamp.text(seconds: seconds, nanoseconds: 0) == expected)
    }
}
