import KubernetesAPI
import OrderedJSON
import TerraformState
import TestScopes
import Testing

@testable import StateStorage

/// Moves that meet what others have there, or hold.
@Suite struct MoveConflictTests: MoveSuite {
    @Test func anotherStateIsNotOverwritten() async throws {
        let (cluster, environment) = try await seed(parts: 2)
        let theirs = try file(7, parts: 1, lineage: "6f1b2c3d-0000-4000-8000-00000000000b")
        try await there(cluster).push(theirs, to: environment)
        for _ in 0..<2 {
            await #expect {
                try await self.here(cluster).move(environment, to: try self.there(cluster))
            } throws: {
                ($0 as? StateStoreError)?.code == .occupied
            }
        }
        #expect(cluster.engineReads(environment, in: Self.other) == theirs.bytes)
        #expect(cluster.engineReads(environment) == (try file(3, parts: 2)).bytes)
        #expect(try await here(cluster).heldLock(environment) == nil)
        #expect(try await there(cluster).heldLock(environment) == nil)
    }

    @Test func theHistoryOfAnotherStateIsNotOverwritten() async throws {
        let (cluster, environment) = try await seed(parts: 1)
        let store = try there(cluster)
        for serial in [7, 8] { try await store.push(try file(UInt64(serial), parts: 1), to: environment) }
        cluster.remove("/api/v1/namespaces/\(Self.other)/secrets/\(StateNames(environment).secret)")
        await #expect {
            try await self.here(cluster).move(environment, to: store)
        } throws: {
            ($0 as? StateStoreError)?.code == .occupied
        }
        #expect(try await store.history(environment).map(\.serial) == [7])
    }

    /// What somebody put behind a signpost, against its lock, is not what the move has left there.
    @Test func aStateBehindASignpostIsNotOverwritten() async throws {
        let (cluster, environment) = try await seed(parts: 1)
        try await here(cluster).move(environment, to: try there(cluster))
        var options = PushOptions()
        options.forced = [.locked]
        let forced = try file(3, parts: 5)
        try await here(cluster).push(forced, to: environment, options)
        await #expect {
            try await self.there(cluster).move(environment, to: try self.here(cluster))
        } throws: {
            ($0 as? StateStoreError)?.code == .occupied
        }
        #expect(cluster.engineReads(environment) == forced.bytes)
        #expect(try await here(cluster).heldLock(environment)?.move?.phase == .left)
    }

    @Test func locksOfOthersAreWaitedForAndNotTaken() async throws {
        let (cluster, environment) = try await seed(parts: 1)
        for store in [try here(cluster), try there(cluster)] {
            let info = store.lockInfo(operation: "apply")
            try await store.lock(environment, info)
            await #expect(throws: LockHeldError.self) {
                try await self.here(cluster).move(
                    environment, to: try self.there(cluster), waitingUpTo: .milliseconds(30))
            }
            try await store.unlock(environment, id: info.id)
        }
        #expect(try await here(cluster).heldLock(environment) == nil)
        #expect(cluster.engineReads(environment, in: Self.other) == nil)
        try await here(cluster).move(environment, to: try there(cluster))
    }

    /// While a state is on its way it goes nowhere else, and once gone it is only where it went.
    @Test func anotherDestinationIsRefused() async throws {
        let (cluster, environment) = try await seed(parts: 1)
        let dying = FaultyTransport(cluster, .deathBefore, at: 12)
        _ = try? await here(dying).move(environment, to: try there(dying))
        let third = try testStore(cluster, namespace: "third")
        await #expect(throws: LockHeldError.self) { try await self.here(cluster).move(environment, to: third) }
        try await here(cluster).move(environment, to: try there(cluster))
        await #expect {
            try await self.here(cluster).move(environment, to: third)
        } throws: {
            ($0 as? StateStoreError)?.code == .moved
        }
    }

    /// The Pod that moved a state ends; its signpost does not.
    @Test func aSignpostIsNoOrphan() async throws {
        let (cluster, environment) = try await seed(parts: 1)
        var configuration = try here(cluster).configuration
        configuration.jobNamespace = "jobs"
        configuration.writer = "root@mover-x7k2p"
        let client = try here(cluster).client
        let store = StateStore(client: client, namespace: testNamespace, configuration: configuration)
        cluster.put(
            ["metadata": ["creationTimestamp": "2020-01-01T00:00:00Z"], "status": ["phase": "Succeeded"]],
            at: "/api/v1/namespaces/jobs/pods/mover-x7k2p")
        let engines = store.lockInfo(operation: "apply")
        try await store.lock(environment, engines)
        #expect(try await store.judgedLock(environment)?.verdict.isOrphaned == true)
        try await store.unlock(environment, id: engines.id)

        try await store.move(
            environment, to: StateStore(client: client, namespace: Self.other, configuration: configuration))
        let signpost = try #require(try await store.judgedLock(environment))
        #expect(!signpost.verdict.isOrphaned)
        #expect(signpost.advice.contains("moved to namespace \(Self.other)"))
        await #expect(throws: LockHeldError.self) { try await store.unlockOrphaned(environment) }
        #expect(try await store.heldLock(environment)?.move?.phase == .left)
    }
}
