import KubernetesAPI
import OrderedJSON
import TerraformState
import TestScopes
import Testing

@testable import StateStorage

/// One fault at every request of a write, and what is left of the state.
@Suite struct CrashTests {
    /// How a state of some parts becomes one of others. 0 is none.
    private static let writes = [(0, 1), (0, 5), (1, 1), (1, 2), (2, 1), (2, 2), (5, 5), (5, 2), (2, 5)]

    private func file(_ serial: UInt64, parts: Int) throws -> StateFile {
        try TestState.file(serial: serial, size: try #require(TestState.sizes[parts]))
    }

    /// After any fault at any request: the state is the old or the new one, bit for bit; after one pull engines see the same;
    /// and the next write goes through.
    @Test(arguments: writes, FaultyTransport.Fault.allCases)
    func leaveTheOldStateOrTheNewOne(_ write: (before: Int, after: Int), fault: FaultyTransport.Fault) async throws {
        let environment = try freshEnvironment()
        let seed = MemoryCluster()
        let old = write.before == 0 ? nil : try file(1, parts: write.before)
        let new = try file(2, parts: write.after)
        if let old { try await testStore(seed).push(old, to: environment) }
        var (position, isPast, hasFailed) = (0, false, false)
        while !isPast {
            let cluster = MemoryCluster(copyOf: seed)
            let transport = FaultyTransport(cluster, fault, at: position)
            do {
                try await testStore(transport).push(new, to: environment)
                let now = try await testStore(cluster).pull(environment)
                #expect(now?.file == new, "the write of request \(position) was said to be done")
            } catch {
                hasFailed = true
            }
            isPast = transport.count <= position
            try await check(cluster, environment, old: old, new: new, position)
            position += 1
        }
        #expect(position > 4)
        if fault == .deathBefore { #expect(hasFailed) }
    }

    private func check(
        _ cluster: MemoryCluster, _ environment: EnvironmentID, old: StateFile?, new: StateFile, _ position: Int
    ) async throws {
        let store = try testStore(cluster)
        let wasPending = cluster.objects.values.contains { $0.objectAnnotations[OwnSecrets.writeAnnotation] != nil }
        let seen = cluster.engineReads(environment)
        if !wasPending {
            #expect(seen == old?.bytes || seen == new.bytes, "request \(position): engines see neither state")
        }
        let found = try await store.pull(environment)?.file
        #expect(found == old || found == new, "request \(position): neither the old state nor the new one")
        if wasPending { #expect(found == new, "request \(position): committed, but not the new state") }
        #expect(cluster.engineReads(environment) == found?.bytes, "request \(position): engines see another state")
        let next = try file(3, parts: 2)
        try await store.push(next, to: environment)
        #expect(cluster.engineReads(environment) == next.bytes, "request \(position): the next write")
        if old != nil, found == new {
            // What was replaced is in the history.
            let versions = try await store.history(environment)
            #expect(versions.map(\.serial) == [2, 1], "request \(position)")
            #expect(try await store.state(of: 1, environment) == old)
        }
    }

    /// Recovery itself may die at any request, as often as it likes.
    @Test func recoveryCanDieToo() async throws {
        let environment = try freshEnvironment()
        let seed = MemoryCluster()
        let (old, new) = (try file(1, parts: 5), try file(2, parts: 2))
        try await testStore(seed).push(old, to: environment)
        var (position, recovered) = (0, 0)
        while true {
            let cluster = MemoryCluster(copyOf: seed)
            let dying = FaultyTransport(cluster, .deathAfter, at: position)
            do {
                try await testStore(dying).push(new, to: environment)
                break
            } catch is FaultyTransport.Death {}
            position += 1
            guard cluster.objects.values.contains(where: { $0.objectAnnotations[OwnSecrets.writeAnnotation] != nil })
            else { continue }
            for step in 0..<100 {
                let dying = FaultyTransport(cluster, .deathBefore, at: step)
                guard let found = try? await testStore(dying).pull(environment) else { continue }
                #expect(found.file == new)
                recovered += 1
                break
            }
            #expect(cluster.engineReads(environment) == new.bytes)
        }
        #expect(recovered > 2)
    }

    private static let shapes = [(before: 1, after: 1), (2, 2), (5, 5), (1, 5), (5, 1)]

    /// A state of some parts is taken back to one of others, with one fault at any request.
    @Test(arguments: shapes, FaultyTransport.Fault.allCases)
    func rollbackLeavesTheOldStateOrTheNewOne(
        _ shape: (before: Int, after: Int), fault: FaultyTransport.Fault
    ) async throws {
        let environment = try freshEnvironment()
        let seed = MemoryCluster()
        let old = try file(2, parts: shape.before)
        let version = try file(1, parts: shape.after)
        try await testStore(seed).push(version, to: environment)
        try await testStore(seed).push(old, to: environment)
        let new = try version.withSerial(3)
        var (position, isPast) = (0, false)
        while !isPast {
            let cluster = MemoryCluster(copyOf: seed)
            let transport = FaultyTransport(cluster, fault, at: position)
            var isDone = true
            do {
                try await testStore(transport).rollback(environment, to: 1)
            } catch {
                isDone = false
            }
            isPast = transport.count <= position
            let store = try testStore(cluster)
            let held = try await store.heldLock(environment)
            if fault != .deathBefore, fault != .deathAfter {
                #expect(held == nil, "request \(position) left the lock behind")
            }
            let found = try await store.pull(environment)?.file
            #expect(found == old || found == new, "request \(position): neither the old state nor the new one")
            if isPast { #expect(isDone) }
            if isDone { #expect(found == new, "request \(position): said to be done") }
            #expect(cluster.engineReads(environment) == found?.bytes, "request \(position): engines see another state")
            let left = position
            position += 1
            // And it can be done again, whatever was left of the first attempt, once a dead holder's lock is given back.
            guard let held else { continue }
            try await store.unlock(environment, id: held.id)
            try await store.rollback(environment, to: 1)
            #expect(try await store.pull(environment)?.file == version.withSerial(found == new ? 4 : 3))
            let versions = try await store.history(environment)
            #expect(versions.map(\.serial) == (found == new ? [3, 2, 1] : [2, 1]), "request \(left)")
            #expect(try await store.state(of: 2, environment) == old)
        }
        #expect(position > 8)
    }
}
