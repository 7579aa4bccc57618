import KubernetesAPI
import OrderedJSON
import Synchronization
import TerraformState
import TestScopes
import Testing

@testable import StateStorage

/// Many writers at once, in interleavings that a seed decides, and what the history has afterwards.
@Suite struct HistoryRaceTests {
    /// Lets others go first, before and after each request, as chance will have it.
    private final class JumblingTransport: Transport {
        private let next: any Transport
        private let random: Mutex<UInt64>

        init(_ next: any Transport, seed: UInt64) {
            self.next = next
            random = Mutex(seed &* 0x9E37_79B9_7F4A_7C15 | 1)
        }

        func send(_ request: APIRequest) async throws -> APIResponse {
            await jumble()
            let answer = try await next.send(request)
            await jumble()
            return answer
        }

        private func jumble() async {
            let count = random.withLock { random in
                random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return random >> 60
            }
            for _ in 0..<count { await Task.yield() }
        }
    }

    private let cluster = MemoryCluster()
    private let environment: EnvironmentID
    private let names: StateNames

    init() throws {
        environment = try freshEnvironment()
        names = StateNames(environment)
    }

    private func store(seed: UInt64, length: Int?) throws -> StateStore {
        let store = try testStore(JumblingTransport(cluster, seed: seed))
        var configuration = store.configuration
        configuration.historyLength = length
        configuration.historyBudget = 1 << 30
        return StateStore(client: store.client, namespace: testNamespace, configuration: configuration)
    }

    /// A state that no other writer writes.
    private func file(after current: StateFile, writer: Int, size: Int) throws -> StateFile {
        let serial = current.serial + 1
        let text = String(decoding: try TestState.file(serial: serial, size: size).bytes, as: UTF8.self)
        return try StateFile(Array(text.replacing(#""id": "i""#, with: #""id": "\#(writer)""#).utf8))
    }

    /// Pushes over what is there; nil where somebody else was faster.
    private func push(_ store: StateStore, writer: Int, size: Int) async throws -> StateFile? {
        guard let current = try await store.pull(environment) else { return nil }
        var options = PushOptions()
        options.replacing = current
        let file = try file(after: current.file, writer: writer, size: size)
        do {
            return try await store.push(file, to: environment, options).isChanged ? file : nil
        } catch let error as StateStoreError where [.changed, .unsettled].contains(error.code) {
            return nil
        } catch is StateRefusal {
            return nil
        }
    }

    /// A run whose engine writes twice without a lock, as the relay passes it on; nil where it was not to be.
    private func run(_ store: StateStore, writer: Int) async throws -> [StateFile] {
        var written: [StateFile] = []
        do {
            let history = try await RunHistory(environment, store, reason: "stowage run apply", willWrite: true)
            for _ in 0..<2 {
                guard let current = try await store.pull(environment)?.file else { return written }
                guard let part = try await store.part(names.secret) else { return written }
                let secret = part.secret
                let file = try file(after: current, writer: writer, size: 300)
                try await history.willOverwrite(part.resourceVersion)
                // An engine knows nothing of our annotation, and leaves parts that it has no use for to its own clean-up.
                guard secret.objectAnnotations[OwnSecrets.writeAnnotation] == nil,
                    try await store.secret(names.part(1))?.objectLabels["tfstate"] != "true"
                else { return written }
                let metadata = try await store.client.update(
                    part.secret.holding(Gzip.compress(file.bytes), names), namespace: testNamespace)
                await history.didWrite(metadata["resourceVersion"]?.string)
                written.append(file)
            }
        } catch let error as KubernetesError where error.code == .conflict {
        } catch let error as StateStoreError where [.changed, .unsettled].contains(error.code) {}
        return written
    }

    private func restored(_ store: StateStore) async throws -> [StateFile] {
        var files: [StateFile] = []
        for version in try await store.history(environment) {
            files.append(try await store.state(of: version.number, environment))
        }
        return files
    }

    @Test(.timeLimit(.minutes(20)), arguments: 0..<6)
    func noStateThatWasOverwrittenIsLost(seed: Int) async throws {
        let first = try TestState.file(serial: 1)
        try await testStore(cluster).push(first, to: environment)
        let writers = 4
        let written = try await withThrowingTaskGroup(of: [[StateFile]].self) { group in
            for writer in 0..<writers {
                let store = try store(seed: UInt64(seed * writers + writer + 1), length: 100)
                group.addTask {
                    var written: [[StateFile]] = []
                    for round in 0..<4 {
                        // Engines that write in between leave states of one part, so others are for writers of ours only.
                        let size = seed % 2 == 0 ? [300, 1000, 3600][(writer + round) % 3] : 300
                        if seed % 2 == 1, writer % 2 == 1 {
                            written.append(try await run(store, writer: writer))
                        } else if let file = try await push(store, writer: writer, size: size) {
                            written.append([file])
                        }
                    }
                    return written
                }
            }
            return try await group.reduce(into: [[first]]) { $0 += $1 }
        }
        let sound = try testStore(cluster)
        let last = try #require(try await sound.pull(environment)).file
        let kept = Set(try await restored(sound))
        #expect(written.count > 1)
        for states in written {
            // What one run writes on the way, unless somebody else came in between, is not kept.
            guard let final = states.last, final != last else { continue }
            #expect(kept.contains(final), "serial \(final.serial) was overwritten and is not in the history")
        }
        let numbers = try await sound.history(environment).map(\.number)
        #expect(numbers == (1...max(numbers.count, 1)).reversed())
    }

    /// Writers that do not even agree how many versions there are to be.
    @Test(.timeLimit(.minutes(20)), arguments: 0..<6)
    func whatIsInTheHistoryCanBeRestored(seed: Int) async throws {
        try await testStore(cluster).push(try TestState.file(serial: 1), to: environment)
        let lengths = [nil, 2, 5, 3]
        let stores = try lengths.indices.map { try store(seed: UInt64(seed * 4 + $0 + 1), length: lengths[$0]) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (writer, store) in stores.enumerated() {
                group.addTask {
                    for round in 0..<5 {
                        _ = try await push(store, writer: writer, size: [300, 1000, 3600][(writer + round) % 3])
                    }
                }
            }
            try await group.waitForAll()
        }
        let sound = try store(seed: 1, length: 3)
        let last = try #require(try await sound.pull(environment)).file
        try await sound.push(try file(after: last, writer: 9, size: 300), to: environment)
        let versions = try await sound.history(environment)
        #expect(versions.count == 3)
        #expect(Set(versions.map(\.number)).count == versions.count)
        #expect(try await restored(sound).contains(last))
        #expect(
            cluster.historySize == versions.reduce(0) { $0 + $1.storedSize }, "something is left that no version needs")
    }

    /// One fault at any request of a write over a full history of versions of several Secrets.
    @Test(arguments: FaultyTransport.Fault.allCases)
    func noFaultCostsAVersion(fault: FaultyTransport.Fault) async throws {
        let seed = MemoryCluster()
        func store(_ transport: any Transport) throws -> StateStore {
            let store = try testStore(transport)
            var configuration = store.configuration
            configuration.historyLength = 3
            return StateStore(client: store.client, namespace: testNamespace, configuration: configuration)
        }
        for serial in 1...6 {
            let size = serial == 5 ? 300 : 2000
            try await store(seed).push(try TestState.file(serial: UInt64(serial), size: size), to: environment)
        }
        let (old, new) = (try TestState.file(serial: 6, size: 2000), try TestState.file(serial: 7, size: 1000))
        var (position, isPast) = (0, false)
        while !isPast {
            let cluster = MemoryCluster(copyOf: seed)
            let transport = FaultyTransport(cluster, fault, at: position)
            _ = try? await store(transport).push(new, to: environment)
            isPast = transport.count <= position
            let sound = try store(cluster)
            let now = try await sound.pull(environment)?.file
            let serials = try await restored(sound).map(\.serial)
            #expect(now == new ? serials.first == 6 : now == old, "request \(position): \(serials)")
            #expect(serials.contains(5), "request \(position): \(serials)")
            try await sound.push(try TestState.file(serial: 8), to: environment)
            #expect(
                try await restored(sound).map(\.serial) == (now == new ? [7, 6, 5] : [6, 5, 4]), "request \(position)")
            position += 1
        }
        #expect(position > 8)
    }
}
