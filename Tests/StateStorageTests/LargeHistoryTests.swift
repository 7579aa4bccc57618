import OrderedJSON
import TerraformState
import Testing

@testable import KubernetesAPI
@testable import StateStorage

/// States that are copied into the history from their own Secrets.
@Suite struct LargeHistoryTests {
    private func file(_ serial: UInt64, parts: Int = 5) throws -> StateFile {
        try TestState.file(serial: serial, size: try #require(TestState.sizes[parts]))
    }

    @Test func areKeptAsTheyStood() async throws {
        let (environment, cluster) = (try freshEnvironment(), MemoryCluster())
        let store = try testStore(cluster)
        // As an engine writes it: one member, cut anywhere.
        let old = try file(1)
        cluster.putAsEngine(StatePart.cut(Gzip.compress(old.bytes, level: 1), limit: 600), environment)
        try await store.push(try file(2), to: environment)
        let kept = try #require(try await store.keptHistory(StateNames(environment)).versions.first)
        #expect(kept.version.encoding == .gzip)
        #expect(kept.version.storedSize == Gzip.compress(old.bytes, level: 1).count)
        #expect(try await store.storedBytes(kept, StateNames(environment)) == Gzip.compress(old.bytes, level: 1))
        #expect(try await store.state(of: 1, environment) == old)
    }

    /// The next write makes a difference of what was copied, whether the state between is large or not.
    @Test(arguments: [1, 5])
    func becomeDifferencesToo(next: Int) async throws {
        let (environment, cluster) = (try freshEnvironment(), MemoryCluster())
        let store = try testStore(cluster)
        let old = try file(1)
        var second = old.bytes
        second.replaceSubrange(old.serialDigits, with: "2".utf8)
        let states = [old, try StateFile(second), try file(3, parts: next), try file(4)]
        for state in states { try await store.push(state, to: environment) }
        let kept = try await store.keptHistory(StateNames(environment)).versions
        #expect(kept.map(\.version.serial) == [3, 2, 1])
        #expect(kept.last?.version.dictionary == StateFacts(states[1]).sha256)
        #expect(kept.last?.version.encoding == .zstandard)
        for (number, state) in states.dropLast().enumerated() {
            #expect(try await store.state(of: number + 1, environment) == state)
        }
    }

    @Test func areNotKeptWhenTheyChangeMeanwhile() async throws {
        let (environment, cluster) = (try freshEnvironment(), MemoryCluster())
        let store = try testStore(cluster)
        let (names, old) = (StateNames(environment), try file(1))
        try await store.push(old, to: environment)
        let reading = try await store.read(names)
        let outgoing = OutgoingState(old, StateFacts(old), reading, largest: 0)
        cluster.edit("\(secretsPath)/\(names.part(2))") { $0.setAnnotation("note", "x") }
        let error = await #expect(throws: StateStoreError.self) {
            try await store.keep(outgoing, names, reason: "test")
        }
        #expect(error?.code == .changed)
        #expect(try await store.history(environment).isEmpty)
    }

    @Test func sayWhenTheyAreDamaged() async throws {
        let (environment, cluster) = (try freshEnvironment(), MemoryCluster())
        let store = try testStore(cluster)
        try await store.push(try file(1), to: environment)
        try await store.push(try file(2), to: environment)
        let kept = try #require(try await store.keptHistory(StateNames(environment)).versions.first)
        cluster.edit("\(secretsPath)/\(kept.name)") {
            $0["data", StateStore.versionKey] = .string(Base64.encode([1, 2, 3]))
        }
        let error = await #expect(throws: StateStoreError.self) { try await store.state(of: 1, environment) }
        #expect(error?.code == .historyDamaged)
    }
}

extension StateFile {
    /// Where the digit of a serial below 10 stands.
    fileprivate var serialDigits: Range<Int> {
        let key = Array(#""serial": "#.utf8)
        let start = bytes.indices.first { bytes[$0...].starts(with: key) } ?? 0
        return start + key.count..<start + key.count + 1
    }
}
