internal import LocalFiles
internal import OrderedJSON
internal import TerraformState

/// A backup that is being written: a tar archive without its manifest, beside the place where it will be.
///
/// Each state file carries the versions of the Secrets that it was read from and its SHA-256 in an extended header, so that
/// whoever goes on after an interruption knows what is whole and what was changed since. An archive that has no manifest yet
/// is also one that everybody can unpack.
struct UnfinishedBackup: Sendable {
    /// A state that was in the file when it was opened, whole or not.
    struct Found: Sendable {
        let environment: EnvironmentID
        let note: Note
        let entry: TarEntry
    }

    /// What the extended header of a state file says.
    struct Note: Sendable, Hashable {
        let versions: [String]
        let sha256: String
        let readAt: String
    }

    let origin: BackupOrigin
    let found: [Found]
    private(set) var states: [BackedUpState] = []
    private let file: PositionedFile
    /// Where the next entry goes.
    private var end: Int

    /// Opens the file, or creates it.
    ///
    /// - Parameter origin: of a new backup. One that is there must be of the same states, and keeps the time that it was
    ///   begun at.
    init(at path: String, origin: BackupOrigin) async throws {
        (file, found, self.origin, end) = try await offloading {
            guard let file = try PositionedFile.openExclusively(path) else {
                throw BackupError(
                    .inUse, path, "is being written by another process; wait for it, or pass another file")
            }
            let archive = try TarArchive(file)
            let beginning = TarFormat.beginning(comment: origin.json.text)
            // Whatever is shorter did not come further than that.
            let length = try file.length()
            guard archive.end > 0 || length >= beginning.count else {
                try file.truncate(to: 0)
                try file.write(beginning, at: 0)
                return (file, [], origin, beginning.count)
            }
            guard let there = archive.comment.flatMap({ try? BackupOrigin(JSON(parsing: $0)) }) else {
                throw BackupError(
                    .foreign, path, "is no unfinished backup of Stowage; move it away, or pass another file")
            }
            guard there.isSamePlace(as: origin) else {
                throw BackupError(
                    .foreign, path,
                    "is an unfinished backup of namespace \(there.namespace) at \(there.server), and this one is of "
                        + "namespace \(origin.namespace) at \(origin.server); remove it, or pass another file")
            }
            let found = archive.entries.compactMap { entry -> Found? in
                guard entry.isFile, let environment = BackedUpState.environment(ofFile: entry.name),
                    let note = entry.comment.flatMap({ Note(parsing: $0) })
                else { return nil }
                return Found(environment: environment, note: note, entry: entry)
            }
            return (file, found, there, archive.entries.first?.range.lowerBound ?? archive.end)
        }
    }

    /// Keeps those of the states that were found, and are whole, that are still wanted. The others are overwritten, so that
    /// no state stands in the archive twice.
    mutating func keep(limit: Int, where isCurrent: (Found) -> Bool) async throws {
        var taken: Set<EnvironmentID> = []
        let candidates = found.filter {
            isCurrent($0) && $0.entry.size <= limit && taken.insert($0.environment).inserted
        }
        let file = file
        var whole: [(entry: TarEntry, state: BackedUpState)] = []
        try await inParallel(
            candidates, capacity: BackupFile.capacity, weight: { BackupFile.weight($0.entry) },
            { found -> (TarEntry, BackedUpState)? in
                let bytes = try await offloading { try file.read(found.entry.size, at: found.entry.contentStart) }
                guard sha256(bytes) == found.note.sha256, let state = try? StateFile(bytes) else { return nil }
                return (found.entry, BackedUpState(state, of: found.environment, readAt: found.note.readAt))
            }, consume: { if let kept = $0 { whole.append(kept) } })
        whole.sort { $0.entry.range.lowerBound < $1.entry.range.lowerBound }
        let (kept, start) = (whole.map(\.entry.range), end)
        end = try await offloading {
            var end = start
            for range in kept {
                try file.move(range, to: end)
                end += range.count
            }
            try file.truncate(to: end)
            return end
        }
        states = whole.map(\.state)
    }

    /// Adds a state.
    mutating func append(_ snapshot: StateSnapshot, readAt: String) async throws {
        let state = BackedUpState(snapshot.file, of: snapshot.environment, readAt: readAt)
        let note = Note(versions: snapshot.versions, sha256: state.sha256, readAt: readAt)
        try await append(state.fileName, snapshot.file.bytes, comment: note.text)
        states.append(state)
    }

    /// Adds the manifest and gives the file its name.
    mutating func finish(_ manifest: BackupManifest, as path: String, replacing: Bool) async throws {
        try await append(BackupManifest.fileName, manifest.bytes, comment: nil)
        let (file, end) = (file, end)
        try await offloading {
            try file.write(TarFormat.end, at: end)
            try file.publish(as: path, replacing: replacing)
        }
    }

    /// Removes the file where nothing is in it yet.
    func discardIfEmpty() async throws {
        guard states.isEmpty, found.isEmpty else { return }
        let file = file
        try await offloading { try file.remove() }
    }

    private mutating func append(_ name: String, _ content: [UInt8], comment: String?) async throws {
        let (file, start) = (file, end)
        end = try await offloading {
            let time = Int(TimeOfDay.microseconds() / 1_000_000)
            let header = TarFormat.header(of: name, size: content.count, modified: time, comment: comment)
            var position = start
            for bytes in [header, content, TarFormat.padding(after: content.count)] {
                try file.write(bytes, at: position)
                position += bytes.count
            }
            return position
        }
    }
}

extension UnfinishedBackup.Note {
    /// - Returns: nil for anything that we did not write.
    init?(parsing text: String) {
        guard let json = try? JSON(parsing: text), let versions = json["versions"]?.array?.compactMap(\.string),
            let sha256 = json["sha256"]?.string, let readAt = json["readAt"]?.string
        else { return nil }
        self.init(versions: versions, sha256: sha256, readAt: readAt)
    }

    var text: String {
        let json: JSON = [
            "versions": .array(versions.map(JSON.string)), "sha256": .string(sha256), "readAt": .string(readAt),
        ]
        return json.text
    }
}
