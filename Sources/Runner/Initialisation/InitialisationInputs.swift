internal import CLibrary
internal import LocalFiles
internal import StateStorage

/// All that decides what an engine's `init` leaves in a module's folder, where versions are pinned and modules are local.
struct InitialisationInputs {
    let engine: Engine
    let folder: WorkingFolder

    /// Files that the module keeps providers pinned by.
    static let lockFile = ".terraform.lock.hcl"

    /// The SHA-256 of the engine, and of the path and content of every file of configuration, the override by which the engine
    /// finds its state among them.
    func digest() throws -> String {
        let files = try folder.configurationFolders.flatMap(files).sorted()
        return sha256(
            try [engineIdentity]
                + files.flatMap { path in
                    // The run's own folder is another one each time.
                    [Array(path.utf8.dropFirst(folder.path.utf8.count)), try PrivateFile.read(path)]
                }.flatMap { [Array("\($0.count):".utf8), $0] })
    }

    /// An engine that was replaced by another version in its place has another size or time.
    private var engineIdentity: [UInt8] {
        var information = stat()
        guard stat(engine.path, &information) == 0 else { return Array(engine.path.utf8) }
        let modified = information.modified
        return Array("\(engine.path) \(information.st_size) \(modified.tv_sec).\(modified.tv_nsec) ".utf8)
    }

    private func files(below folder: String) throws -> [String] {
        try FolderTree.entries(of: folder).flatMap { name -> [String] in
            let path = "\(folder)/\(name)"
            switch FileKind(of: path) {
            case .folder where !WorkingFolder.leftOut.contains(name): return try files(below: path)
            case .file where isConfiguration(name): return [path]
            default: return []
            }
        }
    }

    private func isConfiguration(_ name: String) -> Bool {
        name == Self.lockFile || LocalModuleReferences.configurationSuffixes.contains(where: name.hasSuffix)
    }
}
