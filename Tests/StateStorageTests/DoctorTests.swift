import KubernetesAPI
import OrderedJSON
import TerraformState
import Testing

@testable import StateStorage

/// What a doctor finds beyond the golden corpus, and what it repairs.
@Suite struct DoctorTests: StoreSuite {
    let fixture: StoreFixture

    init() throws { fixture = try StoreFixture() }

    private func path(_ index: Int = 0) -> String { "\(secretsPath)/\(names.part(index))" }

    private func cut(_ file: StateFile) -> [[UInt8]] { StatePart.cut(Gzip.compress(file.bytes), limit: 600) }

    private func examine(_ environments: [EnvironmentID]? = nil) async throws -> [DoctorFinding] {
        var found: [DoctorFinding] = []
        try await Doctor(store).examine(environments) { findings, _, _ in found += findings }
        return found
    }

    @Test func aHealthyStateHasNoFindings() async throws {
        for (serial, size) in [(1, 300), (2, 1900), (3, 300), (4, 1000)] {
            try await store.push(try TestState.file(serial: UInt64(serial), size: size), to: environment)
        }
        #expect(try await examine().isEmpty)
    }

    @Test func comparesWithTheHistory() async throws {
        let old = try TestState.file(serial: 5)
        try await store.push(try TestState.file(serial: 4), to: environment)
        try await store.push(old, to: environment)
        let cases: [(StateFile, [DoctorFinding.Code])] = [
            (try TestState.file(serial: 3, size: 400), [.serialBack]),
            (try TestState.file(serial: 4, size: 400), [.serialTwice]),
            (try TestState.file(serial: 9, lineage: "other"), [.lineageChanged]),
            (try TestState.file(serial: 9, resources: 0), [.emptied]),
        ]
        for (file, codes) in cases {
            cluster.putAsEngine(cut(file), environment)
            let found = try await examine()
            #expect(found.map(\.code) == codes)
            #expect(found.allSatisfy { $0.severity == .warning && $0.remedy.contains("\(environment) 1") }, "\(found)")
        }
    }

    @Test func tellsALockAndWhose() async throws {
        try await store.push(try TestState.file(serial: 1), to: environment)
        let info = store.lockInfo(operation: "OperationTypeApply")
        try await store.lock(environment, info)
        let found = try await examine()
        #expect(found.map(\.code) == [.lock])
        #expect(found[0].evidence.contains("tester@host"))
    }

    @Test func tellsWhatOpenTofuCannotRead() async throws {
        let text = String(decoding: try TestState.file(serial: 1, size: 1000).bytes, as: UTF8.self)
        let tofus = try StateFile(
            Array(text.replacing("terraform.io/builtin", with: "registry.opentofu.org/hashicorp").utf8))
        try await store.push(tofus, to: environment)
        #expect(try await examine().map(\.code) == [.mixedEngines])
    }

    @Test func tellsAStateThatFillsItsSecret() async throws {
        let large = try testStore(cluster, partLimit: StatePart.limit)
        try await large.push(try TestState.file(serial: 1, size: 1_400_000), to: environment)
        #expect(try await examine().map(\.code) == [.nearPartLimit])
    }

    @Test func tellsAHistoryWithoutItsState() async throws {
        for serial in 1...2 { try await store.push(try TestState.file(serial: UInt64(serial)), to: environment) }
        cluster.remove(path())
        let found = try await examine()
        #expect(found.map(\.code) == [.nothingLeft])
        #expect(found[0].remedy.contains("rollback"))
    }

    @Test func tellsAnEnvironmentOfWhichNothingIsThere() async throws {
        #expect(try await examine().isEmpty)
        #expect(try await examine([environment]).map(\.code) == [.nothingLeft])
    }

    @Test func examinesManyInTheirOrder() async throws {
        var expected: [String] = []
        for _ in 0..<40 {
            let environment = try freshEnvironment()
            cluster.putAsEngine([Gzip.compress([1, 2, 3])], environment)
            expected.append("\(environment)")
        }
        var (order, last) = ([String](), 0)
        try await Doctor(store).examine { findings, done, total in
            order += findings.compactMap { $0.environment?.description }
            #expect(done == last + 1 && total == 40)
            last = done
        }
        #expect(order == expected.sorted())
    }

    private func fixEverything() async throws -> [DoctorFinding] {
        let doctor = Doctor(store)
        for finding in try await examine() where finding.isFixable { #expect(try await doctor.fix(finding) != nil) }
        return try await examine()
    }

    @Test(arguments: [[0], [1], [0, 1]]) func putsLabelsBack(lost: [Int]) async throws {
        let file = try TestState.file(serial: 1, size: 1000)
        cluster.putAsEngine(cut(file), environment)
        for index in lost { cluster.edit(path(index)) { $0["metadata", "labels", "tfstate"] = "other" } }
        #expect(try await examine().map(\.code) == [.labelsChanged])
        #expect(try await fixEverything().isEmpty)
        #expect(cluster.engineReads(environment) == file.bytes)
        #expect(try await store.history(environment).map(\.sha256) == [sha256(file.bytes)])
        #expect(try await store.heldLock(environment) == nil)
    }

    @Test func takesSurplusPartsAway() async throws {
        let (old, new) = (try TestState.file(serial: 1, size: 3600), try TestState.file(serial: 2, size: 1000))
        cluster.putAsEngine(cut(new) + cut(old)[2...], environment)
        #expect(try await examine().map(\.code) == [.surplusParts])
        #expect(try await fixEverything().isEmpty)
        #expect(cluster.engineReads(environment) == new.bytes)
        #expect(try await store.history(environment).map(\.serial) == [2])
    }

    @Test func repairsNothingThatIsNotWhole() async throws {
        cluster.putAsEngine(cut(try TestState.file(serial: 1, size: 1900)), environment)
        cluster.edit(path(0)) { $0["metadata", "labels", "tfstate"] = nil }
        cluster.remove(path(1))
        let before = cluster.objects
        let findings = try await examine()
        #expect(findings.map(\.code).contains(.labelsChanged))
        for finding in findings where finding.isFixable {
            await #expect(throws: StateStoreError.self) { try await Doctor(store).fix(finding) }
        }
        #expect(cluster.objects.filter { $0.key.hasPrefix(secretsPath) } == before)
    }

    @Test func waitsForNobodysLock() async throws {
        cluster.putAsEngine(cut(try TestState.file(serial: 1)), environment)
        cluster.edit(path(0)) { $0["metadata", "labels", "tfstate"] = nil }
        try await store.lock(environment, store.lockInfo(operation: "x"))
        let before = cluster.objects
        let finding = try #require(try await examine().first { $0.isFixable })
        await #expect(throws: LockHeldError.self) { try await Doctor(store).fix(finding) }
        #expect(cluster.objects == before)
    }
}
