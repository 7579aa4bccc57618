internal import LocalFiles
internal import StateStorage

/// Working folders whose run was killed before it could remove them.
enum AbandonedFolders {
    /// A state that a killed run's engine could not save.
    struct Found: Equatable {
        let environment: String
        /// Where the environment's state is kept; nil where an older version did not write it down.
        let place: StatePlace?
        /// Where it is now.
        let path: String
    }

    /// Removes them; a state that an engine could not save is rescued first.
    ///
    /// A folder whose lock is free belongs to no run of ours, and one whose engine still lives is left alone: that engine
    /// may yet have a state to write down.
    ///
    /// - Returns: the states that were rescued.
    @discardableResult
    static func sweep(_ folders: UserFolders) throws -> [Found] {
        // A folder that vanished meanwhile, or cannot be removed now, is for the next run to look at.
        try all(folders).compactMap { try? sweep($0, folders: folders) }
    }

    /// The engine of a killed run of that environment that is still at work; nil where there is none on this machine.
    static func engine(of environment: EnvironmentID, _ folders: UserFolders) throws -> Int32? {
        try all(folders).lazy.compactMap { path -> Int32? in
            guard let note = EngineNote.read(in: path), note.environment == "\(environment)", note.isAlive,
                let lock = try? FileLock.attempt("\(path)/lock", .exclusive)
            else { return nil }
            lock.release()
            return note.processIdentifier
        }.first
    }

    private static func all(_ folders: UserFolders) throws -> [String] {
        let runs = WorkingFolder.runsPath(folders)
        guard PrivateFile.isFolder(runs) else { return [] }
        return try FolderTree.entries(of: runs).map { "\(runs)/\($0)" }
    }

    private static func sweep(_ path: String, folders: UserFolders) throws -> Found? {
        guard FileKind(of: "\(path)/lock") == .file else { return nil }
        guard let lock = try FileLock.attempt("\(path)/lock", .exclusive) else { return nil }
        var found: Found?
        if let note = EngineNote.read(in: path) {
            if note.isAlive { return nil }
            found = try ErroredState.rescue(note.erroredStatePath, environment: note.environment, folders: folders)
                .map { Found(environment: note.environment, place: note.place, path: $0) }
        }
        try FolderTree.remove(path)
        lock.release()
        return found
    }
}
