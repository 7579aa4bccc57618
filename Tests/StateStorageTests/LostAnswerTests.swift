import KubernetesAPI
import OrderedJSON
import TerraformState
import Testing

@testable import StateStorage

/// What a write says of itself when others write at the same time: never more than it knows.
@Suite struct LostAnswerTests {
    private let cluster = MemoryCluster()
    private let environment: EnvironmentID
    private let names: StateNames

    init() throws {
        environment = try freshEnvironment()
        names = StateNames(environment)
    }

    private var path: String { "\(secretsPath)/\(names.secret)" }

    private func somebodyElse(changes path: String) {
        cluster.edit(path) { secret in
            let count = Int(secret.objectAnnotations["count"] ?? "") ?? 0
            secret["metadata", "annotations", "count"] = .string("\(count + 1)")
        }
    }

    @Test func aWriteThatWasCarriedOutAndOverwrittenIsNotSaidToHaveDoneNothing() async throws {
        try await testStore(cluster).push(try TestState.file(serial: 1), to: environment)
        let transport = HookedTransport { [self] request in
            let answer = cluster.answer(request)
            guard request.verb == .put, request.path == path else { return answer }
            cluster.putAsEngine([Gzip.compress(try TestState.file(serial: 9).bytes)], environment)
            throw KubernetesError(.unreachable, target: "", cause: "dropped", mayHaveHappened: true)
        }
        let error = await #expect(throws: StateStoreError.self) {
            try await testStore(transport).push(try TestState.file(serial: 2), to: environment)
        }
        #expect(error?.code == .changed)
        #expect(error?.explanation.contains("nothing was overwritten") == false)
        #expect(error?.explanation.contains("may have been the state for a moment") == true)
    }

    @Test func aWriteThatLostTheRaceOverwroteNothing() async throws {
        try await testStore(cluster).push(try TestState.file(serial: 1), to: environment)
        let transport = HookedTransport { [self] request in
            if request.verb == .put, request.path == path { somebodyElse(changes: path) }
            return cluster.answer(request)
        }
        let error = await #expect(throws: StateStoreError.self) {
            try await testStore(transport).push(try TestState.file(serial: 2), to: environment)
        }
        #expect(error?.code == .changed)
        #expect(error?.explanation.contains("nothing was overwritten") == true)
        #expect(try await testStore(cluster).pull(environment)?.file.serial == 1)
    }

    /// Past its commit point a write is done, whatever keeps its parts from being put in their place.
    @Test func aCommittedWriteIsNotSaidToBeRefused() async throws {
        let new = try TestState.file(serial: 2, size: 1000)
        try await testStore(cluster).push(try TestState.file(serial: 1, size: 1000), to: environment)
        let part = "\(secretsPath)/\(names.part(1))"
        let transport = HookedTransport { [self] request in
            if request.verb == .put, request.path == part { somebodyElse(changes: part) }
            return cluster.answer(request)
        }
        let error = await #expect(throws: StateStoreError.self) {
            try await testStore(transport).push(new, to: environment)
        }
        #expect(error?.code == .unsettled)
        #expect(error?.explanation.contains("the new state is written") == true)
        #expect(try await testStore(cluster).pull(environment)?.file == new)
        #expect(cluster.engineReads(environment) == new.bytes)
    }
}
