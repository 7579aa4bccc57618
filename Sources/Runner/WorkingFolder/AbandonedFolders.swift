internal import LocalFiles

/// Working folders whose run was killed before it could remove them.
enum AbandonedFolders {
    /// Removes them; a state that an engine could not save is rescued first.
    ///
    /// A folder whose lock is free belongs to no run of ours, and one whose engine still lives is left alone: that engine
    /// may yet have a state to write down.
    ///
    /// - Returns: the paths of the states that were rescued.
    @discardableResult
    static func sweep(_ folders: UserFolders) throws -> [String] {
        let runs = WorkingFolder.runsPath(folders)
        guard PrivateFile.isFolder(runs) else { return [] }
        return try FolderTree.entries(of: runs).compactMap { name in
            // A folder that vanished meanwhile, or cannot be removed now, is for the next run to look at.
            try? sweep("\(runs)/\(name)", folders: folders)
        }
    }

    private static func sweep(_ path: String, folders: UserFolders) throws -> String? {
        guard FileKind(of: "\(path)/lock") == .file else { return nil }
        guard let lock = try FileLock.attempt("\(path)/lock", .exclusive) else { return nil }
        var rescued: String?
        if let note = EngineNote.read(in: path) {
            if note.isAlive { return nil }
            rescued = try ErroredState.rescue(note.erroredStatePath, environment: note.environment, folders: folders)
        }
        try FolderTree.remove(path)
        lock.release()
        return rescued
    }
}
