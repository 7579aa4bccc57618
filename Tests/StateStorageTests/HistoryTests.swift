import KubernetesAPI
import OrderedJSON
import TerraformState
import Testing

@testable import StateStorage

@Suite struct HistoryTests: StoreSuite {
    let fixture: StoreFixture

    init() throws { fixture = try StoreFixture() }

    private func slowlyChanging(_ serial: UInt64, size: Int = 2000) throws -> StateFile {
        try TestState.slowlyChanging(serial, size: size)
    }

    @Test func keepsTenVersionsInARing() async throws {
        let names = names
        for serial in 1...25 { try await store.push(try slowlyChanging(UInt64(serial)), to: environment) }
        let versions = try await store.history(environment)
        #expect(versions.map(\.serial) == (15...24).reversed().map { UInt64($0) })
        #expect(versions.map(\.number) == (15...24).reversed())
        for version in versions {
            let file = try await store.state(of: version.number, environment)
            #expect(file == (try slowlyChanging(version.serial)))
            #expect(version.sha256 == sha256(file.bytes))
            #expect(version.size == file.bytes.count)
            #expect(version.counts?.resources == 1)
            #expect(version.who == "tester@host")
        }
        let slots = Set((0..<10).map { "\(secretsPath)/\(names.history(slot: $0))" })
        #expect(slots.isSubset(of: cluster.objects.keys))
        let selected = cluster.objects.values.filter { $0.objectLabels["tfstate"] == "true" && $0["kind"] == "Secret" }
        #expect(selected.count == cluster.engineParts(environment), "a version carries the engines' labels")
    }

    @Test func tenVersionsCostLittleMoreThanOne() async throws {
        for serial in 1...11 { try await store.push(try slowlyChanging(UInt64(serial), size: 20_000), to: environment) }
        let current = try #require(try await store.pull(environment)).storedSize
        let cost = try await store.history(environment).reduce(0) { $0 + $1.storedSize }
        #expect(Double(cost) <= 1.5 * Double(current), "\(cost) against \(current)")
    }

    @Test func catchesWhatAnEngineWrote() async throws {
        try await store.push(try slowlyChanging(1), to: environment)
        let engines = try slowlyChanging(2, size: 300)
        cluster.putAsEngine([Gzip.compress(engines.bytes)], environment)
        for index in 1..<9 { cluster.remove("\(secretsPath)/\(names.part(index))") }
        var options = PushOptions()
        options.reason = "because"
        try await store.push(try slowlyChanging(3), to: environment, options)
        let version = try #require(try await store.history(environment).first)
        #expect(version.serial == 2)
        #expect(version.why == "because")
        #expect(try await store.state(of: version.number, environment) == engines)
    }

    @Test func keepsAnEncryptedState() async throws {
        let text = #"{"serial":3,"lineage":"l","meta":{},"encrypted_data":"aGk=","encryption_version":"v0"}"#
        let file = try StateFile(Array(text.utf8))
        cluster.putAsEngine([Gzip.compress(file.bytes)], environment)
        let next = try StateFile(Array(text.replacing(#":3,"#, with: ":4,").utf8))
        try await store.push(next, to: environment)
        #expect(try await store.state(of: 1, environment) == file)
        let error = await #expect(throws: StateStoreError.self) { try await store.rollback(environment, to: 1) }
        #expect(error?.code == .encrypted)
        #expect(error?.explanation.contains("--force lower-serial") == true)
        #expect(try await store.pull(environment)?.file == next)
        #expect(try await store.heldLock(environment) == nil)
        // Whole, it can be put back: the engine authenticates serial and lineage, which stay as it wrote them.
        try await store.rollback(environment, to: 1, forced: [.lowerSerial])
        #expect(try await store.pull(environment)?.file == file)
        #expect(try await store.state(of: 2, environment) == next)
        // A version that is not encrypted is for tofu to write.
        try await store.push(try TestState.file(serial: 5, lineage: "l"), to: environment)
        var options = PushOptions()
        options.forced = [.lowerSerial]
        try await store.push(next, to: environment, options)
        let plain = await #expect(throws: StateStoreError.self) {
            try await store.rollback(environment, to: 4, forced: [.lowerSerial])
        }
        #expect(plain?.explanation.contains("tofu state push") == true)
    }

    @Test func saysWhichVersionsThereAre() async throws {
        for serial in 1...3 { try await store.push(try slowlyChanging(UInt64(serial)), to: environment) }
        let error = await #expect(throws: StateStoreError.self) { try await store.rollback(environment, to: 9) }
        #expect(error?.code == .unknownVersion)
        #expect(error?.explanation.contains("it has 2, 1") == true)
    }

    @Test func tellsADamagedVersion() async throws {
        for serial in 1...3 { try await store.push(try slowlyChanging(UInt64(serial)), to: environment) }
        let newest = try #require(try await store.keptHistory(names).versions.first)
        cluster.edit("\(secretsPath)/\(newest.name)") { $0["data", "state"] = .string(Base64.encode([1, 2, 3])) }
        for number in 1...2 {
            let error = await #expect(throws: StateStoreError.self) { try await store.state(of: number, environment) }
            #expect(error?.code == .historyDamaged)
        }
    }

    @Test(arguments: [1, 2, 3]) func rollsBack(number: Int) async throws {
        for serial in 1...4 { try await store.push(try slowlyChanging(UInt64(serial)), to: environment) }
        let result = try await store.rollback(environment, to: number)
        #expect(result.serial == 5)
        #expect(result.keptVersion == 4)
        let now = try #require(try await store.pull(environment)).file
        #expect(now == (try slowlyChanging(UInt64(number)).withSerial(5)))
        #expect(cluster.engineReads(environment) == now.bytes)
        #expect(try await store.state(of: 4, environment) == (try slowlyChanging(4)))
        #expect(try await store.heldLock(environment) == nil)
        // And back again.
        try await store.rollback(environment, to: 4)
        #expect(try await store.pull(environment)?.file == (try slowlyChanging(4).withSerial(6)))
    }

    @Test func aVersionOfAnotherLineageIsRefused() async throws {
        try await store.push(try TestState.file(serial: 1, lineage: "a"), to: environment)
        var options = PushOptions()
        options.forced = [.lineage]
        try await store.push(try TestState.file(serial: 2, lineage: "b"), to: environment, options)
        let refusal = await #expect(throws: StateRefusal.self) { try await store.rollback(environment, to: 1) }
        #expect(refusal?.objections == [.lineage])
        try await store.rollback(environment, to: 1, forced: [.lineage])
        #expect(try await store.pull(environment)?.file.serial == 3)
    }
}

extension MemoryCluster {
    /// The Secrets with the engines' labels.
    func engineParts(_ environment: EnvironmentID) -> Int {
        objects.values.count { $0.objectLabels["tfstateSecretSuffix"] == "\(environment)" && $0["kind"] == "Secret" }
    }
}
