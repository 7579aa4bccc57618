import KubernetesAPI
import OrderedJSON
import Testing

@testable import StateStorage

/// What is kept of deployments beside the state.
@Suite struct ResultTests {
    private static func environment(_ digit: Int) throws -> EnvironmentID {
        try EnvironmentID("4b41bf32-b337-93a4-ad65-1d565c5e25b\(digit)")
    }

    private static func keep(_ number: Int, in store: StateStore, _ environment: EnvironmentID) async throws {
        let time = number < 10 ? "0\(number)" : "\(number)"
        try await store.keepResult(
            Array(#"{"number": \#(number)}"#.utf8), summary: ["endedAt": .string("2026-11-25T04:00:\(time)Z")],
            of: "deployment-\(number)", for: environment)
    }

    @Test func theOldestGivesWayToTheNewest() async throws {
        let cluster = MemoryCluster()
        let store = try testStore(cluster)
        let environment = try Self.environment(0)
        for number in 0..<13 { try await Self.keep(number, in: store, environment) }
        let kept = try await store.results().map(\.deployment).sorted()
        #expect(kept == (3..<13).map { "deployment-\($0)" }.sorted())
        #expect(try await store.result(of: "deployment-12") == ["number": 12])
        #expect(try await store.result(of: "deployment-2") == nil)
        // Said again, it takes no other's place.
        try await Self.keep(5, in: store, environment)
        #expect(try await store.results().count == 10)
        // Each environment has its own, and a state's Secrets are none of them.
        try await Self.keep(1, in: store, try Self.environment(1))
        #expect(try await store.results().count == 11)
        #expect(try await store.list().isEmpty)
    }

    @Test func whoComesAtTheSameTimeTakesAnotherPlace() async throws {
        let cluster = MemoryCluster()
        let store = try testStore(cluster)
        let environment = try Self.environment(0)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<6 { group.addTask { try await Self.keep(number, in: store, environment) } }
            try await group.waitForAll()
        }
        #expect(try await store.results().count == 6)
    }
}
