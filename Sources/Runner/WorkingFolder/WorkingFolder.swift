internal import CLibrary
internal import LocalFiles
internal import StateStorage

/// The private folder of one run: a mirror of the user's module, and what the run needs beside it.
///
/// ```
/// runs/<id>/lock         held while the run lives
/// runs/<id>/plugins      this run's view of the plug-in cache
/// runs/<id>/plan         the engine's plan, where one is saved or applied
/// runs/<id>/root/…       the mirror; the engine works in root/<path of the module>, and finds the relay by the kubeconfig
///                        in .terraform there
/// ```
struct WorkingFolder: Sendable {
    /// What an engine leaves in a module's folder for itself; a run starts without it.
    static let leftOut: Set<String> = [".terraform", ".terraform.tfstate.lock.info", "errored.tfstate"]

    let path: String
    /// The copy of the module, in which the engine runs.
    let module: String
    /// The copies that hold configuration: the module's, and those of folders that it refers to.
    let configurationFolders: [String]

    /// From the module's folder.
    static let kubeconfigPath = ".terraform/stowage-kubeconfig"
    var planPath: String { "\(path)/plan" }
    var lockFilePath: String { "\(module)/.terraform.lock.hcl" }
    var pluginsPath: String { "\(path)/plugins" }
    /// Where an engine puts a state that it could not save.
    var erroredStatePath: String { "\(module)/errored.tfstate" }

    static func runsPath(_ folders: UserFolders) -> String { "\(folders.cache)/runs" }

    /// Makes the folder while the body begins, and removes it whatever happens.
    ///
    /// - Parameter module: the absolute, resolved path of the user's module.
    static func with<T: Sendable>(
        _ module: String, folders: UserFolders, _ body: (WorkingFolderInMaking) async throws -> T
    ) async throws -> T {
        let path = "\(runsPath(folders))/\(UInt64.random(in: 0 ... .max).hexadecimal)"
        try PrivateFile.createFolder(path)
        guard let lock = try FileLock.attempt("\(path)/lock", .exclusive) else {
            throw FileError(path: "\(path)/lock", action: "lock", number: EWOULDBLOCK)
        }
        let making = WorkingFolderInMaking(path) { try build(at: path, module: module, folders: folders) }
        let result: Result<T, any Error>
        do { result = .success(try await body(making)) } catch { result = .failure(error) }
        await making.end()
        lock.release()
        return try result.get()
    }

    private static func build(at path: String, module: String, folders: UserFolders) throws -> WorkingFolder {
        // A module may be a folder that holds ours, such as a home.
        let own = Set([folders.cache, folders.data, folders.state].compactMap(resolvedPath))
        let references = try LocalModuleReferences(excluded: own).folders(of: module)
        let copied = [module] + references
        let mirror = FolderMirror(root: "\(path)/root", copied: copied, excluded: own)
        try mirror.build()
        let folder = WorkingFolder(
            path: path, module: mirror.path(of: module), configurationFolders: copied.map(mirror.path))
        // The engine would ask whether to move a state that an earlier local backend left into the environment's.
        for name in ["terraform.tfstate", "terraform.tfstate.backup", "terraform.tfstate.d"] {
            try FolderTree.remove("\(folder.module)/\(name)")
        }
        return folder
    }

    /// Whether a folder has configuration that the engine reads by itself. An empty module would destroy all that an
    /// environment has, and the engine could not tell: with our override file the folder is not empty.
    ///
    /// Source: the engines' rules for files: names that editors leave are ignored, overrides do not count.
    static func hasConfiguration(_ module: String, for engine: Engine) throws -> Bool {
        let suffixes = engine.readsTofuFiles ? [".tf", ".tf.json", ".tofu", ".tofu.json"] : [".tf", ".tf.json"]
        return try FolderTree.entries(of: module).contains { name in
            guard let suffix = suffixes.first(where: name.hasSuffix) else { return false }
            let stem = name.dropLast(suffix.count)
            let isIgnored = name.hasPrefix(".") || (name.hasPrefix("#") && name.hasSuffix("#"))
            let isOverride = stem == "override" || stem.hasSuffix("_override")
            return !isIgnored && !isOverride && !PrivateFile.isFolder("\(module)/\(name)")
        }
    }
}
