import KubernetesAPI
import OrderedJSON
import TerraformState
import TestScopes
import Testing

@testable import StateStorage

@Suite struct PushTests: StoreSuite {
    let fixture: StoreFixture

    init() throws { fixture = try StoreFixture() }

    private var path: String { "\(secretsPath)/\(names.secret)" }

    @Test(arguments: [1, 2, 5], [1, 2, 5]) func replacesAnySizeByAny(before: Int, after: Int) async throws {
        let old = try TestState.file(serial: 1, size: try #require(TestState.sizes[before]))
        let new = try TestState.file(serial: 2, size: try #require(TestState.sizes[after]))
        #expect(try await store.push(old, to: environment).partCount == before)
        #expect(cluster.engineReads(environment) == old.bytes)
        let result = try await store.push(new, to: environment)
        #expect(result.partCount == after)
        #expect(result.replacedSerial == 1)
        #expect(result.keptVersion == 1)
        #expect(cluster.engineReads(environment) == new.bytes)
        #expect(try await store.pull(environment)?.file == new)
        #expect(cluster.objects[path]?.objectAnnotations[OwnSecrets.writeAnnotation] == nil)
        // Nothing of ours holds a state any more but the history.
        let staged = cluster.objects.filter { $0.key.contains("/stowage-staged-") }
        #expect(staged.allSatisfy { $0.value["data"]?.object?.isEmpty == true })
    }

    @Test func oneSecretIsReplacedByOnePut() async throws {
        try await store.push(try TestState.file(serial: 1), to: environment)
        let counting = FaultyTransport(cluster, .conflict, at: -1)
        try await testStore(counting).push(try TestState.file(serial: 2), to: environment)
        // Reads: part 0, the list, the lock, the history; writes: a version, the state.
        #expect(counting.count == 6)
    }

    @Test func deletesSurplusPartsWhereThatIsGranted() async throws {
        let cluster = MemoryCluster(mayDelete: true)
        let store = try testStore(cluster)
        try await store.push(try TestState.file(serial: 1, size: 3600), to: environment)
        let new = try TestState.file(serial: 2)
        try await store.push(new, to: environment)
        #expect(cluster.engineReads(environment) == new.bytes)
        #expect(!cluster.objects.keys.contains { $0.contains("-part-") && $0.contains("tfstate-") })
    }

    @Test func keepsWhatIsNotOurs() async throws {
        try await store.push(try TestState.file(serial: 1, size: 1000), to: environment)
        for index in 0...1 {
            cluster.edit("\(secretsPath)/\(names.part(index))") { secret in
                secret["metadata", "labels", "team"] = "a"
                secret["metadata", "annotations", "note"] = "b"
                secret["metadata", "finalizers"] = ["example.com/keep"]
                secret["data", "other"] = "aGk="
            }
        }
        for size in [1000, 300, 1000] {
            let serial = UInt64(size) + (try await store.pull(environment)?.file.serial ?? 0)
            try await store.push(try TestState.file(serial: serial, size: size), to: environment)
            let secret = try #require(cluster.objects[path])
            #expect(secret.objectLabels["team"] == "a")
            #expect(secret.objectAnnotations["note"] == "b")
            #expect(secret["metadata"]?["finalizers"] == ["example.com/keep"])
            #expect(secret["data"]?["other"] == "aGk=")
        }
    }

    @Test func stagedSecretsAreUsedAgain() async throws {
        for serial in 1...6 {
            try await store.push(try TestState.file(serial: UInt64(serial), size: 3600), to: environment)
        }
        #expect(cluster.objects.keys.count { $0.contains("/stowage-staged-") } == 5)
    }

    @Test func refusesAStateThatWasChangedSinceItWasRead() async throws {
        try await store.push(try TestState.file(serial: 1), to: environment)
        var options = PushOptions()
        options.replacing = try await store.pull(environment)
        try await store.push(try TestState.file(serial: 2), to: environment)
        let error = await #expect(throws: StateStoreError.self) {
            try await store.push(try TestState.file(serial: 3), to: environment, options)
        }
        #expect(error?.code == .changed)
        #expect(try await store.pull(environment)?.file.serial == 2)
    }

    @Test func theSameBytesChangeNothing() async throws {
        let file = try TestState.file(serial: 1)
        try await store.push(file, to: environment)
        let before = cluster.objects
        #expect(try await store.push(file, to: environment).isChanged == false)
        #expect(cluster.objects == before)
    }

    @Test func theGuardObjectsByName() async throws {
        let there = try TestState.file(serial: 5)
        try await store.push(there, to: environment)
        let cases: [(StateFile, Objection)] = [
            (try TestState.file(serial: 6, lineage: "other"), .lineage), (try TestState.file(serial: 4), .lowerSerial),
            (try TestState.file(serial: 5, size: 400), .sameSerial),
            (try TestState.file(serial: 6, resources: 0), .emptied),
        ]
        for (file, objection) in cases {
            let refusal = await #expect(throws: StateRefusal.self) { try await store.push(file, to: environment) }
            #expect(refusal?.objections == [objection])
            let text = "\(refusal?.description ?? "")"
            #expect(text.contains("serial 5, lineage \(there.lineage)"), "\(text)")
            #expect(text.contains("serial \(file.serial), lineage \(file.lineage)"), "\(text)")
            #expect(text.contains("--force \(objection.rawValue)"))
            #expect(try await store.pull(environment)?.file == there)
        }
        for (file, objection) in cases {
            var options = PushOptions()
            options.forced = Set(Objection.allCases).subtracting([objection])
            await #expect(throws: StateRefusal.self) { try await store.push(file, to: environment, options) }
        }
        var options = PushOptions()
        options.isDestroy = true
        try await store.push(cases[3].0, to: environment, options)
        options.forced = [.lowerSerial]
        try await store.push(cases[1].0, to: environment, options)
        #expect(try await store.pull(environment)?.file == cases[1].0)
    }

    @Test func anothersLockIsAnObjection() async throws {
        let info = store.lockInfo(operation: "OperationTypeApply")
        try await store.lock(environment, info)
        let file = try TestState.file(serial: 1)
        let refusal = await #expect(throws: StateRefusal.self) { try await store.push(file, to: environment) }
        #expect(refusal?.objections == [.locked])
        #expect(refusal?.description.contains("tester@host") == true)
        var options = PushOptions()
        options.lockID = info.id
        try await store.push(file, to: environment, options)
    }

    @Test func aDamagedStateIsReplacedWhenThatIsForced() async throws {
        let good = try TestState.file(serial: 3, size: 300)
        cluster.putAsEngine(
            StatePart.cut(Gzip.compress(try TestState.file(serial: 1, size: 3600).bytes), limit: 600), environment)
        cluster.remove("\(secretsPath)/\(names.part(2))")
        let refusal = await #expect(throws: StateRefusal.self) { try await store.push(good, to: environment) }
        #expect(refusal?.objections == [.damaged])
        var options = PushOptions()
        options.forced = [.damaged]
        try await store.push(good, to: environment, options)
        #expect(cluster.engineReads(environment) == good.bytes)
    }

    @Test func anEngineThatOverwritesACommittedWriteWins() async throws {
        let old = try TestState.file(serial: 1, size: 1000)
        try await store.push(old, to: environment)
        for position in 0..<40 {
            let cluster = MemoryCluster(copyOf: cluster)
            let dying = FaultyTransport(cluster, .deathAfter, at: position)
            _ = try? await testStore(dying).push(try TestState.file(serial: 2, size: 1000), to: environment)
            guard cluster.objects[path]?.objectAnnotations[OwnSecrets.writeAnnotation] != nil else { continue }
            let engines = try TestState.file(serial: 9)
            cluster.edit(path) { $0["data", "tfstate"] = .string(Base64.encode(Gzip.compress(engines.bytes))) }
            cluster.remove("\(secretsPath)/\(names.part(1))")
            let store = try testStore(cluster)
            #expect(try await store.pull(environment)?.file == engines)
            // And stays it when the payload comes back that the write was committed on.
            #expect(cluster.objects[path]?.objectAnnotations[OwnSecrets.writeAnnotation] == nil)
            let next = try TestState.file(serial: 10)
            try await store.push(next, to: environment)
            #expect(cluster.engineReads(environment) == next.bytes)
            #expect(cluster.objects[path]?.objectAnnotations[OwnSecrets.writeAnnotation] == nil)
            return
        }
        Issue.record("no request of the write was its commit")
    }

    /// Among writers that do not lock, each write is whole, and those that lost a race are told.
    @Test func manyWritersNeverTearAState() async throws {
        let (store, environment) = (store, environment)
        try await store.push(try TestState.file(serial: 1, size: 1000), to: environment)
        let wins = try await withThrowingTaskGroup(of: Int.self) { group in
            for writer in 0..<8 {
                group.addTask {
                    var wins = 0
                    for round in 0..<5 {
                        guard let current = try await store.pull(environment) else { continue }
                        var options = PushOptions()
                        options.replacing = current
                        let size = [300, 1000, 3600][(writer + round) % 3] + writer
                        // No two writers write the same bytes, which both would rightly call their own.
                        let text = String(
                            decoding: try TestState.file(serial: current.file.serial + 1, size: size).bytes,
                            as: UTF8.self)
                        let file = try StateFile(
                            Array(text.replacing(#""id": "i""#, with: #""id": "\#(writer)""#).utf8))
                        do {
                            wins += try await store.push(file, to: environment, options).isChanged ? 1 : 0
                        } catch let error as StateStoreError where [.changed, .unsettled].contains(error.code) {
                        } catch is StateRefusal {}
                    }
                    return wins
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(wins > 0)
        let last = try #require(try await store.pull(environment))
        #expect(last.file.serial == UInt64(1 + wins))
        #expect(cluster.engineReads(environment) == last.file.bytes)
    }
}

/// A state whose bytes come from somewhere else when they are needed.
@Suite struct NewStateTests {
    /// Compressible as states are, and several pieces long.
    private func largeFile() throws -> StateFile {
        let line = #"{"mode": "managed", "type": "a", "name": "b", "instances": [{"attributes": {"id": "i-0123"}}]}"#
        let resources = Array(repeating: line, count: 100_000).joined(separator: ",\n")
        return try StateFile(
            Array(#"{"version": 4, "serial": 1, "lineage": "l", "resources": [\#(resources)], "outputs": {}}"#.utf8))
    }

    @Test func becomesOneGzipOfSeveralMembers() async throws {
        let file = try largeFile()
        #expect(file.bytes.count > 2 * NewState.pieceSize)
        for limit in [600, 1_000_000, StatePart.limit] {
            let parts = try #require(try await NewState(file).parts(limit: limit))
            #expect(parts.dropLast().allSatisfy { $0.count == limit })
            #expect(parts.last.map { 1...limit ~= $0.count } == true)
            #expect(try Gzip.decompress(Array(parts.joined()), limit: file.bytes.count) == file.bytes)
        }
    }

    @Test func isReadAgainAndIsWhatIsThere() async throws {
        let (environment, cluster, file) = (try freshEnvironment(), MemoryCluster(), try largeFile())
        let new = NewState(StateFacts(file)) { offset, count in Array(file.bytes.dropFirst(offset).prefix(count)) }
        try await testStore(cluster, partLimit: 50_000).push(new, to: environment)
        #expect(cluster.engineReads(environment) == file.bytes)
        #expect(try await testStore(cluster).pull(environment)?.file == file)
    }

    @Test(arguments: [-1, 0, 1])
    func isNotWrittenWhenItHasChanged(_ change: Int) async throws {
        let (environment, cluster) = (try freshEnvironment(), MemoryCluster())
        let old = try TestState.file(serial: 1, size: 3000)
        try await testStore(cluster).push(old, to: environment)
        let file = try TestState.file(serial: 2, size: 3000)
        var bytes = file.bytes
        switch change {
        case -1: bytes.removeLast()
        case 0: bytes[100] ^= 1
        default: bytes.append(0x20)
        }
        let new = NewState(StateFacts(file)) { [bytes] offset, count in Array(bytes.dropFirst(offset).prefix(count)) }
        let error = await #expect(throws: StateStoreError.self) {
            try await testStore(cluster).push(new, to: environment)
        }
        #expect(error?.code == .changed)
        #expect(cluster.engineReads(environment) == old.bytes)
    }
}
