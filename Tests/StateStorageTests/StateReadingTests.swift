import KubernetesAPI
import OrderedJSON
import TerraformState
import Testing

@testable import StateStorage

/// The golden corpus: Secrets as engines, crashes and people leave them.
@Suite struct StateReadingTests: StoreSuite {
    let fixture: StoreFixture

    init() throws { fixture = try StoreFixture() }

    private func cut(_ file: StateFile) -> [[UInt8]] { StatePart.cut(Gzip.compress(file.bytes), limit: 600) }

    private func path(_ index: Int = 0) -> String { "\(secretsPath)/\(names.part(index))" }

    private func failure() async -> StateStoreError? {
        let before = cluster.objects
        let error = await #expect(throws: StateStoreError.self) { try await store.pull(environment) }
        #expect(cluster.objects == before, "a refused state was changed")
        return error
    }

    @Test func anEnvironmentWithoutAStateHasNone() async throws {
        #expect(try await store.pull(environment) == nil)
    }

    @Test(arguments: [1, 2, 5]) func readsWhatEnginesWrote(parts: Int) async throws {
        let file = try TestState.file(serial: 7, size: try #require(TestState.sizes[parts]))
        cluster.putAsEngine(cut(file), environment)
        let snapshot = try #require(try await store.pull(environment))
        #expect(snapshot.file == file)
        #expect(snapshot.partCount == parts)
    }

    @Test func readsMoreThanNinePartsInTheOrderOfTheirNumbers() async throws {
        let file = try TestState.file(serial: 7, size: 10_000)
        let parts = cut(file)
        #expect(parts.count > 10)
        cluster.putAsEngine(parts, environment)
        #expect(try await store.pull(environment)?.file == file)
    }

    @Test func readsANumericTail() async throws {
        let environment = try EnvironmentID("4b41bf32-b337-93a4-ad65-123456789012")
        let file = try TestState.file(serial: 1)
        cluster.putAsEngine(cut(file), environment)
        #expect(try await store.pull(environment)?.file == file)
        #expect(try await store.list().map(\.environment) == [environment])
    }

    @Test func readsAnEncryptedState() async throws {
        let text = #"{"serial":3,"lineage":"l","meta":{},"encrypted_data":"aGk=","encryption_version":"v0"}"#
        cluster.putAsEngine([Gzip.compress(Array(text.utf8))], environment)
        let summary = try await store.summary(environment)
        #expect(summary?.isEncrypted == true)
        #expect(summary?.serial == 3)
        #expect(summary?.counts == nil)
    }

    @Test func refusesATornState() async throws {
        let (old, new) = (
            cut(try TestState.file(serial: 1, size: 1000)), cut(try TestState.file(serial: 2, size: 1000))
        )
        cluster.putAsEngine([new[0], old[1]], environment)
        #expect(await failure()?.code == .damaged)
    }

    @Test(arguments: [0, 1, 3]) func namesAMissingPart(missing: Int) async throws {
        cluster.putAsEngine(cut(try TestState.file(serial: 1, size: 3600)), environment)
        cluster.remove(path(missing))
        let error = await failure()
        #expect(error?.code == .damaged)
        #expect(error?.explanation.contains(names.part(missing)) == true)
    }

    @Test func refusesAMissingLastPart() async throws {
        cluster.putAsEngine(cut(try TestState.file(serial: 1, size: 3600)), environment)
        cluster.remove(path(4))
        #expect(await failure()?.code == .damaged)
    }

    @Test func namesSurplusParts() async throws {
        let old = cut(try TestState.file(serial: 1, size: 3600))
        let new = cut(try TestState.file(serial: 2, size: 1000))
        cluster.putAsEngine(new + old[2...], environment)
        let error = await failure()
        #expect(error?.code == .damaged)
        #expect(error?.explanation.contains("whole in parts 0 to 1, but 3 part(s) too many") == true)
    }

    @Test func refusesEmptyParts() async throws {
        cluster.putAsEngine([[]], environment)
        #expect(await failure()?.code == .damaged)
        cluster.edit(path()) { $0["data"] = nil }
        #expect(await failure()?.code == .damaged)
        let parts = cut(try TestState.file(serial: 1, size: 1000))
        cluster.putAsEngine([parts[0], []], environment)
        #expect(await failure()?.explanation.contains("part 1") == true)
    }

    @Test(arguments: ["tfstate", "tfstateSecretSuffix", "tfstateWorkspace", "app.kubernetes.io/managed-by"])
    func namesALostLabel(label: String) async throws {
        cluster.putAsEngine(cut(try TestState.file(serial: 1)), environment)
        cluster.edit(path()) { $0["metadata", "labels", label] = "other" }
        let error = await failure()
        #expect(error?.code == .lostLabels)
        #expect(error?.explanation.contains("kubectl label secret \(names.secret)") == true)
    }

    @Test func namesACopyWithTheSameLabels() async throws {
        cluster.putAsEngine(cut(try TestState.file(serial: 1)), environment)
        var copy = try #require(cluster.objects[path()])
        copy["metadata", "name"] = "backup-of-state"
        cluster.put(copy, at: "\(secretsPath)/backup-of-state")
        let error = await failure()
        #expect(error?.code == .copied)
        #expect(error?.explanation.contains("backup-of-state") == true)
        await #expect(throws: StateStoreError.self) {
            var options = PushOptions()
            options.forced = Set(Objection.allCases)
            try await store.push(try TestState.file(serial: 2), to: environment, options)
        }
    }

    @Test(arguments: [
        (#"{"version":3,"serial":1,"lineage":"l"}"#, "version 3"),
        (#"{"version":5,"serial":1,"lineage":"l"}"#, "newer engine"),
        ("{}", "no state file"), ("hello", "not JSON"),
    ])
    func refusesWhatIsNoState(text: String, hint: String) async throws {
        cluster.putAsEngine([Gzip.compress(Array(text.utf8))], environment)
        let error = await failure()
        #expect(error?.code == .notState)
        #expect(error?.explanation.contains(hint) == true)
    }

    @Test func refusesWhatIsNotGzip() async throws {
        cluster.putAsEngine([Array("{}".utf8)], environment)
        #expect(await failure()?.explanation.contains("not gzip") == true)
        var wrong = cut(try TestState.file(serial: 1))[0]
        wrong[wrong.count - 6] ^= 1
        cluster.putAsEngine([wrong], environment)
        #expect(await failure()?.explanation.contains("checksum") == true)
    }

    @Test func boundsWhatItInflates() async throws {
        var configuration = store.configuration
        configuration.inflationLimit = 1 << 20
        let bounded = StateStore(client: store.client, namespace: testNamespace, configuration: configuration)
        cluster.putAsEngine([Gzip.compress([UInt8](repeating: 0, count: 4 << 20))], environment)
        let error = await #expect(throws: StateStoreError.self) { try await bounded.pull(environment) }
        #expect(error?.code == .tooLarge)
        #expect(error?.explanation.contains("1048576") == true)
    }

    @Test func namesTheLastPartWhereItLostItsLabels() async throws {
        cluster.putAsEngine(cut(try TestState.file(serial: 1, size: 1000)), environment)
        cluster.edit(path(1)) { $0["metadata", "labels", "tfstate"] = nil }
        let error = await failure()
        #expect(error?.code == .lostLabels)
        #expect(error?.explanation.contains("kubectl label secret \(names.part(1)) ") == true)
    }

    /// A state of three parts, made smaller by us and larger again by Terraform, which updates the Secrets that it finds by
    /// name and leaves their labels alone.
    private func growBack(parts: Int) async throws -> StateFile {
        try await store.push(try TestState.file(serial: 1, size: 1900), to: environment)
        try await store.push(try TestState.file(serial: 2, size: 300), to: environment)
        #expect(cluster.objects[path(1)]?.objectLabels["tfstate"] == nil)
        let file = try TestState.file(serial: 3, size: try #require(TestState.sizes[parts]))
        try await StockEngine(transport: cluster, environment: environment).write(file)
        #expect(cluster.engineReads(environment) == nil)
        return file
    }

    @Test(arguments: [2, 3, 5]) func givesPartsThatCameBackTheirLabels(parts: Int) async throws {
        let file = try await growBack(parts: parts)
        #expect(try await store.pull(environment)?.file == file)
        #expect(cluster.engineReads(environment) == file.bytes)
    }

    @Test func givesThemTheirLabelsBeforeAnEngineStarts() async throws {
        let file = try await growBack(parts: 2)
        _ = try await RunHistory(environment, store, reason: "plan", willWrite: false)
        #expect(cluster.engineReads(environment) == file.bytes)
    }

    /// An engine at work would stumble over a Secret that somebody changed.
    @Test func changesNothingWhileAnotherHoldsTheLock() async throws {
        let file = try await growBack(parts: 2)
        let info = store.lockInfo(operation: "OperationTypeApply")
        try await store.lock(environment, info)
        let before = cluster.objects
        #expect(try await store.pull(environment)?.file == file)
        _ = try await RunHistory(environment, store, reason: "plan", willWrite: false)
        await #expect(throws: StateRefusal.self) {
            try await store.push(try TestState.file(serial: 4), to: environment)
        }
        #expect(cluster.objects == before)
        #expect(try await store.pull(environment, lockID: info.id)?.file == file)
        #expect(cluster.engineReads(environment) == file.bytes)
    }

    @Test func readsAStateThatAnEngineEnlargedIntoARetiredPart() async throws {
        try await store.push(try TestState.file(serial: 1, size: 1000), to: environment)
        try await store.push(try TestState.file(serial: 2, size: 300), to: environment)
        #expect(cluster.objects[path(1)]?.objectLabels["tfstate"] == nil)
        // Terraform updates the Secret that it finds by name, and leaves the labels alone.
        let file = try TestState.file(serial: 3, size: 1000)
        for (index, payload) in cut(file).enumerated() {
            cluster.edit(path(index)) { $0["data", "tfstate"] = .string(Base64.encode(payload)) }
        }
        #expect(cluster.engineReads(environment) == nil)
        #expect(try await store.pull(environment)?.file == file)
        let next = try TestState.file(serial: 4, size: 1000)
        try await store.push(next, to: environment)
        #expect(cluster.engineReads(environment) == next.bytes)
    }
}
