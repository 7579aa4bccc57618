import KubernetesAPI
import OrderedJSON
import Synchronization
import TerraformState
import TestScopes
import Testing

@testable import StateStorage

@Suite struct MoveTests {
    private static let other = "elsewhere"

    private func file(_ serial: UInt64, parts: Int, lineage: String = TestState.lineage) throws -> StateFile {
        try TestState.file(serial: serial, size: try #require(TestState.sizes[parts]), lineage: lineage)
    }

    private func here(_ transport: any Transport) throws -> StateStore { try testStore(transport) }

    private func there(_ transport: any Transport) throws -> StateStore {
        try testStore(transport, namespace: Self.other)
    }

    /// A state of some parts, with a history, and with what others have put on its Secrets.
    private func seed(parts: Int, mayDelete: Bool = false) async throws -> (MemoryCluster, EnvironmentID) {
        let (cluster, environment) = (MemoryCluster(mayDelete: mayDelete), try freshEnvironment())
        let store = try here(cluster)
        for (serial, count) in [(1, 1), (2, 2), (3, parts)] {
            try await store.push(try file(UInt64(serial), parts: count), to: environment)
        }
        cluster.edit("\(secretsPath)/\(StateNames(environment).secret)") {
            $0.setLabel("team", "blue")
            $0.setAnnotation("note", "keep")
            $0["data", "foreign"] = "eA=="
        }
        return (cluster, environment)
    }

    /// What is to be found after a move: everything there, nothing here, and a signpost.
    private func checkMoved(
        _ cluster: MemoryCluster, _ environment: EnvironmentID, _ file: StateFile, _ comment: Comment
    ) async throws {
        let (here, there) = (try here(cluster), try there(cluster))
        #expect(cluster.engineReads(environment, in: Self.other) == file.bytes, comment)
        #expect(cluster.engineReads(environment) == nil || cluster.engineReads(environment) == [], comment)
        #expect(try await there.pull(environment)?.file == file, comment)
        #expect(try await there.history(environment).map(\.serial) == [2, 1], comment)
        #expect(try await there.state(of: 1, environment) == (try self.file(1, parts: 1)), comment)
        let secret = cluster.objects["/api/v1/namespaces/\(Self.other)/secrets/\(StateNames(environment).secret)"]
        #expect(secret?.objectLabels["team"] == "blue" && secret?.objectAnnotations["note"] == "keep", comment)
        #expect(secret?["data"]?["foreign"] == "eA==", comment)
        #expect(try await there.heldLock(environment) == nil, comment)
        #expect(try await here.pull(environment) == nil, comment)
        #expect(try await here.history(environment).isEmpty, comment)
        let lock = try await here.heldLock(environment)
        #expect(lock?.move?.phase == .left, comment)
        #expect(lock?.info?.info == "moved to namespace \(Self.other) of cluster https://cluster.test:6443", comment)
        // Nothing of the state is left behind.
        let left = cluster.objects.filter { $0.key.hasPrefix(secretsPath) }
        #expect(left.values.allSatisfy { ($0["data"]?.object?.count ?? 0) == 0 }, comment)
    }

    @Test(arguments: [1, 2, 5], [false, true])
    func everythingGoesAndASignpostStays(parts: Int, mayDelete: Bool) async throws {
        let (cluster, environment) = try await seed(parts: parts, mayDelete: mayDelete)
        let state = try file(3, parts: parts)
        let result = try await here(cluster).move(environment, to: try there(cluster))
        #expect(result.isChanged && result.serial == 3 && result.partCount == parts && result.versionCount == 2)
        try await checkMoved(cluster, environment, state, "moved")
        #expect(mayDelete == cluster.objects.keys.allSatisfy { !$0.hasPrefix(secretsPath) })
        // Once more: nothing to do.
        #expect(try await here(cluster).move(environment, to: try there(cluster)).isChanged == false)
        // Whoever looks here is told where it is.
        #expect(try await here(cluster).absence(environment).code == .moved)
        #expect(try await here(cluster).absence(environment).description.contains("namespace \(Self.other) of"))
        await #expect {
            try await RunHistory(environment, try self.here(cluster), reason: "apply", willWrite: true)
        } throws: {
            ($0 as? StateStoreError)?.code == .moved
        }
        await #expect {
            try await self.here(cluster).push(try self.file(9, parts: 1), to: environment)
        } throws: {
            ($0 as? StateRefusal)?.objections == [.locked]
        }
    }

    @Test(arguments: [1, 2, 5], [false, true])
    func aStateComesBackOverItsSignpost(parts: Int, mayDelete: Bool) async throws {
        let (cluster, environment) = try await seed(parts: parts, mayDelete: mayDelete)
        try await here(cluster).move(environment, to: try there(cluster))
        let next = try file(4, parts: 2)
        try await there(cluster).push(next, to: environment)
        try await there(cluster).move(environment, to: try here(cluster))
        #expect(cluster.engineReads(environment) == next.bytes)
        #expect(try await here(cluster).history(environment).map(\.serial) == [3, 2, 1])
        #expect(try await here(cluster).heldLock(environment) == nil)
        let stray = cluster.objects.filter { $0.key.hasPrefix(secretsPath) && $0.value["data"]?.object?.count ?? 0 > 0 }
        #expect(stray.values.allSatisfy { $0.objectAnnotations[OwnSecrets.movedAnnotation] == nil })
        // And goes again, where it has been before.
        try await here(cluster).move(environment, to: try there(cluster))
        #expect(cluster.engineReads(environment, in: Self.other) == next.bytes)
        #expect(try await there(cluster).history(environment).map(\.serial) == [3, 2, 1])
    }

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

    @Test func twoAddressesOfOneClusterAreOnePlace() async throws {
        let (cluster, environment) = try await seed(parts: 1)
        for store in [try here(cluster), try testStore(cluster, server: "https://10.0.0.1")] {
            await #expect {
                try await self.here(cluster).move(environment, to: store)
            } throws: {
                ($0 as? StateStoreError)?.code == .samePlace
            }
            #expect(try await here(cluster).heldLock(environment) == nil)
            #expect(cluster.engineReads(environment) == (try file(3, parts: 1)).bytes)
        }
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

    @Test func anEncryptedStateNeedsNoKey() async throws {
        let (cluster, environment) = (MemoryCluster(), try freshEnvironment())
        let text = #"{"serial":1,"lineage":"l","meta":{},"encrypted_data":"x","encryption_version":"v0"}"#
        let payload = Gzip.compress(Array(text.utf8))
        cluster.putAsEngine([payload], environment)
        try await here(cluster).move(environment, to: try there(cluster))
        let path = "/api/v1/namespaces/\(Self.other)/secrets/\(StateNames(environment).secret)"
        // Not compressed anew.
        #expect(cluster.objects[path]?["data"]?["tfstate"]?.string == Base64.encode(payload))
    }

    /// Cut by an engine with other limits than ours, and partly in Secrets that were retired.
    @Test func partsStayAsTheyWereCut() async throws {
        let (cluster, environment) = (MemoryCluster(), try freshEnvironment())
        let payload = Gzip.compress(try file(1, parts: 5).bytes)
        cluster.putAsEngine([Array(payload.prefix(100)), Array(payload.dropFirst(100))], environment)
        let names = StateNames(environment)
        cluster.edit("\(secretsPath)/\(names.part(1))") { secret in
            for key in names.labels.keys { secret.setLabel(key, nil) }
            for (key, value) in OwnSecrets.labels(.retired, environment) { secret.setLabel(key, value) }
        }
        #expect(try await here(cluster).move(environment, to: try there(cluster)).partCount == 2)
        #expect(cluster.engineReads(environment, in: Self.other) == (try file(1, parts: 5)).bytes)
    }

    @Test func whatIsDamagedOrAbsentStays() async throws {
        let (cluster, environment) = (MemoryCluster(), try freshEnvironment())
        await #expect {
            try await self.here(cluster).move(environment, to: try self.there(cluster))
        } throws: {
            ($0 as? StateStoreError)?.code == .absent
        }
        cluster.putAsEngine([[1, 2, 3]], environment)
        await #expect {
            try await self.here(cluster).move(environment, to: try self.there(cluster))
        } throws: {
            ($0 as? StateStoreError)?.code == .damaged
        }
        #expect(try await here(cluster).heldLock(environment) == nil)
        #expect(cluster.objects.keys.allSatisfy { !$0.contains("/\(Self.other)/secrets/") })
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
