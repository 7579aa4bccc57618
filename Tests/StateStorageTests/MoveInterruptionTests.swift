import KubernetesAPI
import OrderedJSON
import Synchronization
import TerraformState
import TestScopes
import Testing

@testable import StateStorage

/// Moves that fail, die or sleep at any of their requests.
@Suite struct MoveInterruptionTests: MoveSuite {
    /// One fault at every request of a move: the state is whole, here or there or the same at both; never may both be written
    /// to; and the same move started again ends it.
    @Test(arguments: [1, 2, 5], FaultyTransport.Fault.allCases)
    func whereverItIsInterruptedItGoesOn(parts: Int, fault: FaultyTransport.Fault) async throws {
        let (seed, environment) = try await seed(parts: parts)
        let state = try file(3, parts: parts)
        var (position, isPast, committed) = (0, false, 0)
        var last = seed
        while !isPast {
            let cluster = MemoryCluster(copyOf: seed)
            last = cluster
            let transport = FaultyTransport(cluster, fault, at: position)
            do {
                try await here(transport).move(environment, to: try there(transport))
                try await checkMoved(cluster, environment, state, "request \(position): said to be done")
            } catch {}
            isPast = transport.count <= position
            committed += try await checkWhole(cluster, environment, state, position) ? 1 : 0
            try await here(cluster).move(environment, to: try there(cluster))
            checkSecrets(cluster, environment, state, like: seed, "request \(position): started again")
            position += 1
        }
        try await checkMoved(MemoryCluster(copyOf: last), environment, state, "started again")
        #expect(position > 20 && committed > 0 && committed < position)
    }

    /// The same as ``checkMoved``, by the cluster's objects alone.
    private func checkSecrets(
        _ cluster: MemoryCluster, _ environment: EnvironmentID, _ file: StateFile, like seed: MemoryCluster,
        _ comment: Comment
    ) {
        func content(_ cluster: MemoryCluster, _ namespace: String) -> [String: [JSON?]] {
            let path = "/api/v1/namespaces/\(namespace)/secrets/"
            // What a copy that died was staged in is the next write's to use.
            let held = cluster.objects.filter { key, secret in
                key.hasPrefix(path) && !key.hasPrefix("\(path)stowage-staged-")
                    && secret["data"]?.object?.count ?? 0 > 0
            }
            return Dictionary(
                uniqueKeysWithValues: held.map {
                    (
                        String($0.key.dropFirst(path.count)),
                        [
                            $0.value["data"], JSON(sorted: $0.value.objectLabels),
                            JSON(sorted: $0.value.objectAnnotations),
                        ]
                    )
                })
        }
        #expect(cluster.engineReads(environment, in: Self.other) == file.bytes, comment)
        #expect(content(cluster, Self.other) == content(seed, testNamespace), comment)
        #expect(content(cluster, testNamespace).isEmpty, comment)
        let leases = cluster.objects.filter { $0.key.contains("/leases/") }
        for (path, lease) in leases {
            let isThere = path.contains("/\(Self.other)/")
            #expect(MoveNote(on: lease)?.phase == (isThere ? nil : .left), comment)
            #expect((Lease(object: lease).holderIdentity == nil) == isThere, comment)
        }
    }

    /// - Returns: whether the commit was made.
    private func checkWhole(
        _ cluster: MemoryCluster, _ environment: EnvironmentID, _ state: StateFile, _ position: Int
    ) async throws -> Bool {
        let (here, there) = (try here(cluster), try there(cluster))
        let (mine, theirs) = (try await here.heldLock(environment), try await there.heldLock(environment))
        if mine?.move?.phase == .left {
            #expect(cluster.engineReads(environment, in: Self.other) == state.bytes, "request \(position)")
            // What is only half there any more is not damaged, it is elsewhere.
            do {
                let found = try await here.pull(environment)
                #expect(found == nil || found?.file == state, "request \(position)")
            } catch let error as StateStoreError {
                #expect(error.code == .moved, "request \(position): \(error)")
            }
            return true
        }
        #expect(cluster.engineReads(environment) == state.bytes, "request \(position)")
        #expect(try await here.pull(environment)?.file == state, "request \(position)")
        // An engine may go on here only where none can there.
        if cluster.engineReads(environment, in: Self.other) != nil {
            #expect(theirs?.move?.phase == .arriving, "request \(position): two may write")
        }
        return false
    }

    /// The source goes on after a move that failed, and is moved as it then is.
    @Test func anUnfinishedCopyIsMadeAnew() async throws {
        let (seed, environment) = try await seed(parts: 5)
        let next = try file(4, parts: 2)
        var (position, isPast, hasGoneOn) = (0, false, 0)
        while !isPast {
            let cluster = MemoryCluster(copyOf: seed)
            let transport = FaultyTransport(cluster, .conflict, at: position)
            let transport2 = FaultyTransport(transport, .failedAfter, at: position + 1)
            _ = try? await here(transport2).move(environment, to: try there(transport2))
            isPast = transport.count <= position
            position += 3
            guard try await here(cluster).heldLock(environment) == nil else { continue }
            hasGoneOn += 1
            try await here(cluster).push(next, to: environment)
            try await here(cluster).move(environment, to: try there(cluster))
            #expect(cluster.engineReads(environment, in: Self.other) == next.bytes, "request \(position)")
            #expect(try await there(cluster).history(environment).map(\.serial) == [3, 2, 1], "request \(position)")
        }
        #expect(hasGoneOn > 0)
    }

    /// A mover that slept through the rest of the move, and what came after it, changes nothing when it wakes.
    @Test func aMoverThatWakesLateChangesNothing() async throws {
        let (seed, environment) = try await seed(parts: 2)
        let next = try file(4, parts: 2)
        var (position, isPast) = (0, false)
        while !isPast {
            let cluster = MemoryCluster(copyOf: seed)
            let sleeper = SleepingTransport(cluster, at: position) {
                try await self.here(cluster).move(environment, to: try self.there(cluster))
                try await self.there(cluster).push(next, to: environment)
            }
            _ = try? await here(sleeper).move(environment, to: try there(sleeper))
            isPast = !sleeper.hasSlept
            guard !isPast else { break }
            #expect(cluster.engineReads(environment, in: Self.other) == next.bytes, "request \(position)")
            #expect(try await there(cluster).history(environment).map(\.serial) == [3, 2, 1], "request \(position)")
            #expect(try await there(cluster).heldLock(environment) == nil, "request \(position)")
            #expect(try await here(cluster).heldLock(environment)?.move?.phase == .left, "request \(position)")
            position += 2
        }
        #expect(position > 20)
    }

    /// The same, when it has come back by then.
    @Test func aMoverThatWakesAfterTheReturnChangesNothing() async throws {
        let (seed, environment) = try await seed(parts: 2)
        let next = try file(4, parts: 2)
        var (position, stayed) = (0, 0)
        while true {
            let cluster = MemoryCluster(copyOf: seed)
            let sleeper = SleepingTransport(cluster, at: position) {
                try await self.here(cluster).move(environment, to: try self.there(cluster))
                try await self.there(cluster).push(next, to: environment)
                try await self.there(cluster).move(environment, to: try self.here(cluster))
            }
            _ = try? await here(sleeper).move(environment, to: try there(sleeper))
            guard sleeper.hasSlept else { break }
            // One that had not begun moves it once more.
            let hasGone = try await here(cluster).heldLock(environment)?.move?.phase == .left
            let home = hasGone ? Self.other : testNamespace
            #expect(cluster.engineReads(environment, in: home) == next.bytes, "request \(position)")
            let locks = hasGone ? [try there(cluster), try here(cluster)] : [try here(cluster), try there(cluster)]
            #expect(try await locks[0].heldLock(environment) == nil, "request \(position)")
            let signpost = try await locks[1].heldLock(environment)
            #expect(
                signpost?.move?.phase == .left, "request \(position), gone \(hasGone): \(signpost?.summary ?? "free")")
            stayed += hasGone ? 0 : 1
            position += 2
        }
        #expect(position > 20 && stayed > 10)
    }

    /// A mover that died while it asked whether the place is free has not made what is there its own.
    @Test(arguments: [FaultyTransport.Fault.deathBefore, .deathAfter])
    func anotherStateIsNotOverwrittenAfterACrash(fault: FaultyTransport.Fault) async throws {
        let (seed, environment) = try await seed(parts: 2)
        let theirs = try file(7, parts: 1, lineage: "6f1b2c3d-0000-4000-8000-00000000000b")
        try await there(seed).push(theirs, to: environment)
        var (position, isPast) = (0, false)
        while !isPast {
            let cluster = MemoryCluster(copyOf: seed)
            let transport = FaultyTransport(cluster, fault, at: position)
            for transport in [transport, cluster] as [any Transport] {
                _ = try? await here(transport).move(environment, to: try there(transport))
                #expect(cluster.engineReads(environment, in: Self.other) == theirs.bytes, "request \(position)")
            }
            #expect(try await here(cluster).heldLock(environment) == nil, "request \(position)")
            #expect(try await there(cluster).heldLock(environment) == nil, "request \(position)")
            isPast = transport.count <= position
            position += 1
        }
    }
}

/// Before one request of many, something else happens.
private final class SleepingTransport: Transport {
    private let next: any Transport
    private let position: Int
    private let dream: @Sendable () async throws -> Void
    private let count = Counter()

    init(_ next: any Transport, at position: Int, _ dream: @escaping @Sendable () async throws -> Void) {
        self.next = next
        self.position = position
        self.dream = dream
    }

    var hasSlept: Bool { count.value > position }

    func send(_ request: APIRequest) async throws -> APIResponse {
        if count.next() == position { try await dream() }
        return try await next.send(request)
    }
}

private final class Counter: Sendable {
    private let count = Mutex(0)

    var value: Int { count.withLock { $0 } }

    func next() -> Int {
        count.withLock { count in
            defer { count += 1 }
            return count
        }
    }
}
