internal import LocalFiles

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// The private folder of one run: a mirror of the user's module, and what the run needs beside it.
///
/// ```
/// runs/<id>/lock         held while the run lives
/// runs/<id>/kubeconfig   where the engine finds the relay
/// runs/<id>/plugins      this run's view of the plug-in cache
/// runs/<id>/root/…       the mirror; the engine works in root/<path of the module>
/// ```
struct WorkingFolder: Sendable {
    /// What an engine leaves in a module's folder for itself; a run starts without it.
    static let leftOut: Set<String> = [".terraform", ".terraform.tfstate.lock.info", "errored.tfstate"]

    static let configurationSuffixes = [".tf", ".tf.json", ".tofu", ".tofu.json"]

    let path: String
    /// The copy of the module, in which the engine runs.
    let module: String

    var kubeconfigPath: String { "\(path)/kubeconfig" }
    var pluginsPath: String { "\(path)/plugins" }
    /// Where an engine puts a state that it could not save.
    var erroredStatePath: String { "\(module)/errored.tfstate" }

    static func runsPath(_ folders: UserFolders) -> String { "\(folders.cache)/runs" }

    /// Makes the folder, gives it to the body, and removes it whatever happens.
    ///
    /// - Parameter module: the absolute, resolved path of the user's module.
    static func with<T: Sendable>(
        _ module: String, folders: UserFolders, _ body: (WorkingFolder) async throws -> T
    ) async throws -> T {
        let path = "\(runsPath(folders))/\(UInt64.random(in: 0 ... .max).hexadecimal)"
        try PrivateFile.createFolder(path)
        guard let lock = try FileLock.attempt("\(path)/lock", .exclusive) else {
            throw FileError(path: "\(path)/lock", action: "lock", number: EWOULDBLOCK)
        }
        do {
            let folder = try await offloading { try build(at: path, module: module) }
            let result = try await body(folder)
            try await offloading { try FolderTree.remove(path) }
            lock.release()
            return result
        } catch {
            try? await offloading { try FolderTree.remove(path) }
            lock.release()
            throw error
        }
    }

    private static func build(at path: String, module: String) throws -> WorkingFolder {
        let references = try LocalModuleReferences.folders(of: module)
        let mirror = FolderMirror(root: "\(path)/root", copied: [module] + references)
        try mirror.build()
        return WorkingFolder(path: path, module: mirror.path(of: module))
    }

    /// Whether a folder has configuration of an engine. An empty module would destroy all that an environment has.
    static func hasConfiguration(_ module: String) throws -> Bool {
        try FolderTree.entries(of: module).contains { name in configurationSuffixes.contains(where: name.hasSuffix) }
    }
}

extension UInt64 {
    /// Sixteen lower-case hexadecimal digits.
    var hexadecimal: String {
        let digits = String(self, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
