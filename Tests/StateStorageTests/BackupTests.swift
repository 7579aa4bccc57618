import KubernetesAPI
import LocalFiles
import OrderedJSON
import Synchronization
import TerraformState
import TestScopes
import Testing

@testable import StateStorage

@Suite struct BackupTests {
    private let cluster = MemoryCluster()

    /// Environments of one, two and five parts, and one that OpenTofu encrypted.
    private func seed(_ count: Int = 4) async throws -> [EnvironmentID: StateFile] {
        var files: [EnvironmentID: StateFile] = [:]
        for index in 0..<count {
            let environment = try freshEnvironment()
            let size = try #require(TestState.sizes[[1, 2, 5, 1][index % 4]])
            let file =
                index % 4 == 3
                ? try StateFile(
                    Array(#"{"serial":3,"lineage":"l\#(index)","meta":{},"encrypted_data":"aGk="}"#.utf8))
                : try TestState.file(serial: UInt64(index) + 7, size: size)
            try await testStore(cluster).push(file, to: environment)
            files[environment] = file
        }
        return files
    }

    /// Every file of an archive, by name.
    private func contents(_ path: String) throws -> [String: [UInt8]] {
        let file = try PositionedFile.open(reading: path)
        let archive = try TarArchive(file)
        #expect(archive.fault == nil)
        #expect(archive.entries.last?.name == BackupManifest.fileName)
        return Dictionary(
            archive.entries.map { ($0.name, (try? file.read($0.size, at: $0.contentStart)) ?? []) },
            uniquingKeysWith: { _, _ in [] })
    }

    private func check(_ path: String, holds files: [EnvironmentID: StateFile]) async throws {
        let verification = try await BackupFile.verify(path)
        #expect(verification.problems.isEmpty)
        let contents = try contents(path)
        #expect(contents.count == files.count + 1)
        for (environment, file) in files { #expect(contents["\(environment).tfstate"] == file.bytes) }
        #expect(!exists("\(path).partial"))
    }

    @Test func holdsTheBytesAndSaysWhatTheyAre() async throws {
        try await withTemporaryFolder { folder in
            let (files, path) = (try await seed(), "\(folder)/b.tar")
            let steps = Mutex<[Int]>([])
            let result = try await testStore(cluster).backup(nil, to: path) { done, total in
                #expect(total == files.count)
                steps.withLock { $0.append(done) }
            }
            #expect(steps.withLock { $0 } == Array(0...files.count))
            #expect(result.path == path && result.resumedCount == 0 && result.manifest.unreadable.isEmpty)
            try await check(path, holds: files)
            let json = try JSON(parsing: try #require(try contents(path)["manifest.json"]))
            #expect(json["namespace"]?.string == testNamespace)
            #expect(json["server"] == "https://cluster.test:6443")
            #expect(json["stowageVersion"] == "0.0.0")
            #expect(json["environments"]?.array?.count == files.count)
            for state in json["environments"]?.array ?? [] {
                let file = try #require(files[try EnvironmentID(state["environment"]?.string ?? "")])
                #expect(state["serial"]?.int == Int(file.serial))
                #expect(state["lineage"]?.string == file.lineage)
                #expect(state["bytes"]?.int == file.bytes.count)
                #expect(state["sha256"]?.string == sha256(file.bytes))
                #expect(state["encrypted"]?.bool == file.isEncrypted)
                #expect(state["instances"]?.int == (file.isEncrypted ? nil : 1))
            }
        }
    }

    @Test func isPrivateAndUnpackedByTar() async throws {
        try await withTemporaryFolder { folder in
            let files = try await seed()
            _ = try await testStore(cluster).backup(nil, to: "\(folder)/b.tar")
            let tar = try #require(Program.onPath("tar", home: folder, folder: folder))
            let unpacked = try await tar("xf", "b.tar")
            #expect(unpacked.status == 0 && unpacked.errors.isEmpty, "\(unpacked)")
            for (environment, file) in files {
                #expect(try PrivateFile.read("\(folder)/\(environment).tfstate") == file.bytes)
            }
            let stat = try #require(Program.onPath("stat", home: folder, folder: folder))
            let modes = try await stat.run(["-c", "%a", "b.tar", "manifest.json"] + files.keys.map { "\($0).tfstate" })
            #expect(Set(modes.output.split(separator: "\n")) == ["600"], "\(modes)")
        }
    }

    @Test func someCanBeChosen() async throws {
        try await withTemporaryFolder { folder in
            let files = try await seed()
            let chosen = Array(files.keys.prefix(2))
            _ = try await testStore(cluster).backup(chosen + chosen, to: "\(folder)/b.tar")
            try await check("\(folder)/b.tar", holds: files.filter { chosen.contains($0.key) })
        }
    }

    @Test func whatCannotBeReadIsNamed() async throws {
        try await withTemporaryFolder { folder in
            let files = try await seed()
            let path = "\(folder)/b.tar"
            let found = files.first { $0.value.serial == 9 }?.key
            let torn = try #require(found)
            cluster.remove("\(secretsPath)/\(StateNames(torn).part(2))")
            let absent = try freshEnvironment()
            let named = Array(files.keys) + [absent]
            let result = try await testStore(cluster).backup(named, to: path)
            #expect(Set(result.manifest.unreadable.map(\.environment)) == [torn, absent])
            #expect(result.manifest.unreadable.contains { $0.reason.contains("-part-2") })
            try await check(path, holds: files.filter { $0.key != torn })

            // The file that is there may be the last that has the state.
            let before = try PrivateFile.read(path)
            let next = try await testStore(cluster).backup(nil, to: path, replacing: true)
            #expect(next.path == "\(path).incomplete")
            #expect(try PrivateFile.read(path) == before)
            try await check(next.path, holds: files.filter { $0.key != torn })

            let verified = try await BackupFile.verify(path).sound()
            let error = #expect(throws: BackupError.self) { try verified.states(of: [torn]) }
            #expect(error?.code == .notContained)
            #expect(error?.explanation.contains("-part-2") == true)
        }
    }

    @Test func aFileThatIsThereStays() async throws {
        try await withTemporaryFolder { folder in
            let (files, path) = (try await seed(1), "\(folder)/b.tar")
            try PrivateFile.write("mine", to: path)
            for (destination, code) in [(path, BackupError.Code.exists), (folder, .notFile)] {
                let error = await #expect(throws: BackupError.self) {
                    try await testStore(cluster).backup(nil, to: destination)
                }
                #expect(error?.code == code)
            }
            #expect(try text(of: path) == "mine")
            let left = try FolderTree.entries(of: folder)
            #expect(left == ["b.tar"])
            _ = try await testStore(cluster).backup(nil, to: path, replacing: true)
            try await check(path, holds: files)
            let error = await #expect(throws: FileError.self) {
                try await testStore(cluster).backup(nil, to: "\(folder)/nowhere/b.tar")
            }
            #expect(error?.path == "\(folder)/nowhere/b.tar.partial")
            let device = await #expect(throws: BackupError.self) {
                try await testStore(cluster).backup(nil, to: "/dev/full", replacing: true)
            }
            #expect(device?.code == .notFile)
        }
    }

    @Test func aNamespaceWithoutStatesIsAnError() async throws {
        try await withTemporaryFolder { folder in
            let error = await #expect(throws: BackupError.self) {
                try await testStore(cluster).backup(nil, to: "\(folder)/b.tar")
            }
            #expect(error?.code == .nothing)
            let left = try FolderTree.entries(of: folder)
            #expect(left.isEmpty)
        }
    }

    @Test func oneProcessAtATime() async throws {
        try await withTemporaryFolder { folder in
            _ = try await seed(1)
            let held = try PositionedFile.openExclusively("\(folder)/b.tar.partial")
            let error = await #expect(throws: BackupError.self) {
                try await testStore(cluster).backup(nil, to: "\(folder)/b.tar")
            }
            #expect(error?.code == .inUse)
            #expect(exists("\(folder)/b.tar.partial"))
            _ = held
        }
    }

    @Test func noMoreStatesThanRequestsAreInMemory() async throws {
        let running = Mutex(0)
        let highest = Mutex(0)
        try await inParallel(
            Array(1...60), capacity: 8, weight: { $0 % 10 == 0 ? 20 : $0 % 3 + 1 },
            { item in
                let weight = item % 10 == 0 ? 20 : item % 3 + 1
                let load = running.withLock { load in
                    load += weight
                    return load
                }
                #expect(load <= 8 || load == 20)
                highest.withLock { $0 = max($0, load) }
                await Task.yield()
                return weight
            }, consume: { weight in running.withLock { $0 -= weight } })
        #expect(running.withLock { $0 } == 0)
        #expect(highest.withLock { $0 } >= 8)
    }

    // MARK: - After an interruption

    /// A backup that died after some requests, and its unfinished file.
    private func interrupted(_ path: String, at position: Int) async throws {
        let dying = FaultyTransport(cluster, .deathBefore, at: position)
        var store = try testStore(dying)
        store = StateStore(client: store.client, namespace: testNamespace, configuration: sequential(store))
        await #expect(throws: FaultyTransport.Death.self) { try await store.backup(nil, to: path) }
    }

    private func sequential(_ store: StateStore) -> StateStoreConfiguration {
        var configuration = store.configuration
        configuration.parallelRequests = 1
        return configuration
    }

    @Test func goesOnWithWhatIsMissing() async throws {
        try await withTemporaryFolder { folder in
            let files = try await seed(8)
            var resumed: [Int] = []
            for position in [0, 1, 5, 15, 25] {
                let path = "\(folder)/\(position).tar"
                try await interrupted(path, at: position)
                #expect(!exists(path))
                let counting = FaultyTransport(cluster, .deathBefore, at: 1000)
                let result = try await testStore(counting).backup(nil, to: path)
                resumed.append(result.resumedCount)
                // The list, and nothing for what was there.
                #expect(counting.count >= 1 + 2 * (8 - result.resumedCount))
                if result.resumedCount > 4 { #expect(counting.count < 20) }
                try await check(path, holds: files)
            }
            #expect(resumed == resumed.sorted() && resumed.first == 0 && (resumed.last ?? 0) > 4, "\(resumed)")
        }
    }

    @Test func readsAgainWhatWasChangedSince() async throws {
        try await withTemporaryFolder { folder in
            var files = try await seed(8)
            let path = "\(folder)/b.tar"
            // All are read, only the manifest is missing.
            _ = try await testStore(cluster).backup(nil, to: path)
            try withoutManifest(path)
            let order = try TarArchive(try PositionedFile.open(reading: "\(path).partial")).entries
                .compactMap { BackedUpState.environment(ofFile: $0.name) }
            // In the middle of the archive: changed, shrunk, deleted, and a new one.
            var options = PushOptions()
            options.forced = [.lineage]
            for (index, parts) in [(1, 5), (3, 1)] {
                let file = try TestState.file(serial: 50, size: try #require(TestState.sizes[parts]))
                try await testStore(cluster).push(file, to: order[index], options)
                files[order[index]] = file
            }
            for part in 0..<9 { cluster.remove("\(secretsPath)/\(StateNames(order[5]).part(part))") }
            files[order[5]] = nil
            for (environment, file) in try await seed(1) { files[environment] = file }
            let result = try await testStore(cluster).backup(nil, to: path)
            #expect(result.resumedCount == 5)
            try await check(path, holds: files)
        }
    }

    private func withoutManifest(_ path: String) throws {
        let file = try PositionedFile.open(reading: path)
        let manifest = try #require(try TarArchive(file).entries.last)
        try PrivateFile.write(try file.read(manifest.range.lowerBound, at: 0), to: "\(path).partial")
        try FolderTree.remove(path)
    }

    /// Wherever a killed process, a full disk or a lost page leaves the file.
    @Test func whateverIsLeftOfTheFileIsGoneOnFrom() async throws {
        try await withTemporaryFolder { folder in
            let (files, path) = (try await seed(4), "\(folder)/b.tar")
            _ = try await testStore(cluster).backup(nil, to: path)
            let whole = try PrivateFile.read(path)
            var counts: Set<Int> = []
            for length in Array(stride(from: 0, through: whole.count, by: 512)) + [1, 511, 1023, whole.count - 1] {
                // Every other time, the rest is there but empty, as after a crash of the machine.
                let isZeroed = length >= 1024 && length % 1024 == 0
                let zeros = [UInt8](repeating: 0, count: isZeroed ? whole.count - length : 0)
                try PrivateFile.write(whole[..<length] + zeros, to: "\(path).partial")
                let result = try await testStore(cluster).backup(nil, to: path, replacing: true)
                counts.insert(result.resumedCount)
                try await check(path, holds: files)
            }
            #expect(counts == Set(0...4))
        }
    }

    @Test func aFileOfSomethingElseIsRefused() async throws {
        try await withTemporaryFolder { folder in
            let path = "\(folder)/b.tar"
            _ = try await seed(1)
            let elsewhere = BackupOrigin(server: "https://cluster.test:6443", namespace: "other", startedAt: "")
            for content in [
                [UInt8](repeating: 0x61, count: 5000), TarFormat.beginning(comment: elsewhere.json.text),
                TarFormat.header(of: "x", size: 0, modified: 0) + TarFormat.end,
            ] {
                try PrivateFile.write(content, to: "\(path).partial")
                let error = await #expect(throws: BackupError.self) {
                    try await testStore(cluster).backup(nil, to: path)
                }
                #expect(error?.code == .foreign)
                #expect(try PrivateFile.read("\(path).partial") == content)
            }
        }
    }

    @Test(arguments: FaultyTransport.Fault.allCases)
    func anyFaultLeavesAFileThatIsGoneOnFrom(fault: FaultyTransport.Fault) async throws {
        try await withTemporaryFolder { folder in
            let files = try await seed(3)
            var (position, isPast) = (0, false)
            while !isPast {
                let path = "\(folder)/\(position).tar"
                let transport = FaultyTransport(cluster, fault, at: position)
                var wasWhole = false
                do {
                    let result = try await testStore(transport).backup(nil, to: path)
                    wasWhole = result.manifest.unreadable.isEmpty
                } catch {
                    #expect(!exists(path))
                }
                isPast = transport.count <= position
                if isPast { #expect(wasWhole) }
                if !wasWhole { _ = try await testStore(cluster).backup(nil, to: path, replacing: true) }
                // Where a state could not be read, the file that names it stays beside the whole one.
                try await check(path, holds: files)
                position += 1
            }
            #expect(position > 6)
        }
    }
}
