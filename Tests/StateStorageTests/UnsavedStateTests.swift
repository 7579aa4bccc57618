import KubernetesAPI
import OrderedJSON
import TerraformState
import Testing

@testable import StateStorage

/// What a deployment could save nowhere else.
@Suite struct UnsavedStateTests: StoreSuite {
    private static let deployment = "a41bf32b-b337-43a4-8d65-1d565c5e25be"
    let fixture: StoreFixture

    init() throws { fixture = try StoreFixture() }

    private func keep(_ bytes: [UInt8], in store: StateStore? = nil) async throws -> UnsavedState {
        try await (store ?? self.store).keepUnsaved(bytes, of: Self.deployment, for: environment, reason: "it was late")
    }

    @Test(arguments: [1, 2, 5])
    func isHadAgainByteForByte(parts: Int) async throws {
        let file = try TestState.file(serial: 7, size: try #require(TestState.sizes[parts]))
        let kept = try await keep(file.bytes)
        #expect(kept.secrets.count == parts)
        // Once more, as after a lost answer.
        _ = try await keep(file.bytes)
        #expect(cluster.objects.count == parts)
        let found = try await store.unsavedStates(of: Self.deployment)
        #expect(found.map(\.secrets) == [kept.secrets])
        let state = try #require(found.first)
        #expect(state.serial == 7 && state.lineage == TestState.lineage && state.environment == environment)
        #expect(state.reason == "it was late")
        #expect(try await store.bytes(of: state) == file.bytes)
        #expect(try await store.unsavedStates(of: "b41bf32b-b337-43a4-8d65-1d565c5e25be").isEmpty)
    }

    @Test func mayBeWhatIsNoState() async throws {
        let bytes = Array("{\"version\": 4, \"ser".utf8)
        let state = try await keep(bytes)
        #expect(state.serial == nil)
        #expect(try await store.bytes(of: state) == bytes)
        // Beside one that is.
        _ = try await keep(try TestState.file(serial: 3).bytes)
        #expect(try await store.unsavedStates(of: Self.deployment).map(\.serial) == [3, nil])
    }

    @Test func isOutOfSightAndOutOfReachOfWhatBelongsToTheState() async throws {
        let cluster = MemoryCluster(mayDelete: true)
        let store = try testStore(cluster)
        try await store.push(try TestState.file(serial: 1, resources: 0), to: environment)
        let engines = cluster.engineReads(environment)
        let file = try TestState.file(serial: 2, size: 1900)
        let state = try await keep(file.bytes, in: store)
        #expect(cluster.engineReads(environment) == engines)
        #expect(try await store.history(environment).isEmpty)
        #expect(try await store.list().count == 1)
        let kept = cluster.objects.filter { $0.key.contains("stowage-unsaved") }
        #expect(kept.count == state.secrets.count)
        #expect(kept.values.allSatisfy { $0["metadata"]?["ownerReferences"] == nil })
        try await store.move(environment, to: try testStore(cluster, namespace: "elsewhere"))
        #expect(try await store.bytes(of: state) == file.bytes)
        try await testStore(cluster, namespace: "elsewhere").remove(environment) { _ in }
        #expect(try await store.bytes(of: state) == file.bytes)
    }

    @Test func damageIsTold() async throws {
        let state = try await keep(try TestState.file(serial: 1, size: 1900).bytes)
        cluster.edit("\(secretsPath)/\(state.secrets[1])") { $0["data"] = [:] }
        let error = await #expect(throws: StateStoreError.self) { _ = try await store.bytes(of: state) }
        #expect(error?.code == .damaged)
        #expect(error?.description.contains(state.secrets[0]) == true)
    }

    @Test func theDoctorTellsOfIt() async throws {
        try await store.push(try TestState.file(serial: 1), to: environment)
        let state = try await keep(try TestState.file(serial: 2).bytes)
        var found: [DoctorFinding] = []
        try await Doctor(store).examine { findings, _, _ in found += findings }
        #expect(found.map(\.code) == [.unsaved])
        #expect(found[0].evidence.contains(state.secrets[0]))
        #expect(found[0].remedy.contains("stowage deployments state -n \(testNamespace) \(Self.deployment)"))
    }
}
