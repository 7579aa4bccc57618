import KubernetesAPI
import OrderedJSON
import Synchronization
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

    /// An attempt to take a lock is followed by others: the failure of the last one says nothing of those before it.
    @Test func aLockThatMayHaveBeenTakenIsGivenBackWhateverFailsNext() async throws {
        let seen = Mutex(0)
        let transport = HookedTransport { [self] request in
            guard request.path.contains("/leases") else { return cluster.answer(request) }
            let number = seen.withLock { seen in
                if seen > 0 || request.verb != .get { seen += 1 }
                return seen
            }
            switch number {
            case 1:
                _ = cluster.answer(request)
                throw KubernetesError(.unreachable, target: "", cause: "dropped", mayHaveHappened: true)
            case 2: throw KubernetesError(.unreachable, target: "", cause: "dropped")
            case 3:
                let status = Status(code: 403, reason: "Forbidden", message: "no")
                return APIResponse(status: 403, body: APIResponseBody(status.json.bytes))
            default: return cluster.answer(request)
            }
        }
        let store = try testStore(transport)
        let error = await #expect(throws: KubernetesError.self) {
            try await store.lock(environment, store.lockInfo(operation: "test"), waitingUpTo: .seconds(60))
        }
        #expect(error?.code == .forbidden)
        #expect(seen.withLock { $0 } > 3)
        #expect(try await testStore(cluster).heldLock(environment) == nil)
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
