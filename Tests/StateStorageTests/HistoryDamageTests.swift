import KubernetesAPI
import OrderedJSON
import TerraformState
import TestScopes
import Testing

@testable import StateStorage

/// Secrets of a history that are not as they were written: no write fails for it, and no sound version is lost.
@Suite struct HistoryDamageTests: StoreSuite {
    let fixture: StoreFixture

    init() throws { fixture = try StoreFixture() }

    private func slot(_ number: Int) -> String { "\(secretsPath)/\(names.history(slot: number))" }

    private func push(_ serials: ClosedRange<Int>, size: Int = 300) async throws {
        for serial in serials {
            try await store.push(try TestState.slowlyChanging(UInt64(serial), size: size), to: environment)
        }
    }

    /// The serials of the versions that can be had.
    private func serials() async throws -> [Int] {
        var found: [Int] = []
        let versions = try await store.history(environment)
        #expect(Set(versions.map(\.number)).count == versions.count, "a number stands there twice")
        for version in versions {
            guard let file = try? await store.state(of: version.number, environment) else { continue }
            #expect(file == (try TestState.slowlyChanging(version.serial)))
            found.append(Int(version.serial))
        }
        return found
    }

    private func annotate(_ path: String, _ text: String?) {
        cluster.edit(path) { $0["metadata", "annotations", OwnSecrets.versionAnnotation] = text.map(JSON.string) }
    }

    @Test(
        arguments: [nil, "", "x", "{}", #"{"number":0}"#, #"{"number":9223372036854775807,"serial":"1"}"#] as [String?])
    func anAnnotationThatIsNotOurs(_ text: String?) async throws {
        try await push(1...12, size: 2000)
        // The oldest and one in between, of which no other is needed by more than the one before it.
        annotate(slot(1), text)
        let before = cluster.objects[slot(1)]
        try await push(13...16, size: 2000)
        #expect(try await serials().prefix(5) == [15, 14, 13, 12, 11])
        #expect(try await serials().count == 10)
        #expect(cluster.objects[slot(1)] == before, "somebody else's Secret was written")
    }

    @Test func aHighestNumberIsStillANumber() async throws {
        try await push(1...3, size: 2000)
        cluster.edit(slot(1)) { secret in
            let text = secret.objectAnnotations[OwnSecrets.versionAnnotation] ?? ""
            secret["metadata", "annotations", OwnSecrets.versionAnnotation] = .string(
                text.replacing(#""number":2"#, with: #""number":4000000000"#))
        }
        try await push(4...5, size: 2000)
        #expect(try await store.history(environment).map(\.number) == [4_000_000_002, 4_000_000_001, 4_000_000_000, 1])
        #expect(try await serials() == [4, 3, 2, 1])
    }

    @Test func aNumberThatStandsThereTwice() async throws {
        try await push(1...5, size: 2000)
        cluster.edit(slot(1)) { secret in
            let text = secret.objectAnnotations[OwnSecrets.versionAnnotation] ?? ""
            secret["metadata", "annotations", OwnSecrets.versionAnnotation] = .string(
                text.replacing(#""number":2"#, with: #""number":3"#))
        }
        let error = await #expect(throws: StateStoreError.self) { try await store.state(of: 3, environment) }
        #expect(error?.code == .historyDamaged)
        #expect(error?.explanation.contains(names.history(slot: 1)) == true)
        try await push(6...6, size: 2000)
        #expect(Set(try await serials()) == [1, 2, 3, 4, 5])
        try await push(7...7, size: 2000)
        #expect(Set(try await serials()) == [1, 2, 3, 4, 5, 6])
    }

    @Test func aVersionEditedByHandIsKeptAgain() async throws {
        try await push(1...3, size: 2000)
        // The history has serial 3 as its newest, and no longer what it says.
        let now = try #require(try await store.pull(environment)).file
        try await store.keep(now, names, reason: "run")
        let newest = try #require(try await store.keptHistory(names).versions.first)
        #expect(newest.version.serial == 3)
        for data in ["aGk=", "no base64 !", ""] {
            let newest = try #require(try await store.keptHistory(names).versions.first)
            cluster.edit("\(secretsPath)/\(newest.name)") { $0["data", "state"] = .string(data) }
            try await store.keep(now, names, reason: "run")
            #expect(try await store.state(of: newest.version.number + 1, environment) == now)
        }
        // What was kept as a difference to it can be had again, too.
        #expect(try await store.state(of: 1, environment) == TestState.slowlyChanging(1))
    }

    @Test func aVersionThatOthersNeedIsGone() async throws {
        try await push(1...5, size: 2000)
        cluster.remove(slot(2))
        let versions = try await store.history(environment)
        #expect(versions.map(\.isRestorable) == [true, false, false])
        let error = await #expect(throws: StateStoreError.self) { try await store.rollback(environment, to: 1) }
        #expect(error?.code == .historyDamaged)
        #expect(try await store.heldLock(environment) == nil)
        try await push(6...9, size: 2000)
        #expect(try await serials() == [8, 7, 6, 5, 4])
    }

    @Test func slotsThatAreNotOurs() async throws {
        for slot in [0, 2] {
            cluster.put(
                ["kind": "Secret", "metadata": ["name": .string(names.history(slot: slot))]], at: self.slot(slot))
        }
        // A copy under another name, and one in the name of a slot that is none.
        try await push(1...3, size: 2000)
        let copied = try #require(cluster.objects[slot(1)])
        for name in ["backup-of-it", names.history(slot: 0) + "1x", "stowage-history-\(environment)-007"] {
            var copy = copied
            copy["metadata", "name"] = .string(name)
            cluster.put(copy, at: "\(secretsPath)/\(name)")
        }
        try await push(4...14, size: 2000)
        #expect(try await serials() == (4...13).reversed())
        #expect(cluster.objects[slot(0)]?["data"] == nil)
    }

    @Test func aSlotThatCannotBeWritten() async throws {
        try await push(1...11, size: 2000)
        cluster.edit(slot(0)) { $0["immutable"] = true }
        try await push(12...30, size: 2000)
        #expect(try await serials().prefix(9) == (21...29).reversed()[...].prefix(9))
        #expect(try await serials().contains(29))
    }

    @Test func aPartThatIsGone() async throws {
        for serial in 1...4 {
            try await store.push(try TestState.file(serial: UInt64(serial), size: 3600), to: environment)
        }
        let second = try #require(try await store.keptHistory(names).versions.first { $0.version.number == 2 })
        cluster.remove("\(secretsPath)/\(names.historyPart(try #require(second.version.parts.first)))")
        await #expect(throws: StateStoreError.self) { try await store.state(of: 2, environment) }
        for serial in 5...7 {
            try await store.push(try TestState.file(serial: UInt64(serial), size: 3600), to: environment)
        }
        for number in [3, 4, 5, 6] {
            #expect(try await store.state(of: number, environment).serial == UInt64(number))
        }
    }
}
