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

    /// Saves under a lock that is held, from what the save before left.
    private func save(_ file: StateFile, under lock: HeldLock, from saved: SavedState?) async throws -> PushResult {
        var options = PushOptions()
        options.lockID = lock.id
        options.seenLock = lock
        options.isRepeated = true
        options.saved = saved
        return try await store.push(file, to: environment, options)
    }

    private func held(_ id: String) async throws -> HeldLock {
        try await store.lock(environment, LockInfo(id: id, operation: "", who: "", version: "", created: ""))
        return try #require(try await store.heldLock(environment))
    }

    @Test func whatWasSavedLastIsNotReadAgain() async throws {
        let lock = try await held("a")
        var saved = try await save(try TestState.slowlyChanging(1, size: 300), under: lock, from: nil).saved
        for serial in 2...5 {
            try #require(saved != nil)
            let before = cluster.requests
            let result = try await save(
                try TestState.slowlyChanging(UInt64(serial), size: 300), under: lock, from: saved)
            #expect(cluster.requests == before + 2, "the list of versions, and the write")
            #expect(result.isChanged)
            saved = result.saved
        }
        let again = try await save(try TestState.slowlyChanging(5, size: 300), under: lock, from: saved)
        #expect(!again.isChanged)
        #expect(try await store.pull(environment)?.file == (try TestState.slowlyChanging(5, size: 300)))
        #expect(try await store.history(environment).isEmpty)
        await #expect(throws: StateRefusal.self) {
            try await save(try TestState.slowlyChanging(3, size: 300), under: lock, from: again.saved)
        }
    }

    @Test func whatSomebodyElseWroteSinceIsSeen() async throws {
        let lock = try await held("a")
        let saved = try await save(try TestState.slowlyChanging(1, size: 300), under: lock, from: nil).saved
        cluster.putAsEngine([Gzip.compress(try TestState.slowlyChanging(2, size: 300).bytes)], environment)
        let result = try await save(try TestState.slowlyChanging(3, size: 300), under: lock, from: saved)
        #expect(result.replacedSerial == 2)
        #expect(try await store.history(environment).map(\.serial) == [2])
    }

    @Test func whatWasSavedUnderAnotherLockIsReadAndKept() async throws {
        let lock = try await held("a")
        let saved = try await save(try TestState.slowlyChanging(1, size: 300), under: lock, from: nil).saved
        try await store.unlock(environment, id: "a")
        _ = try await save(try TestState.slowlyChanging(2, size: 300), under: try await held("b"), from: saved)
        #expect(try await store.history(environment).map(\.serial) == [1])
    }

    @Test func aStateThatGrowsIntoSeveralPartsAndBack() async throws {
        let lock = try await held("a")
        var saved: SavedState?
        for (serial, size) in [(1, 300), (2, 300), (3, 3_000), (4, 3_000), (5, 300), (6, 300)] {
            let file = try TestState.slowlyChanging(UInt64(serial), size: size)
            saved = try await save(file, under: lock, from: saved).saved
            #expect(try await store.pull(environment)?.file == file)
        }
        #expect(saved != nil)
    }
}
