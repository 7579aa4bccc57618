internal import LocalFiles
internal import OrderedJSON

/// What `init` left in a module's folder, kept for the next run of the same module with the same engine and state.
///
/// Then `init` need not be run: it would start the engine once more to find the same again. Only what the module itself pins is kept:
/// local modules, and providers that a lock file of the module names. Where `init` could choose, it is asked each time.
struct KeptInitialisation: Equatable {
    /// What it was left for; see ``InitialisationInputs/digest()``.
    let inputs: String
    /// The engine's note of the backend, which has no secret.
    let backend: String
    /// The engine's list of modules; nil where it made none.
    let modules: String?
    /// Provider packages, as paths in the plug-in cache.
    let packages: [String]

    private static let folderName = ".terraform"
    private static let (backendName, modulesName, providersName) = ("terraform.tfstate", "modules", "providers")
    private static let names = [backendName, modulesName, providersName]
    private static let modulesPath = "\(modulesName)/modules.json"

    /// Reads what `init` left.
    ///
    /// - Parameters:
    ///   - inputs: of before `init`.
    ///   - secrets: values that must not be kept.
    /// - Returns: nil for what another `init` might not leave again.
    init?(in folder: WorkingFolder, inputs: String, hadLockFile: Bool, secrets: some Collection<String>) throws {
        let path = "\(folder.module)/\(Self.folderName)"
        let names = Set(try FolderTree.entries(of: path))
        let kubeconfig = WorkingFolder.kubeconfigPath.dropFirst(Self.folderName.utf8.count + 1)
        guard names.isSubset(of: Self.names + [String(kubeconfig)]), names.contains(Self.backendName)
        else { return nil }
        self.inputs = inputs
        backend = String(decoding: try PrivateFile.read("\(path)/\(Self.backendName)"), as: UTF8.self)
        let backend = backend
        guard !secrets.contains(where: { backend.contains($0) }) else { return nil }
        if names.contains(Self.modulesName) {
            guard try FolderTree.entries(of: "\(path)/\(Self.modulesName)") == ["modules.json"] else { return nil }
            let bytes = try PrivateFile.read("\(path)/\(Self.modulesPath)")
            guard Self.areLocal(try JSON(parsing: bytes)) else { return nil }
            modules = String(decoding: bytes, as: UTF8.self)
        } else {
            modules = nil
        }
        packages =
            names.contains(Self.providersName)
            ? try PluginCache.packages(below: "\(path)/\(Self.providersName)") : []
        let areCached = packages.allSatisfy {
            FileKind(of: "\(path)/\(Self.providersName)/\($0)") == .link(target: "\(folder.pluginsPath)/\($0)")
        }
        guard packages.isEmpty || hadLockFile, areCached else { return nil }
    }

    /// Whether every module lies in the file system, so that no other version of it can be found.
    private static func areLocal(_ list: JSON) -> Bool {
        (list["Modules"]?.array ?? []).allSatisfy { module in
            guard let source = module["Source"]?.string else { return false }
            return source.isEmpty || source.hasPrefix("./") || source.hasPrefix("../")
        }
    }

    /// Puts it into the folder of a run, whose plug-in cache is filled.
    ///
    /// - Returns: false where a package is not in the cache any more; then nothing was done.
    func restore(in folder: WorkingFolder) throws -> Bool {
        guard packages.allSatisfy({ PrivateFile.isFolder("\(folder.pluginsPath)/\($0)") }) else { return false }
        let path = "\(folder.module)/\(Self.folderName)"
        try PrivateFile.createFolder(path)
        try PrivateFile.write(backend, to: "\(path)/\(Self.backendName)", isLasting: false)
        if let modules {
            try PrivateFile.createFolder("\(path)/\(Self.modulesName)")
            try PrivateFile.write(modules, to: "\(path)/\(Self.modulesPath)", isLasting: false)
        }
        for package in packages {
            try PluginCache.link("\(folder.pluginsPath)/\(package)", at: "\(path)/\(Self.providersName)/\(package)")
        }
        return true
    }

    /// Takes what was put there out again.
    static func remove(from folder: WorkingFolder) throws {
        for name in names { try FolderTree.remove("\(folder.module)/\(folderName)/\(name)") }
    }
}

extension KeptInitialisation {
    /// - Parameter json: nil is returned for what was not written here.
    init?(_ json: JSON) {
        guard let inputs = json["inputs"]?.string, let backend = json["backend"]?.string,
            let packages = json["packages"]?.array
        else { return nil }
        self.inputs = inputs
        self.backend = backend
        self.packages = packages.compactMap(\.string)
        modules = json["modules"]?.string
    }

    var json: JSON {
        [
            "inputs": .string(inputs), "backend": .string(backend), "modules": modules.map(JSON.string) ?? .null,
            "packages": .array(packages.map(JSON.string)),
        ]
    }
}
