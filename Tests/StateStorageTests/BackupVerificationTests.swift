import LocalFiles
import OrderedJSON
import TerraformState
import TestScopes
import Testing

@testable import StateStorage

/// Backups that are not what they say.
@Suite struct BackupVerificationTests {
    private let cluster = MemoryCluster()
    private let environments: [EnvironmentID]

    init() throws { environments = try (0..<3).map { _ in try freshEnvironment() }.sorted { "\($0)" < "\($1)" } }

    private func file(_ index: Int) throws -> StateFile { try TestState.file(serial: UInt64(index) + 1) }

    private func name(_ index: Int) -> String { "\(environments[index]).tfstate" }

    /// A backup of three states.
    private func write(_ path: String) async throws {
        for (index, environment) in environments.enumerated() {
            try await testStore(cluster).push(try file(index), to: environment)
        }
        _ = try await testStore(cluster).backup(nil, to: path)
    }

    /// The files of an archive, to be changed and packed again: in the order of their names, for states stand in it in the
    /// order in which they came. The manifest's is the last.
    private func unpack(_ path: String) throws -> [(name: String, content: [UInt8])] {
        let file = try PositionedFile.open(reading: path)
        return try TarArchive(file).entries.sorted { $0.name < $1.name }
            .map { ($0.name, try file.read($0.size, at: $0.contentStart)) }
    }

    private func pack(_ files: [(name: String, content: [UInt8])], to path: String) throws {
        var bytes: [UInt8] = []
        for (name, content) in files {
            bytes += TarFormat.header(of: name, size: content.count, modified: 0) + content
            bytes += TarFormat.padding(after: content.count)
        }
        try PrivateFile.write(bytes + TarFormat.end, to: path)
    }

    private func problems(_ path: String) async throws -> [String] {
        let verification = try await BackupFile.verify(path)
        if !verification.problems.isEmpty {
            let error = #expect(throws: BackupError.self) { try verification.sound() }
            #expect(error?.code == .unsound)
            for problem in verification.problems { #expect(error?.description.contains("\(problem)") == true) }
        }
        return verification.problems.map(\.description)
    }

    /// A change of one member of what the manifest says of the second state.
    @Test(arguments: [
        ("serial", "99", "its serial is 2, but the manifest says 99"),
        ("lineage", #""another""#, "but the manifest says another"),
        ("bytes", "1", "but the manifest says 1"),
        ("sha256", #""00""#, "its SHA-256 is"),
        ("encrypted", "true", "its encryption is none, but the manifest says OpenTofu's"),
        ("instances", "7", "1 instances"),
        ("engineVersion", #""9.9.9""#, "its engine is 1.11.4"),
    ])
    func aManifestThatLies(member: String, value: String, problem: String) async throws {
        try await withTemporaryFolder { folder in
            let path = "\(folder)/b.tar"
            try await write(path)
            var files = try unpack(path)
            var manifest = try JSON(parsing: files[3].content)
            var states = try #require(manifest["environments"]?.array)
            states[1][member] = try JSON(parsing: value)
            manifest["environments"] = .array(states)
            files[3].content = manifest.bytes
            try pack(files, to: path)
            let problems = try await problems(path)
            #expect(
                problems.count == 1 && problems[0].hasPrefix(name(1)) && problems[0].contains(problem), "\(problems)")
        }
    }

    @Test(arguments: [
        ("format", #""other""#), ("formatVersion", "2"), ("formatVersion", "null"), ("environments", "null"),
        ("environments", #"[{"environment":"x"}]"#), ("environments", "[7]"), ("environments", "{}"),
        ("unreadable", #"[{"environment":"x"}]"#), ("server", "7"), ("finishedAt", "null"),
    ])
    func aManifestThatIsNone(member: String, value: String) async throws {
        try await withTemporaryFolder { folder in
            let path = "\(folder)/b.tar"
            try await write(path)
            var files = try unpack(path)
            var manifest = try JSON(parsing: files[3].content)
            manifest[member] = try JSON(parsing: value)
            files[3].content = manifest.bytes
            try pack(files, to: path)
            let problems = try await problems(path)
            #expect(problems.count == 1 && problems[0].hasPrefix("manifest.json: "), "\(problems)")
        }
    }

    @Test func everyProblemIsNamedAtOnce() async throws {
        try await withTemporaryFolder { folder in
            let path = "\(folder)/b.tar"
            try await write(path)
            let files = try unpack(path)
            func check(
                _ files: [(name: String, content: [UInt8])], _ expected: [String],
                _ location: SourceLocation = #_sourceLocation
            ) async throws {
                try pack(files, to: path)
                let problems = try await problems(path)
                #expect(problems.count == expected.count, "\(problems)", sourceLocation: location)
                for text in expected {
                    #expect(problems.contains { $0.contains(text) }, "\(text): \(problems)", sourceLocation: location)
                }
            }
            try await check(files, [])
            let strange = try freshEnvironment()
            var damaged = files
            damaged[0].content[20] ^= 1
            damaged[1].content = Array("hello".utf8)
            damaged.remove(at: 2)
            damaged.insert(("\(strange).tfstate", try file(9).bytes), at: 0)
            damaged.insert(("readme", [1]), at: 0)
            try await check(
                damaged,
                [
                    "readme: it does not belong", "\(strange).tfstate: the archive has it, but the manifest does not",
                    "\(name(2)): the manifest has it, but the archive does not", name(0),
                    "\(name(1)): this is no state",
                ])
            try await check(files + [files[0]], ["not the last", "\(name(0)): it stands in the archive twice"])
            try await check(files + [files[3]], ["manifest.json: it stands in the archive twice"])
            try await check(files.dropLast(), ["manifest.json: it is missing"])
            try await check(files.dropLast() + [("manifest.json", Array("{".utf8))], ["manifest.json: it is not JSON"])
            var manifest = try JSON(parsing: files[3].content)
            var states = try #require(manifest["environments"]?.array)
            states.append(states[0])
            manifest["environments"] = .array(states)
            manifest["unreadable"] = [["environment": states[1]["environment"] ?? "", "reason": "r"]]
            try await check(
                files.dropLast() + [("manifest.json", manifest.bytes)], ["is listed twice", "both as a state"])
        }
    }

    @Test func aHeadThatContradicts() async throws {
        try await withTemporaryFolder { folder in
            let path = "\(folder)/b.tar"
            try await write(path)
            let bytes = try PrivateFile.read(path)
            let other = BackupOrigin(server: "https://cluster.test:6443", namespace: "other", startedAt: "")
            try PrivateFile.write(TarFormat.beginning(comment: other.json.text) + bytes.dropFirst(1024), to: path)
            let problems = try await problems(path)
            #expect(problems.count == 1 && problems[0].contains("namespace other"), "\(problems)")
        }
    }

    @Test func isNoticedWhereverItIsCutOff() async throws {
        try await withTemporaryFolder { folder in
            let path = "\(folder)/b.tar"
            try await write(path)
            let whole = try PrivateFile.read(path)
            for length in stride(from: 0, to: whole.count, by: 512) {
                try PrivateFile.write(whole[..<length], to: path)
                let problems = try await problems(path)
                #expect(!problems.isEmpty, "cut off at \(length)")
                #expect(problems[0].contains(length == 0 ? "no tar archive" : "cut off at byte \(length)"))
            }
        }
    }

    @Test func everyChangedByteOfAStateIsNoticed() async throws {
        try await withTemporaryFolder { folder in
            let path = "\(folder)/b.tar"
            try await write(path)
            let whole = try PrivateFile.read(path)
            let entry = try TarArchive(try PositionedFile.open(reading: path)).entries[1]
            for offset in stride(from: 0, to: entry.size, by: 7) {
                var changed = whole
                changed[entry.contentStart + offset] ^= 4
                try PrivateFile.write(changed, to: path)
                let problems = try await problems(path)
                #expect(!problems.isEmpty, "byte \(offset)")
            }
        }
    }

    @Test func aStateThatIsTooLargeIsNotRead() async throws {
        try await withTemporaryFolder { folder in
            let path = "\(folder)/b.tar"
            try await write(path)
            let verification = try await BackupFile.verify(path, limit: 100)
            #expect(verification.problems.count == 3)
            #expect(verification.problems.allSatisfy { $0.explanation == "it is larger than 100 bytes" })
        }
    }

    @Test func whatIsNoFile() async throws {
        try await withTemporaryFolder { folder in
            let error = await #expect(throws: BackupError.self) { try await BackupFile.verify(folder) }
            #expect(error?.code == .notFile)
            await #expect(throws: FileError.self) { try await BackupFile.verify("\(folder)/nothing") }
            await #expect(throws: FileError.self) { try await BackupFile.verify("/dev/zero") }
        }
    }
}
