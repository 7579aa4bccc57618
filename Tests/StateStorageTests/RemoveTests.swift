import KubernetesAPI
import OrderedJSON
import Synchronization
import TerraformState
import TestScopes
import Testing

@testable import StateStorage

@Suite struct RemoveTests {
    private func file(_ serial: UInt64, parts: Int, resources: Int = 0) throws -> StateFile {
        // A state without resources has no text that could make it large.
        try TestState.file(
            serial: serial, size: try #require(TestState.sizes[parts]), resources: max(resources, parts > 1 ? 1 : 0))
    }

    private func seed(parts: Int, resources: Int = 0, mayDelete: Bool = true) async throws -> (
        MemoryCluster, EnvironmentID
    ) {
        let (cluster, environment) = (MemoryCluster(mayDelete: mayDelete), try freshEnvironment())
        let store = try testStore(cluster)
        try await store.push(try file(1, parts: 2), to: environment)
        var options = PushOptions()
        options.isDestroy = true
        try await store.push(try file(2, parts: parts, resources: resources), to: environment, options)
        return (cluster, environment)
    }

    @Test(arguments: [1, 2, 5])
    func nothingIsLeft(parts: Int) async throws {
        let (cluster, environment) = try await seed(parts: parts)
        let kept = Mutex<StateFile?>(nil)
        let result = try await testStore(cluster).remove(environment, forced: [.resources]) { file in
            #expect(!cluster.objects.isEmpty)
            kept.withLock { $0 = file }
        }
        #expect(cluster.objects.isEmpty)
        #expect(kept.withLock { $0 } == (try file(2, parts: parts)))
        #expect(result.isLockDeleted && result.serial == 2 && result.secretCount > parts)
        await #expect {
            try await testStore(cluster).remove(environment) { _ in }
        } throws: {
            ($0 as? StateStoreError)?.code == .absent
        }
    }

    @Test func whatHasResourcesIsRefused() async throws {
        let (cluster, environment) = try await seed(parts: 1, resources: 2)
        let before = cluster.objects.filter { $0.key.hasPrefix(secretsPath) }
        await #expect {
            try await testStore(cluster).remove(environment) { _ in Issue.record("kept before it was refused") }
        } throws: {
            "\($0)".contains("still has 2 resource(s)") && "\($0)".contains("--force resources")
        }
        #expect(cluster.objects.filter { $0.key.hasPrefix(secretsPath) } == before)
        #expect(try await testStore(cluster).heldLock(environment) == nil)
    }

    @Test func theRightIsAskedForFirst() async throws {
        let (cluster, environment) = try await seed(parts: 1, mayDelete: false)
        let before = cluster.objects
        await #expect {
            try await testStore(cluster).remove(environment) { _ in }
        } throws: {
            ($0 as? StateStoreError)?.code == .missingRight && "\($0)".contains(#"verbs: ["delete"]"#)
        }
        #expect(cluster.objects == before)
    }

    @Test func aBackupThatFailsChangesNothing() async throws {
        let (cluster, environment) = try await seed(parts: 1)
        let before = cluster.objects.filter { $0.key.hasPrefix(secretsPath) }
        await #expect(throws: CancellationError.self) {
            try await testStore(cluster).remove(environment) { _ in throw CancellationError() }
        }
        #expect(cluster.objects.filter { $0.key.hasPrefix(secretsPath) } == before)
    }

    @Test func locksAreHeeded() async throws {
        let (cluster, environment) = try await seed(parts: 1)
        let store = try testStore(cluster)
        try await store.lock(environment, store.lockInfo(operation: "apply"))
        await #expect(throws: LockHeldError.self) { try await store.remove(environment) { _ in } }
        #expect(cluster.engineReads(environment) != nil)
    }

    /// A history whose state somebody has deleted may be all that is left of it.
    @Test func aHistoryAloneIsKeptToo() async throws {
        let (cluster, environment) = try await seed(parts: 1)
        cluster.remove("\(secretsPath)/\(StateNames(environment).secret)")
        let store = try testStore(cluster)
        await #expect(throws: RemovalRefusal.self) { try await store.remove(environment) { _ in } }
        let kept = Mutex<StateFile?>(nil)
        let result = try await store.remove(environment, forced: [.resources]) { file in kept.withLock { $0 = file } }
        #expect(kept.withLock { $0 } == (try file(1, parts: 2)))
        #expect(result.serial == nil)
        #expect(cluster.objects.isEmpty)
    }

    /// One fault at every request: the state is whole, or gone, or damaged, and never an empty one; nothing is deleted that is
    /// not kept; and once more it is removed.
    @Test(arguments: [1, 2, 5], FaultyTransport.Fault.allCases)
    func whereverItIsInterruptedItIsKept(parts: Int, fault: FaultyTransport.Fault) async throws {
        let (seed, environment) = try await seed(parts: parts)
        let state = try file(2, parts: parts)
        var (position, isPast) = (0, false)
        while !isPast {
            let cluster = MemoryCluster(copyOf: seed)
            let transport = FaultyTransport(cluster, fault, at: position)
            let kept = Mutex(false)
            do {
                try await testStore(transport).remove(environment, forced: [.resources]) { file in
                    kept.withLock { $0 = file == state }
                }
                #expect(cluster.objects.isEmpty, "request \(position)")
            } catch {}
            isPast = transport.count <= position
            position += 1
            let store = try testStore(cluster)
            if !kept.withLock({ $0 }) {
                #expect(cluster.engineReads(environment) == state.bytes, "request \(position)")
            }
            if let held = try await store.heldLock(environment) { try await store.unlock(environment, id: held.id) }
            do {
                try await store.remove(environment, forced: [.resources, .damaged]) { _ in }
            } catch let error as StateStoreError where error.code == .absent {}
            #expect(cluster.objects.keys.allSatisfy { !$0.hasPrefix(secretsPath) }, "request \(position)")
        }
        #expect(position > 10)
    }
}
