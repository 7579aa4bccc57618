import KubernetesAPI
import OrderedJSON
import TerraformState
import TestScopes
import Testing

@testable import StateStorage

/// How many versions a history has, and what they cost.
@Suite struct HistoryLengthTests {
    private let cluster = MemoryCluster()
    private let environment: EnvironmentID

    init() throws { environment = try freshEnvironment() }

    private func store(_ length: Int? = nil, partLimit: Int = 600, budget: Int? = nil) throws -> StateStore {
        let store = try testStore(cluster, partLimit: partLimit)
        var configuration = store.configuration
        configuration.historyLength = length
        if let budget { configuration.historyBudget = budget }
        return StateStore(client: store.client, namespace: testNamespace, configuration: configuration)
    }

    private func push(_ serials: ClosedRange<Int>, _ store: StateStore, size: Int = 300) async throws {
        for serial in serials {
            try await store.push(try TestState.file(serial: UInt64(serial), size: size), to: environment)
        }
    }

    private func serials() async throws -> [Int] {
        let versions = try await store().history(environment)
        for version in versions {
            #expect(version.isRestorable)
            #expect(try await store().state(of: version.number, environment).serial == version.serial)
        }
        return versions.map { Int($0.serial) }
    }

    private var stored: Int { cluster.historySize }

    @Test func aLengthStandsUntilAnotherIsGiven() async throws {
        try await push(1...15, try store())
        #expect(try await serials() == (5...14).reversed())
        try await push(16...16, try store(12))
        try await push(17...17, try store())
        #expect(try await serials() == (5...16).reversed())
        try await push(18...25, try store())
        #expect(try await serials() == (13...24).reversed())
        // Who only reads sees all there is, whatever it is configured to keep.
        #expect(try await store(1).history(environment).count == 12)
        try await push(26...26, try store(3))
        #expect(try await serials() == [25, 24, 23])
        try await push(27...30, try store())
        #expect(try await serials() == [29, 28, 27])
        let holding = cluster.objects.filter {
            $0.key.contains("/stowage-history-") && $0.value["data"]?.object?.isEmpty == false
        }
        #expect(holding.count == 3)
        try await push(31...33, try store(1))
        #expect(try await serials() == [32])
        try await push(34...39, try store(5))
        // Emptied slots are used again.
        #expect(cluster.objects.keys.count { $0.contains("/stowage-history-") } == 12)
        #expect(try await serials() == [38, 37, 36, 35, 34])
    }

    @Test func tenVersionsOfAStateOfFiveParts() async throws {
        let slow = try store(budget: 1 << 20)
        for serial in 1...15 {
            try await slow.push(try TestState.slowlyChanging(UInt64(serial), size: 3600), to: environment)
        }
        #expect(try await serials() == (5...14).reversed())
        let current = try #require(try await slow.pull(environment)).storedSize
        #expect(Double(stored) <= 1.5 * Double(current), "\(stored) against \(current)")
        // And where nothing of one state is in the next, all of it is kept.
        try await push(100...115, slow, size: 3600)
        #expect(try await serials() == (105...114).reversed())
        #expect(try await slow.history(environment).allSatisfy { $0.storedSize > 2400 })
        let secrets = cluster.objects.keys.count { $0.contains("/stowage-history-") }
        try await push(116...125, slow, size: 3600)
        #expect(cluster.objects.keys.count { $0.contains("/stowage-history-") } == secrets, "Secrets are used again")
        #expect(stored == (try await slow.history(environment).reduce(0) { $0 + $1.storedSize }))
    }

    /// States that have nothing in common cost three times the largest at most, where that is more than the budget.
    @Test func largeStatesKeepFewerVersions() async throws {
        let store = try store(budget: 4000)
        try await push(1...12, store, size: 300)
        #expect(try await serials().count == 10)
        try await push(13...20, store, size: 3600)
        let versions = try await store.history(environment)
        #expect(versions.map(\.serial) == [19, 18, 17])
        #expect(stored <= 3 * (versions.map(\.storedSize).max() ?? 0))
        #expect(stored == versions.reduce(0) { $0 + $1.storedSize }, "what gave way is empty")
        // A state that became small by accident does not cost the large ones before it.
        try await push(21...23, store, size: 300)
        #expect(try await serials().contains(20))
    }

    @Test func aVersionOfAnyLengthIsKept() async throws {
        let store = try store(budget: 0)
        try await push(1...3, store, size: 3600)
        #expect(try await serials() == [2, 1])
        #expect(try await store.state(of: 1, environment) == TestState.file(serial: 1, size: 3600))
    }

    @Test func namesTheOptionThatBoundsAState() async throws {
        try await push(1...2, try store())
        let store = try store()
        var configuration = store.configuration
        configuration.inflationLimit = 100
        let bounded = StateStore(client: store.client, namespace: testNamespace, configuration: configuration)
        for body in [
            { _ = try await bounded.state(of: 1, environment) }, { _ = try await bounded.pull(environment) },
            { _ = try await bounded.push(try TestState.file(serial: 3), to: environment) },
        ] as [() async throws -> Void] {
            let error = await #expect(throws: StateStoreError.self) { try await body() }
            #expect(error?.code == .tooLarge)
            #expect(error?.explanation.contains("--max-state-size") == true)
        }
    }

    /// A state that the history has already, because the write that was to replace it lost a race, say.
    @Test func aStateThatIsKeptAlreadyMakesRoomToo() async throws {
        try await push(1...6, try store(), size: 2000)
        let now = try #require(try await store().pull(environment)).file
        try await store().keep(now, StateNames(environment), reason: "lost a race")
        #expect(try await store().history(environment).count == 6)
        try await push(7...7, try store(2))
        #expect(try await serials() == [6, 5])
        #expect(stored == (try await store().history(environment).reduce(0) { $0 + $1.storedSize }))
    }

    /// What a writer left that died before its version was there is room for the next.
    @Test func whatADeadWriterLeftIsUsedAgain() async throws {
        try await push(1...3, try store(), size: 300)
        let names = StateNames(environment)
        var (left, isPast) = (0, false)
        for position in 0..<30 where !isPast {
            let cluster = MemoryCluster(copyOf: cluster)
            let dying = FaultyTransport(cluster, .deathAfter, at: position)
            _ = try? await testStore(dying).keep(try TestState.file(serial: 100, size: 3600), names, reason: "died")
            isPast = dying.count <= position
            // The slot that it was to be in is not needed any more.
            var configuration = try testStore(cluster).configuration
            configuration.historyLength = 2
            let store = StateStore(
                client: try testStore(cluster).client, namespace: testNamespace, configuration: configuration)
            let before = cluster.historySize
            try await store.push(try TestState.file(serial: 101), to: environment)
            let versions = try await store.history(environment)
            #expect(versions.count == 2)
            let needed = versions.reduce(0) { $0 + $1.storedSize }
            #expect(cluster.historySize == needed, "request \(position)")
            if before > 3 * needed { left += 1 }
        }
        #expect(left > 1)
    }

    /// A Role for one environment grants no list, so that all is looked up by name.
    @Test func worksWithoutARightToList() async throws {
        let cluster = MemoryCluster(mayList: false)
        var configuration = try testStore(cluster).configuration
        configuration.historyLength = 50
        let store = StateStore(
            client: try testStore(cluster).client, namespace: testNamespace, configuration: configuration)
        for serial in 1...13 {
            let file = try TestState.file(serial: UInt64(serial), size: serial % 4 == 0 ? 2000 : 300)
            cluster.putAsEngine(StatePart.cut(Gzip.compress(file.bytes), limit: 600), environment)
            let names = StateNames(environment)
            for index in 1..<9 where Gzip.compress(file.bytes).count <= index * 600 {
                cluster.remove("\(secretsPath)/\(names.part(index))")
            }
            _ = try await RunHistory(environment, store, reason: "run", willWrite: true)
            #expect(try await store.state(of: serial, environment) == file)
        }
        let versions = try await store.history(environment)
        #expect(versions.map(\.number) == (4...13).reversed())
        for version in versions {
            #expect(try await store.state(of: version.number, environment).serial == version.serial)
        }
        // A slot that somebody else has.
        cluster.edit("\(secretsPath)/\(StateNames(environment).history(slot: 3))") { secret in
            secret["metadata", "labels", OwnSecrets.contentLabel] = nil
        }
        for serial in 14...16 {
            try await store.push(try TestState.file(serial: UInt64(serial)), to: environment)
        }
        #expect(try await store.history(environment).first?.serial == 15)
        #expect(try await store.history(environment).count == 9)
    }
}

extension MemoryCluster {
    /// What all Secrets of histories hold, in bytes.
    var historySize: Int {
        objects.filter { $0.key.contains("/stowage-history-") }.reduce(0) { sum, object in
            sum + ((object.value["data"]?["state"]?.string).flatMap { try? Base64.decode($0).count } ?? 0)
        }
    }
}
