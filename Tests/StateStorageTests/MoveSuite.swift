import KubernetesAPI
import OrderedJSON
import TerraformState
import Testing

@testable import StateStorage

/// Tests that move a state from the usual namespace of tests to another one.
protocol MoveSuite {}

extension MoveSuite {
    static var other: String { "elsewhere" }

    func file(_ serial: UInt64, parts: Int, lineage: String = TestState.lineage) throws -> StateFile {
        try TestState.file(serial: serial, size: try #require(TestState.sizes[parts]), lineage: lineage)
    }

    func here(_ transport: any Transport) throws -> StateStore { try testStore(transport) }

    func there(_ transport: any Transport) throws -> StateStore {
        try testStore(transport, namespace: Self.other)
    }

    /// A state of some parts, with a history, and with what others have put on its Secrets.
    func seed(parts: Int, mayDelete: Bool = false) async throws -> (MemoryCluster, EnvironmentID) {
        let (cluster, environment) = (MemoryCluster(mayDelete: mayDelete), try freshEnvironment())
        let store = try here(cluster)
        for (serial, count) in [(1, 1), (2, 2), (3, parts)] {
            try await store.push(try file(UInt64(serial), parts: count), to: environment)
        }
        cluster.edit("\(secretsPath)/\(StateNames(environment).secret)") {
            $0.setLabel("team", "blue")
            $0.setAnnotation("note", "keep")
            $0["data", "foreign"] = "eA=="
        }
        return (cluster, environment)
    }

    /// What is to be found after a move: everything there, nothing here, and a signpost.
    func checkMoved(
        _ cluster: MemoryCluster, _ environment: EnvironmentID, _ file: StateFile, _ comment: Comment
    ) async throws {
        let (here, there) = (try here(cluster), try there(cluster))
        #expect(cluster.engineReads(environment, in: Self.other) == file.bytes, comment)
        #expect(cluster.engineReads(environment) == nil || cluster.engineReads(environment) == [], comment)
        #expect(try await there.pull(environment)?.file == file, comment)
        #expect(try await there.history(environment).map(\.serial) == [2, 1], comment)
        #expect(try await there.state(of: 1, environment) == (try self.file(1, parts: 1)), comment)
        let secret = cluster.objects["/api/v1/namespaces/\(Self.other)/secrets/\(StateNames(environment).secret)"]
        #expect(secret?.objectLabels["team"] == "blue" && secret?.objectAnnotations["note"] == "keep", comment)
        #expect(secret?["data"]?["foreign"] == "eA==", comment)
        #expect(try await there.heldLock(environment) == nil, comment)
        #expect(try await here.pull(environment) == nil, comment)
        #expect(try await here.history(environment).isEmpty, comment)
        let lock = try await here.heldLock(environment)
        #expect(lock?.move?.phase == .left, comment)
        #expect(lock?.info?.info == "moved to namespace \(Self.other) of cluster https://cluster.test:6443", comment)
        // Nothing of the state is left behind.
        let left = cluster.objects.filter { $0.key.hasPrefix(secretsPath) }
        #expect(left.values.allSatisfy { ($0["data"]?.object?.count ?? 0) == 0 }, comment)
    }
}
