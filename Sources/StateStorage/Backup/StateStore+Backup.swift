internal import KubernetesAPI
internal import LocalFiles

/// A backup that was made.
public struct BackupResult: Sendable, Hashable {
    /// The file; see ``StateStore/backup(_:to:replacing:progress:)`` for when it is not the one that was asked for.
    public let path: String
    /// What the backup holds.
    public let manifest: BackupManifest
    /// Of the states, how many an interrupted backup had read already.
    public let resumedCount: Int
}

extension StateStore {
    /// Writes states, and a manifest that says what they are, into one tar archive that only its owner may read.
    ///
    /// The archive grows under the name `PATH.partial` and gets its own when it is whole and on disk. Whatever ends it before
    /// leaves that file, and the next backup goes on from it: what is whole there and was not changed in the cluster since is
    /// not read again. A state that cannot be read is named in the manifest and does not end the backup. States are read as
    /// they are at that moment, not all at one: no lock is taken.
    ///
    /// - Parameters:
    ///   - chosen: nil for every environment that has a state.
    ///   - replacing: whether a file that is there is replaced. It is not where a state could not be read, because it may
    ///     have that one: the new archive is then `PATH.incomplete`.
    /// - Throws: `BackupError`; `FileError`, such as for a full disk; `KubernetesError`.
    public func backup(
        _ chosen: [EnvironmentID]?, to path: String, replacing: Bool = false, progress: ProgressReport = { _, _ in }
    ) async throws -> BackupResult {
        try await checkDestination(path, replacing: replacing)
        let origin = BackupOrigin(
            server: client.connection.server, namespace: namespace, startedAt: Timestamp.now())
        var backup = try await UnfinishedBackup(at: "\(path).partial", origin: origin)
        do {
            return try await fill(&backup, chosen, path, replacing: replacing, progress)
        } catch {
            try? await backup.discardIfEmpty()
            throw error
        }
    }

    private func fill(
        _ backup: inout UnfinishedBackup, _ chosen: [EnvironmentID]?, _ path: String, replacing: Bool,
        _ progress: ProgressReport
    ) async throws -> BackupResult {
        var listed: [EnvironmentID: StateListing] = [:]
        if chosen == nil || !backup.found.isEmpty {
            for listing in try await list() { listed[listing.environment] = listing }
        }
        let wanted = chosen.map { Set($0) } ?? Set(listed.keys)
        guard !wanted.isEmpty else {
            throw BackupError(
                .nothing, path, "was not written: namespace \(namespace) at \(client.connection.server) has no states")
        }
        try await backup.keep(limit: configuration.inflationLimit) { found in
            guard wanted.contains(found.environment), let listing = listed[found.environment] else { return false }
            return !listing.isPending
                && listing.versions
                    == Dictionary(uniqueKeysWithValues: found.note.versions.enumerated().map { ($0, $1) })
        }
        let resumed = Set(backup.states.map(\.environment))
        let missing = wanted.subtracting(resumed).sorted { "\($0)" < "\($1)" }

        var unreadable: [UnreadableState] = []
        var done = resumed.count
        progress(done, wanted.count)
        try await inParallel(
            missing, capacity: configuration.parallelRequests, weight: { listed[$0]?.partCount ?? 1 },
            { environment in try await self.backedUp(environment) },
            consume: { read in
                switch read {
                case .state(let snapshot, let time): try await backup.append(snapshot, readAt: time)
                case .unreadable(let state): unreadable.append(state)
                case .absent(let environment):
                    // Of all environments there are, one that has no state any more is none.
                    if chosen != nil {
                        unreadable.append(UnreadableState(environment: environment, reason: "it has no state"))
                    }
                }
                done += 1
                progress(done, wanted.count)
            })

        let manifest = BackupManifest(
            origin: backup.origin, programVersion: configuration.programVersion, states: backup.states,
            unreadable: unreadable)
        let isKept = !unreadable.isEmpty && replacing && lengthOfFile(path) != nil
        let name = isKept ? "\(path).incomplete" : path
        try await backup.finish(manifest, as: name, replacing: replacing)
        return BackupResult(path: name, manifest: manifest, resumedCount: resumed.count)
    }

    private enum ReadState: Sendable {
        case state(StateSnapshot, readAt: String)
        case absent(EnvironmentID)
        case unreadable(UnreadableState)
    }

    private func backedUp(_ environment: EnvironmentID) async throws -> ReadState {
        do {
            let time = Timestamp.now()
            guard let snapshot = try await pull(environment) else { return .absent(environment) }
            return .state(snapshot, readAt: time)
        } catch let error as StateStoreError {
            return .unreadable(UnreadableState(environment: environment, reason: error.explanation))
        } catch let error as KubernetesError where !error.concernsEverything {
            return .unreadable(UnreadableState(environment: environment, reason: "\(error)"))
        }
    }

    private func checkDestination(_ path: String, replacing: Bool) async throws {
        try await offloading {
            guard !PrivateFile.isFolder(path) else {
                throw BackupError(.notFile, path, "is a folder; pass the name of a file")
            }
            guard let _ = lengthOfFile(path) else { return }
            guard replacing else {
                throw BackupError(.exists, path, "exists; pass --overwrite to replace it, or another name")
            }
            do throws(FileError) {
                _ = try PositionedFile.open(reading: path)
            } catch  where error.action == "read" {
                throw BackupError(.notFile, path, "is no regular file; pass the name of one")
            } catch {
                // A file that cannot be read can be replaced all the same.
            }
        }
    }
}

extension KubernetesError {
    /// Whether it says something about the cluster or the caller rather than about one object.
    var concernsEverything: Bool {
        [.unreachable, .untrusted, .unauthorized, .forbidden, .credentials, .tooManyRequests, .server].contains(code)
    }
}
