import KubernetesAPI
import OrderedJSON
import TerraformState
import TestScopes
import Testing

@testable import StateStorage

/// What is kept around a run, whose engine writes by itself.
@Suite struct RunHistoryTests: StoreSuite {
    let fixture: StoreFixture

    init() throws { fixture = try StoreFixture() }

    private var path: String { "\(secretsPath)/\(names.secret)" }
    private var version: String? { cluster.objects[path]?.resourceVersion }

    private func history(willWrite: Bool = true) async throws -> RunHistory {
        try await RunHistory(environment, store, reason: "stowage run apply", willWrite: willWrite)
    }

    private func engineWrites(_ serial: UInt64) throws {
        cluster.putAsEngine([Gzip.compress(try TestState.file(serial: serial).bytes)], environment)
    }

    private func serials() async throws -> [UInt64] { try await store.history(environment).map(\.serial) }

    @Test func keepsWhatIsThereBeforeItBegins() async throws {
        try engineWrites(1)
        let history = try await history()
        let kept = try #require(try await store.history(environment).first)
        #expect(kept.why == "stowage run apply")
        #expect(kept.who == "tester@host")
        let before = cluster.objects
        try await history.willOverwrite(version)
        #expect(cluster.objects == before, "there was nothing to keep")
    }

    @Test func aPlanKeepsNothing() async throws {
        try engineWrites(1)
        let before = cluster.objects
        _ = try await history(willWrite: false)
        #expect(cluster.objects == before)
    }

    @Test func catchesWhatOthersWriteInBetween() async throws {
        try engineWrites(1)
        let history = try await history()
        try engineWrites(2)
        try await history.willOverwrite(version)
        #expect(try await serials() == [2, 1])
        try engineWrites(3)
        await history.didWrite(version)
        try await history.willOverwrite(version)
        #expect(try await serials() == [2, 1], "the engine's own state on the way")
        try engineWrites(4)
        try await history.willOverwrite(version)
        #expect(try await serials() == [4, 2, 1])
        try engineWrites(5)
        // A write that names no version overwrites whatever is there.
        try await history.willOverwrite(nil)
        #expect(try await serials() == [5, 4, 2, 1])
    }

    @Test func aFirstStateHasNoPredecessor() async throws {
        let history = try await history()
        cluster.put(StatePart.new(names, index: 0, namespace: testNamespace, payload: []).whole, at: path)
        await history.didWrite(version)
        try await history.willOverwrite(version)
        // Somebody else's first write that died: engines take it for no state.
        let another = try await self.history()
        try await another.willOverwrite(version)
        #expect(try await serials().isEmpty)
    }

    @Test func aStateThatWasEmptiedIsNoFirstState() async throws {
        try await store.push(try TestState.file(serial: 1), to: environment)
        try await store.push(try TestState.file(serial: 2), to: environment)
        cluster.edit(path) { $0["data"] = [:] }
        let error = await #expect(throws: StateStoreError.self) { try await history(willWrite: false) }
        #expect(error?.code == .damaged)
    }

    @Test func aStateThatEnginesWouldMistakeStopsTheRun() async throws {
        let payloads = StatePart.cut(Gzip.compress(try TestState.file(serial: 1, size: 1000).bytes), limit: 600)
        cluster.putAsEngine(payloads, environment)
        func code() async throws -> StateStoreError.Code? {
            let error = await #expect(throws: StateStoreError.self) { try await history(willWrite: false) }
            return error?.code
        }
        var copy = try #require(cluster.objects[path])
        copy["metadata", "name"] = "a-copy"
        cluster.put(copy, at: "\(secretsPath)/a-copy")
        #expect(try await code() == .copied)
        cluster.remove("\(secretsPath)/a-copy")
        cluster.edit(path) { $0["metadata", "labels", "tfstate"] = nil }
        #expect(try await code() == .lostLabels)
        cluster.edit(path) { $0["metadata", "labels", "tfstate"] = "true" }
        _ = try await history(willWrite: false)
        cluster.remove("\(secretsPath)/\(names.part(1))")
        #expect(try await code() == .damaged)
        #expect(try await serials().isEmpty)
    }

    /// A write of ours that died is finished first: engines could read neither the old state nor the new one.
    @Test func finishesAWriteThatDied() async throws {
        let seed = MemoryCluster()
        try await testStore(seed).push(try TestState.file(serial: 1, size: 1000), to: environment)
        let new = try TestState.file(serial: 2, size: 3600)
        for position in 0..<60 {
            let cluster = MemoryCluster(copyOf: seed)
            _ = try? await testStore(FaultyTransport(cluster, .deathAfter, at: position)).push(new, to: environment)
            guard cluster.objects.values.contains(where: { $0.objectAnnotations[OwnSecrets.writeAnnotation] != nil })
            else { continue }
            let history = try await RunHistory(environment, testStore(cluster), reason: "run", willWrite: true)
            #expect(cluster.engineReads(environment) == new.bytes)
            try await history.willOverwrite(cluster.objects[path]?.resourceVersion)
            #expect(try await testStore(cluster).history(environment).map(\.serial) == [2, 1])
            return
        }
        Issue.record("no request of the write was its commit")
    }

    /// An engine that enlarges a state into parts that we retired fills them, but would not find them again.
    @Test func givesPartsTheirLabelsBack() async throws {
        try await store.push(try TestState.file(serial: 1, size: 1000), to: environment)
        try await store.push(try TestState.file(serial: 2), to: environment)
        let file = try TestState.file(serial: 3, size: 1000)
        for (index, payload) in StatePart.cut(Gzip.compress(file.bytes), limit: 600).enumerated() {
            cluster.edit("\(secretsPath)/\(names.part(index))") {
                $0["data", "tfstate"] = .string(Base64.encode(payload))
            }
        }
        #expect(cluster.engineReads(environment) == nil)
        let history = try await history()
        #expect(cluster.engineReads(environment) == file.bytes)
        #expect(try await serials() == [3, 1])
        let before = cluster.objects
        try await history.willOverwrite(version)
        #expect(cluster.objects == before)
    }

    /// Where the state cannot be kept, nothing is started, and nothing is overwritten.
    @Test(arguments: FaultyTransport.Fault.allCases) func aFailureToKeepStopsIt(fault: FaultyTransport.Fault)
        async throws
    {
        try engineWrites(1)
        for position in 0..<20 {
            let cluster = MemoryCluster(copyOf: cluster)
            let transport = FaultyTransport(cluster, fault, at: position)
            let isBegun =
                (try? await RunHistory(environment, testStore(transport), reason: "run", willWrite: true)) != nil
            let kept = try await testStore(cluster).history(environment)
            if isBegun { #expect(kept.map(\.serial) == [1], "request \(position)") }
            if transport.count <= position { return }
        }
        Issue.record("it makes too many requests")
    }

    /// The changes of a stock engine, seen by whatever of ours comes next.
    @Test func everyWriteOfOursCatchesWhatAnEngineWrote() async throws {
        try await store.push(try TestState.file(serial: 1), to: environment)
        try engineWrites(2)
        try await store.push(try TestState.file(serial: 3), to: environment)
        #expect(try await serials() == [2])
        try engineWrites(4)
        try await store.rollback(environment, to: 1)
        #expect(try await serials() == [4, 2])
        try engineWrites(6)
        _ = try await history()
        #expect(try await serials() == [6, 4, 2])
        try engineWrites(7)
        let before = cluster.objects
        _ = try await store.pull(environment)
        _ = try await store.history(environment)
        #expect(cluster.objects == before, "a read changes nothing")
    }

    @Test func whoIsWhoReplacedIt() async throws {
        try engineWrites(1)
        _ = try await history()
        var configuration = store.configuration
        configuration.writer = "jane@laptop"
        let janes = StateStore(client: store.client, namespace: testNamespace, configuration: configuration)
        var options = PushOptions()
        options.reason = "a repair"
        try await janes.push(try TestState.file(serial: 2), to: environment, options)
        let versions = try await store.history(environment)
        // The run began, and changed nothing; Jane replaced it.
        #expect(versions.map(\.serial) == [1])
        #expect(versions.first?.who == "jane@laptop")
        #expect(versions.first?.why == "a repair")
        #expect(try await store.state(of: 1, environment) == TestState.file(serial: 1))
    }
}
