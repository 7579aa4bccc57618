import KubernetesAPI
import OrderedJSON
import TerraformState
import Testing

@testable import StateStorage

/// An engine that saves again and again under one lock.
@Suite struct RepeatedSaveTests: StoreSuite {
    let fixture: StoreFixture

    init() throws { fixture = try StoreFixture() }

    private func save(_ serial: UInt64, size: Int, lock: String) async throws {
        var options = PushOptions()
        options.lockID = lock
        options.isRepeated = true
        let file = try TestState.slowlyChanging(serial, size: size)
        for isAgain in [false, true] {
            let result = try await store.push(file, to: environment, options)
            #expect(result.isChanged == !isAgain)
        }
    }

    @Test(arguments: TestState.sizes.values.sorted()) func theHistoryHasWhatTheLockFound(size: Int) async throws {
        try await store.push(try TestState.slowlyChanging(1, size: size), to: environment)
        for serial in 2...12 { try await save(UInt64(serial), size: size, lock: "a") }
        for serial in 13...16 { try await save(UInt64(serial), size: size, lock: "b") }
        let versions = try await store.history(environment)
        #expect(versions.map(\.serial) == [12, 1])
        for version in versions {
            let kept = try await store.state(of: version.number, environment)
            #expect(kept == (try TestState.slowlyChanging(version.serial, size: size)))
        }
        // A write that is none of them keeps what it replaces, and takes the note off.
        try await store.push(try TestState.slowlyChanging(17, size: size), to: environment)
        try await store.push(try TestState.slowlyChanging(18, size: size), to: environment)
        #expect(try await store.history(environment).map(\.serial) == [17, 16, 12, 1])
    }

    @Test func whatOthersWroteInBetweenIsKept() async throws {
        for serial in 1...3 { try await save(UInt64(serial), size: 300, lock: "a") }
        #expect(try await store.history(environment).isEmpty)
        // An engine keeps the annotations that it finds.
        let path = "\(secretsPath)/\(names.secret)"
        let note = try #require(cluster.objects[path]).objectAnnotations[SaveNote.annotation]
        let engines = try TestState.slowlyChanging(4, size: 300)
        cluster.putAsEngine([Gzip.compress(engines.bytes)], environment)
        var secret = try #require(cluster.objects[path])
        secret.setAnnotation(SaveNote.annotation, note)
        cluster.put(secret, at: path)
        try await save(5, size: 300, lock: "a")
        #expect(try await store.history(environment).map(\.serial) == [4])
    }
}
