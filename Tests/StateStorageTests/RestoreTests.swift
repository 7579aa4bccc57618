import KubernetesAPI
import LocalFiles
import OrderedJSON
import Synchronization
import TerraformState
import TestScopes
import Testing

@testable import StateStorage

@Suite struct RestoreTests: StoreSuite {
    let fixture: StoreFixture

    init() throws { fixture = try StoreFixture() }

    /// A backup of these states, made from another cluster.
    private func backup(_ files: [EnvironmentID: StateFile], _ path: String) async throws -> VerifiedBackup {
        let other = MemoryCluster()
        for (environment, file) in files { try await testStore(other).push(file, to: environment) }
        _ = try await testStore(other).backup(nil, to: path, replacing: true)
        return try await BackupFile.verify(path).sound()
    }

    private func restore(
        _ backup: VerifiedBackup, _ store: StateStore? = nil, forced: Set<Objection> = [], isDryRun: Bool = false
    ) async throws -> [EnvironmentID: RestoreOutcome] {
        var options = RestoreOptions()
        options.forced = forced
        options.isDryRun = isDryRun
        var outcomes: [EnvironmentID: RestoreOutcome] = [:]
        try await (store ?? self.store).restore(backup.manifest.states, of: backup, options) {
            outcomes[$0.environment] = $0
        }
        return outcomes
    }

    @Test func anAbsentEnvironmentGetsTheBytes() async throws {
        try await withTemporaryFolder { folder in
            var files: [EnvironmentID: StateFile] = [:]
            for parts in [1, 2, 5, 5] {
                files[try freshEnvironment()] = try TestState.file(
                    serial: 7, size: try #require(TestState.sizes[parts]))
            }
            let backup = try await backup(files, "\(folder)/b.tar")
            let planned = try await restore(backup, isDryRun: true)
            #expect(planned.values.allSatisfy { $0.action == .created } && planned.count == 4)
            #expect(cluster.objects.isEmpty)
            #expect(try await restore(backup).values.allSatisfy { $0.action == .created && $0.serial == 7 })
            for (environment, file) in files { #expect(cluster.engineReads(environment) == file.bytes) }
            // Again: nothing is written, not even a lock.
            let before = cluster.objects
            #expect(try await restore(backup).values.allSatisfy { $0.action == .unchanged })
            #expect(cluster.objects == before)
        }
    }

    /// What is there, what is forced, what is then done, and under which serial. The backup has serial 5.
    @Test(
        arguments: [
            (3, [], .replaced, 5), (7, [], .refused, 5), (7, [.lowerSerial], .replaced, 8), (5, [], .refused, 5),
            (5, [.lowerSerial], .refused, 5), (5, [.sameSerial], .replaced, 6),
        ] as [(UInt64, Set<Objection>, RestoreOutcome.Action, UInt64)])
    func anotherStateIsGuarded(
        there: UInt64, forced: Set<Objection>, action: RestoreOutcome.Action, serial: UInt64
    ) async throws {
        try await withTemporaryFolder { folder in
            let file = try TestState.file(serial: 5, size: 1000)
            let current = try TestState.file(serial: there, size: 900)
            try await store.push(current, to: environment)
            let backup = try await backup([environment: file], "\(folder)/b.tar")
            let before = cluster.objects
            let planned = try #require(try await restore(backup, forced: forced, isDryRun: true)[environment])
            #expect(planned.action == action && planned.serial == serial)
            #expect(cluster.objects == before)

            let outcome = try #require(try await restore(backup, forced: forced)[environment])
            #expect(outcome.action == action && outcome.serial == serial)
            #expect(try await store.heldLock(environment) == nil)
            let found = try #require(try await store.pull(environment)).file
            guard action == .replaced else {
                #expect(found == current)
                #expect((outcome.error as? StateRefusal)?.description.contains("--force") == true)
                return
            }
            #expect(outcome.replacedSerial == there)
            #expect(found == (serial == 5 ? file : try file.withSerial(serial)))
            #expect(cluster.engineReads(environment) == found.bytes)
            let version = try #require(try await store.history(environment).first)
            #expect(version.serial == there && version.number == outcome.keptVersion)
            #expect(version.why == "restore of the backup of \(backup.manifest.origin.startedAt)")
            // Repeated, with or without force, it is done already.
            for forced in [forced, []] {
                #expect(try await restore(backup, forced: forced)[environment]?.action == .unchanged)
            }
            #expect(try await store.pull(environment)?.file == found)
        }
    }

    @Test func refusalsDoNotEndTheOthers() async throws {
        try await withTemporaryFolder { folder in
            let environments = try (0..<5).map { _ in try freshEnvironment() }
            let file = try TestState.file(serial: 5)
            let backup = try await backup(
                Dictionary(uniqueKeysWithValues: environments.map { ($0, file) }), "\(folder)/b.tar")
            try await store.push(try TestState.file(serial: 2, lineage: "other"), to: environments[0])
            try await store.lock(environments[1], store.lockInfo(operation: "x"))
            cluster.putAsEngine([[1, 2, 3]], environments[2])
            try await store.push(file, to: environments[3])
            cluster.edit("\(secretsPath)/\(StateNames(environments[3]).secret)") {
                $0["metadata", "labels", "tfstate"] = nil
            }
            for isDryRun in [true, false] {
                let outcomes = try await restore(backup, isDryRun: isDryRun)
                #expect((outcomes[environments[0]]?.error as? StateRefusal)?.objections == [.lineage])
                #expect(outcomes[environments[1]]?.error is LockHeldError)
                #expect((outcomes[environments[2]]?.error as? StateRefusal)?.objections == [.damaged])
                #expect((outcomes[environments[3]]?.error as? StateStoreError)?.code == .lostLabels)
                #expect(outcomes[environments[4]]?.action == .created)
            }
            let forced = try await restore(backup, forced: [.lineage, .locked, .damaged])
            #expect(forced[environments[0]]?.action == .replaced)
            #expect(forced[environments[1]]?.action == .created)
            #expect(forced[environments[2]]?.action == .replaced)
            #expect(forced[environments[3]]?.action == .refused)
            for index in [0, 1, 2, 4] { #expect(cluster.engineReads(environments[index]) == file.bytes) }
        }
    }

    @Test func anEmptyStateIsNotPutOverAFullOne() async throws {
        try await withTemporaryFolder { folder in
            let backup = try await backup(
                [environment: try TestState.file(serial: 5, resources: 0)], "\(folder)/b.tar")
            try await store.push(try TestState.file(serial: 2), to: environment)
            let refusal = try await restore(backup)[environment]?.error as? StateRefusal
            #expect(refusal?.objections == [.emptied])
            #expect(try await restore(backup, forced: [.emptied])[environment]?.action == .replaced)
        }
    }

    /// Its serial cannot be raised without the key, so it comes back as it was, or not at all.
    @Test func anEncryptedStateComesBackByteForByte() async throws {
        try await withTemporaryFolder { folder in
            func encrypted(_ serial: Int, _ data: String) throws -> StateFile {
                try StateFile(
                    Array(#"{"serial":\#(serial),"lineage":"l","meta":{},"encrypted_data":"\#(data)"}"#.utf8))
            }
            let file = try encrypted(3, "b2xk")
            let backup = try await backup([environment: file], "\(folder)/b.tar")
            #expect(backup.manifest.states.first?.isEncrypted == true)
            #expect(try await restore(backup)[environment]?.action == .created)
            #expect(cluster.engineReads(environment) == file.bytes)
            let newer = try encrypted(5, "bmV3")
            try await store.push(newer, to: environment)
            #expect(try await restore(backup)[environment]?.action == .refused)
            #expect(cluster.engineReads(environment) == newer.bytes)
            let outcome = try await restore(backup, forced: [.lowerSerial])[environment]
            #expect(outcome?.action == .replaced && outcome?.serial == 3)
            #expect(cluster.engineReads(environment) == file.bytes)
            #expect(try await store.state(of: try #require(outcome?.keptVersion), environment) == newer)
        }
    }

    @Test func aFileThatChangesMeanwhileIsNoticed() async throws {
        try await withTemporaryFolder { folder in
            let path = "\(folder)/b.tar"
            let backup = try await backup([environment: try TestState.file(serial: 5)], path)
            let entry = try TarArchive(try PositionedFile.open(reading: path)).entries[0]
            let file = try #require(try PositionedFile.openExclusively(path))
            try file.write([0x20], at: entry.contentStart + 5)
            let error = await #expect(throws: BackupError.self) { try await restore(backup) }
            #expect(error?.code == .unsound)
            #expect(cluster.objects.isEmpty)
        }
    }

    // MARK: - Faults

    private static let writes = [(0, 1), (0, 5), (1, 1), (1, 2), (2, 2), (5, 5), (5, 2)]

    /// After any fault at any request: the state is the old or the new one, bit for bit, for engines too after the next read;
    /// and the restore can be repeated.
    @Test(arguments: writes, FaultyTransport.Fault.allCases)
    func anyFaultLeavesTheOldStateOrTheNewOne(
        _ write: (before: Int, after: Int), fault: FaultyTransport.Fault
    ) async throws {
        try await withTemporaryFolder { folder in
            func file(_ serial: UInt64, parts: Int) throws -> StateFile {
                try TestState.file(serial: serial, size: try #require(TestState.sizes[parts]))
            }
            // The backup is older than what is there, and goes under the next serial.
            let old = write.before == 0 ? nil : try file(4, parts: write.before)
            let saved = try file(3, parts: write.after)
            let new = old == nil ? saved : try saved.withSerial(5)
            if let old { try await store.push(old, to: environment) }
            let backup = try await backup([environment: saved], "\(folder)/b.tar")
            var (position, isPast, hasFailed) = (0, false, false)
            while !isPast {
                let cluster = MemoryCluster(copyOf: cluster)
                let transport = FaultyTransport(cluster, fault, at: position)
                let sound = try testStore(cluster)
                do {
                    let outcome = try await restore(backup, testStore(transport), forced: [.lowerSerial])
                    if outcome[environment]?.action != .refused {
                        #expect(
                            try await sound.pull(environment)?.file == new, "request \(position) was said to be done")
                    }
                } catch {
                    hasFailed = true
                }
                isPast = transport.count <= position
                let found = try await sound.pull(environment)?.file
                #expect(found == old || found == new, "request \(position): neither the old state nor the new one")
                #expect(
                    cluster.engineReads(environment) == found?.bytes, "request \(position): engines see another state")
                // Whoever died holds the lock, until somebody gives it back.
                if let lock = try await sound.heldLock(environment) {
                    #expect(fault == .deathBefore || fault == .deathAfter, "request \(position): the lock is held")
                    #expect(lock.info?.operation == "stowage state restore")
                    if found != new {
                        let refused = try await restore(backup, sound, forced: [.lowerSerial])[environment]
                        #expect(refused?.error is LockHeldError)
                    }
                    try await sound.unlock(environment, id: lock.id)
                }
                let again = try await restore(backup, sound, forced: [.lowerSerial])[environment]
                #expect(again?.action == (found == new ? .unchanged : old == nil ? .created : .replaced))
                #expect(cluster.engineReads(environment) == new.bytes, "request \(position): repeated")
                if let old {
                    #expect(try await sound.history(environment).map(\.serial) == [4], "request \(position)")
                    #expect(try await sound.state(of: 1, environment) == old)
                }
                position += 1
            }
            #expect(position > 6)
            if fault == .deathBefore { #expect(hasFailed) }
        }
    }
}
