import KubernetesAPI
import OrderedJSON
import TerraformState
import Testing

@testable import StateStorage

/// Processes that read and write one state at the same time, request by request in every order that matters.
///
/// Every schedule is a value: the one that a failure prints can be run again alone.
@Suite struct InterleavingTests {
    /// What one process does.
    enum Part: Sendable {
        /// Reads the state and replaces what it read by one of that many parts. It may delete where that is said.
        case writer(parts: Int, mayDelete: Bool = false)
        /// Reads, twice.
        case reader
        /// What is done before an engine is started.
        case check
        /// Terraform, without the lock. It may delete, so that it can make a state smaller.
        case engine(parts: Int)
    }

    struct Scenario: Sendable, CustomTestStringConvertible {
        /// The parts of the state that is there; 0 is none.
        let before: Int
        /// The parts of the state that was there before that one.
        var earlier = 0
        let parts: [Part]

        var testDescription: String { "\(earlier)→\(before) \(parts)" }
        var mayTear: Bool {
            parts.contains { if case .engine(let parts) = $0 { parts > 1 || before > 1 } else { false } }
        }
        var hasEngine: Bool { parts.contains { if case .engine = $0 { true } else { false } } }
    }

    private static let two: [Scenario] = [
        Scenario(before: 0, parts: [.writer(parts: 2), .writer(parts: 1)]),
        Scenario(before: 1, parts: [.writer(parts: 1), .writer(parts: 2)]),
        Scenario(before: 2, parts: [.writer(parts: 2), .reader]),
        Scenario(before: 2, parts: [.writer(parts: 3), .writer(parts: 1, mayDelete: true)]),
        Scenario(before: 3, earlier: 2, parts: [.writer(parts: 2), .writer(parts: 3)]),
        Scenario(before: 2, earlier: 3, parts: [.writer(parts: 3), .check]),
        Scenario(before: 1, parts: [.writer(parts: 2), .engine(parts: 1)]),
        Scenario(before: 2, parts: [.writer(parts: 1), .engine(parts: 2)]),
        Scenario(before: 1, earlier: 2, parts: [.engine(parts: 2), .reader]),
    ]

    private static let three: [Scenario] = [
        Scenario(before: 2, parts: [.writer(parts: 2), .reader, .writer(parts: 3)]),
        Scenario(before: 1, parts: [.writer(parts: 3), .check, .writer(parts: 1, mayDelete: true)]),
        Scenario(before: 3, parts: [.writer(parts: 2), .reader, .writer(parts: 3, mayDelete: true)]),
        Scenario(before: 2, earlier: 3, parts: [.writer(parts: 3), .writer(parts: 1), .writer(parts: 2)]),
        Scenario(before: 1, parts: [.writer(parts: 2), .reader, .engine(parts: 1)]),
        Scenario(before: 2, parts: [.writer(parts: 3), .reader, .engine(parts: 2)]),
    ]

    /// The first process is stopped at each of its requests while the others run, and goes on then: a stale writer.
    @Test(.timeLimit(.minutes(20)), arguments: two + three) func aStaleProcessDoesNoHarm(_ scenario: Scenario)
        async throws
    {
        let seed = try await Seed(scenario)
        for first in scenario.parts.indices.prefix(scenario.parts.count == 2 ? 2 : 1) {
            var position = 1
            while true {
                let others = scenario.parts.indices.filter { $0 != first }.map { (index: $0, requests: Int.max) }
                let schedule = Schedule(turns: [(first, position)] + others)
                guard try await seed.run(schedule) else { break }
                position += 1
            }
            #expect(position > 1)
        }
    }

    /// Turns of random lengths, and in every third of them a process that dies.
    @Test(.timeLimit(.minutes(20)), arguments: two + three) func noOrderDoesHarm(_ scenario: Scenario) async throws {
        let seed = try await Seed(scenario)
        for number in 0..<UInt64(Self.orders) {
            var random = Random(seed: number)
            var schedule = Schedule(turns: [])
            for _ in 0..<Int.random(in: 2...8, using: &random) {
                let index = Int.random(in: 0..<scenario.parts.count, using: &random)
                schedule.turns.append((index, Int.random(in: 1...12, using: &random)))
            }
            if number % 3 == 0 {
                schedule.death = (
                    Int.random(in: 0..<scenario.parts.count, using: &random), Int.random(in: 1...30, using: &random)
                )
            }
            _ = try await seed.run(schedule)
        }
    }

    private static let orders = 6
}

/// A cluster with the states that a scenario begins with.
private struct Seed {
    let scenario: InterleavingTests.Scenario
    let cluster = MemoryCluster(mayDelete: true)
    let environment: EnvironmentID
    let first: StateFile?

    init(_ scenario: InterleavingTests.Scenario) async throws {
        self.scenario = scenario
        environment = try EnvironmentID("4b41bf32-b337-93a4-ad65-1d565c5e25be")
        let store = try Self.store(SteppedRole(cluster))
        var last: StateFile?
        for (serial, parts) in [(1, scenario.earlier), (2, scenario.before)] where parts > 0 {
            last = try testFile(UInt64(serial), parts: parts, by: "seed")
            if let last { try await store.push(last, to: environment) }
        }
        first = last
    }

    static func store(_ transport: any Transport) throws -> StateStore {
        let store = try testStore(transport)
        var configuration = store.configuration
        configuration.parallelRequests = 1
        configuration.shortestPause = .zero
        return StateStore(client: store.client, namespace: store.namespace, configuration: configuration)
    }

    /// - Returns: whether the schedule's turns could all be taken.
    func run(_ schedule: Schedule) async throws -> Bool {
        let cluster = MemoryCluster(copyOf: cluster)
        let record = InterleavingRecord(first, mayTear: scenario.mayTear)
        let processes = scenario.parts.enumerated().map { index, part in process(part, "\(index)", record) }
        let isWhole = await schedule.run(processes, on: cluster)
        try await check(cluster, record, schedule)
        return isWhole
    }

    private func process(_ part: InterleavingTests.Part, _ name: String, _ record: InterleavingRecord) -> SteppedProcess
    {
        let environment = environment
        switch part {
        case .writer(let parts, let mayDelete):
            return SteppedProcess(name, mayDelete: mayDelete) { transport in
                await record.noting("writer \(name)") {
                    let store = try Self.store(transport)
                    let current = try await store.pull(environment)
                    try record.read(current?.file)
                    let file = try testFile((current?.file.serial ?? 0) + 1, parts: parts, by: name)
                    var options = PushOptions()
                    options.replacing = current
                    record.attempt(file)
                    if try await store.push(file, to: environment, options).isChanged { record.acknowledge(file) }
                }
            }
        case .reader:
            return SteppedProcess(name) { transport in
                await record.noting("reader \(name)") {
                    let store = try Self.store(transport)
                    for _ in 0..<2 { try record.read(try await store.pull(environment)?.file) }
                }
            }
        case .check:
            return SteppedProcess(name) { transport in
                await record.noting("check \(name)") {
                    let store = try Self.store(transport)
                    _ = try await RunHistory(environment, store, reason: "apply", willWrite: true)
                }
            }
        case .engine(let parts):
            return SteppedProcess(name, mayDelete: true) { transport in
                let engine = StockEngine(transport: transport, environment: environment)
                do {
                    let bytes = try await engine.read()
                    let current = try bytes.map { try StateFile($0) }
                    let file = try testFile((current?.serial ?? 0) + 1, parts: parts, by: name)
                    record.attempt(file)
                    try await engine.write(file)
                    record.acknowledge(file, byEngine: true)
                } catch let failure as StockEngine.Failure {
                    if failure.isPartial { record.tear() }
                } catch is GzipError {
                } catch is SteppedProcess.Death {
                    record.tear()
                } catch {
                    record.fail("engine \(name): \(error)")
                }
            }
        }
    }

    private func check(_ cluster: MemoryCluster, _ record: InterleavingRecord, _ schedule: Schedule) async throws {
        let notes = record.notes
        let context: Comment = "\(scenario.testDescription): \(schedule)"
        for fault in notes.faults { Issue.record("\(fault), \(context)") }
        // An engine that died between two of its parts leaves what nobody can read.
        if notes.isTorn { return }
        let store = try Self.store(SteppedRole(cluster))
        let final: StateFile?
        do {
            final = try await store.pull(environment)?.file
        } catch {
            Issue.record("\(error), \(context)")
            return
        }
        #expect(notes.possible.contains(final), "neither state: \(context)")
        #expect(cluster.engineReads(environment) == final?.bytes, "engines see another state: \(context)")
        let versions = try await store.history(environment)
        var kept: [StateFile] = []
        for version in versions { kept.append(try await store.state(of: version.number, environment)) }
        for file in notes.acknowledged where scenario.hasEngine ? notes.byEngine.contains(file) : true {
            #expect(
                file == final || kept.contains(file), "serial \(file.serial) was acknowledged and is lost: \(context)")
        }
        if !scenario.hasEngine {
            let serials = notes.acknowledged.map(\.serial)
            #expect(Set(serials).count == serials.count, "two writers replaced the same state: \(context)")
        }
        let next = try testFile((final?.serial ?? 0) + 1, parts: 2, by: "next")
        try await store.push(next, to: environment)
        #expect(cluster.engineReads(environment) == next.bytes, "the next write: \(context)")
        let first = cluster.objects["\(secretsPath)/\(StateNames(environment).secret)"]
        #expect(first?.objectAnnotations[OwnSecrets.writeAnnotation] == nil)
    }
}

/// The cluster with no more rights than the documented Role's.
private struct SteppedRole: Transport {
    let cluster: MemoryCluster

    init(_ cluster: MemoryCluster) { self.cluster = cluster }

    func send(_ request: APIRequest) async throws -> APIResponse {
        request.verb == .delete ? APIResponse(status: 403) : cluster.answer(request)
    }
}

/// A state of so many parts, which names who wrote it.
private func testFile(_ serial: UInt64, parts: Int, by writer: String) throws -> StateFile {
    let file = try TestState.file(serial: serial, size: try #require(TestState.sizes[parts]))
    let text = String(decoding: file.bytes, as: UTF8.self)
    return try StateFile(Array(text.replacing(#""id": "i""#, with: #""id": "\#(writer)""#).utf8))
}

/// A source of numbers that gives the same ones each time.
private struct Random: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let high = state >> 33
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return high << 32 | state >> 32
    }
}
