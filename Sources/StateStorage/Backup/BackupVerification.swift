internal import LocalFiles
internal import OrderedJSON
public import TerraformState

/// What is said of a backup file after all of it was read.
public struct BackupVerification: Sendable {
    /// The file that was read.
    public let path: String
    /// nil where there is none that can be read.
    public let manifest: BackupManifest?
    /// Everything that is wrong with it.
    public let problems: [BackupProblem]
    let file: PositionedFile
    let entries: [EnvironmentID: TarEntry]

    /// The backup, if nothing is wrong with it.
    ///
    /// - Throws: `BackupError.Code.unsound` that names every problem.
    public func sound() throws -> VerifiedBackup {
        guard let manifest, problems.isEmpty else {
            throw BackupError(
                .unsound, path, "is no sound backup:\n" + problems.map { "  \($0)" }.joined(separator: "\n"))
        }
        return VerifiedBackup(path: path, manifest: manifest, file: file, entries: entries)
    }
}

/// A backup whose states are what its manifest says.
public struct VerifiedBackup: Sendable {
    /// The file that was read.
    public let path: String
    /// What it holds, all of it as promised.
    public let manifest: BackupManifest
    fileprivate let file: PositionedFile
    fileprivate let entries: [EnvironmentID: TarEntry]

    /// The states of these environments.
    ///
    /// - Parameter environments: empty for all of them.
    /// - Throws: `BackupError.Code.notContained`.
    public func states(of environments: [EnvironmentID]) throws -> [BackedUpState] {
        guard !environments.isEmpty else { return manifest.states }
        let wanted = Set(environments)
        let found = manifest.states.filter { wanted.contains($0.environment) }
        let missing = wanted.subtracting(found.map(\.environment)).map { environment in
            let reason = manifest.unreadable.first { $0.environment == environment }?.reason
            return "\(environment)" + (reason.map { " (it could not be read: \($0))" } ?? "")
        }
        guard missing.isEmpty else {
            throw BackupError(.notContained, path, "has no state of \(missing.sorted().joined(separator: ", "))")
        }
        return found
    }

    /// The state file, compared with the manifest once more: the file may have been changed since.
    public func file(of state: BackedUpState) async throws -> StateFile {
        guard let entry = entries[state.environment] else {
            throw BackupError(.notContained, path, "has no state of \(state.environment)")
        }
        let file = file
        let bytes = try await offloading { try file.read(entry.size, at: entry.contentStart) }
        guard sha256(bytes) == state.sha256 else {
            throw BackupError(.unsound, path, "was changed while it was read: \(entry.name) is another by now")
        }
        return try StateFile(bytes)
    }
}

/// Reads backups.
public enum BackupFile {
    /// What states that are in memory at the same time may weigh, see ``weight(_:)``.
    static let capacity = 8
    private static let unit = 4 << 20
    private static let largestManifest = 256 << 20

    static func weight(_ entry: TarEntry) -> Int { 1 + entry.size / unit }

    /// Reads a backup and compares all of it with its manifest. Needs no cluster.
    ///
    /// - Parameter limit: the largest state, in bytes.
    /// - Throws: `FileError` where the file cannot be read; `BackupError.Code.notFile`. What is wrong with its content is in
    ///   the result.
    public static func verify(
        _ path: String, limit: Int = 512 << 20, progress: ProgressReport = { _, _ in }
    ) async throws -> BackupVerification {
        let (file, archive) = try await offloading {
            guard !PrivateFile.isFolder(path) else {
                throw BackupError(.notFile, path, "is a folder; pass a file that `stowage state backup` wrote")
            }
            let file = try PositionedFile.open(reading: path)
            return (file, try TarArchive(file))
        }
        var problems: [BackupProblem] = []
        if let fault = archive.fault { problems.append(BackupProblem(file: nil, explanation: "\(fault)")) }
        let (entries, listing) = sorted(archive)
        problems += listing
        let manifest = try await manifest(archive, file, &problems)
        var expected: [EnvironmentID: BackedUpState] = [:]
        for state in manifest?.states ?? [] where expected.updateValue(state, forKey: state.environment) != nil {
            problems.append(
                BackupProblem(file: BackupManifest.fileName, explanation: "\(state.environment) is listed twice"))
        }
        if let manifest {
            problems += missingAndSurplus(manifest, entries)
            // An archive that somebody has packed anew has no head.
            let head = archive.comment.flatMap { try? BackupOrigin(JSON(parsing: $0)) }
            if let head, head != manifest.origin {
                problems.append(
                    BackupProblem(
                        file: BackupManifest.fileName,
                        explanation:
                            "it is of namespace \(manifest.origin.namespace) at \(manifest.origin.server), begun "
                            + "\(manifest.origin.startedAt), but the head of the archive says namespace "
                            + "\(head.namespace) at \(head.server), begun \(head.startedAt)"))
            }
        }
        var done = 0
        try await inParallel(
            entries.sorted { $0.value.range.lowerBound < $1.value.range.lowerBound }, capacity: capacity,
            weight: { weight($0.value) },
            { [expected] environment, entry in
                try await self.problems(entry, environment, expected[environment], file, limit: limit)
            },
            consume: { found in
                problems += found
                done += 1
                progress(done, entries.count)
            })
        return BackupVerification(path: path, manifest: manifest, problems: problems, file: file, entries: entries)
    }

    /// The state files, by environment, and what should not be there.
    private static func sorted(_ archive: TarArchive) -> ([EnvironmentID: TarEntry], [BackupProblem]) {
        var (entries, problems): ([EnvironmentID: TarEntry], [BackupProblem]) = ([:], [])
        for entry in archive.entries where entry.name != BackupManifest.fileName {
            if let environment = BackedUpState.environment(ofFile: entry.name), entry.isFile {
                if entries.updateValue(entry, forKey: environment) != nil {
                    problems.append(BackupProblem(file: entry.name, explanation: "it stands in the archive twice"))
                }
            } else {
                problems.append(BackupProblem(file: entry.name, explanation: "it does not belong into a backup"))
            }
        }
        return (entries, problems)
    }

    private static func manifest(
        _ archive: TarArchive, _ file: PositionedFile, _ problems: inout [BackupProblem]
    ) async throws -> BackupManifest? {
        func problem(_ explanation: String) {
            problems.append(BackupProblem(file: BackupManifest.fileName, explanation: explanation))
        }
        let found = archive.entries.filter { $0.name == BackupManifest.fileName && $0.isFile }
        guard let entry = found.last else {
            if archive.fault == nil { problem("it is missing") }
            return nil
        }
        if found.count > 1 { problem("it stands in the archive twice") }
        if archive.entries.last != entry { problem("it is not the last file of the archive") }
        guard entry.size <= largestManifest else {
            problem("it is larger than \(largestManifest) bytes")
            return nil
        }
        let bytes = try await offloading { try file.read(entry.size, at: entry.contentStart) }
        do throws(ManifestFault) {
            return try BackupManifest(bytes)
        } catch {
            problem(error.explanation)
            return nil
        }
    }

    private static func missingAndSurplus(
        _ manifest: BackupManifest, _ entries: [EnvironmentID: TarEntry]
    ) -> [BackupProblem] {
        let listed = Set(manifest.states.map(\.environment))
        let missing = listed.subtracting(entries.keys).map { ($0, "the manifest has it, but the archive does not") }
        let surplus = Set(entries.keys).subtracting(listed).map {
            ($0, "the archive has it, but the manifest does not")
        }
        let both = listed.intersection(manifest.unreadable.map(\.environment)).map {
            ($0, "the manifest has it both as a state and as one that could not be read")
        }
        return (missing + surplus + both).map {
            BackupProblem(file: BackedUpState.fileName(of: $0), explanation: $1)
        }.sorted { $0.description < $1.description }
    }

    /// What is wrong with one state file.
    private static func problems(
        _ entry: TarEntry, _ environment: EnvironmentID, _ expected: BackedUpState?, _ file: PositionedFile, limit: Int
    ) async throws -> [BackupProblem] {
        try Task.checkCancellation()
        guard entry.size <= limit else {
            return [BackupProblem(file: entry.name, explanation: "it is larger than \(limit) bytes")]
        }
        let bytes = try await offloading { try file.read(entry.size, at: entry.contentStart) }
        let state: StateFile
        do throws(StateFileError) {
            state = try StateFile(bytes)
        } catch {
            return [BackupProblem(file: entry.name, explanation: "\(error)")]
        }
        guard let expected else { return [] }
        let found = BackedUpState(state, of: environment, readAt: expected.readAt)
        return differences(found, expected).map { BackupProblem(file: entry.name, explanation: $0) }
    }

    private static func differences(_ found: BackedUpState, _ expected: BackedUpState) -> [String] {
        func compare(_ name: String, _ value: (BackedUpState) -> String) -> String? {
            value(found) == value(expected)
                ? nil : "its \(name) is \(value(found)), but the manifest says \(value(expected))"
        }
        return [
            compare("size") { "\($0.size)" }, compare("SHA-256") { $0.sha256 }, compare("serial") { "\($0.serial)" },
            compare("lineage") { $0.lineage }, compare("encryption") { $0.isEncrypted ? "OpenTofu's" : "none" },
            compare("engine") { $0.engineVersion ?? "none" }, compare("content") { $0.counts?.text ?? "unknown" },
        ].compactMap(\.self)
    }
}

extension StateCounts {
    fileprivate var text: String {
        "\(resources) resources, \(instances) instances, \(dataSources) data sources, \(outputs) outputs"
    }
}
