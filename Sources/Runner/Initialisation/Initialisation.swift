internal import LocalFiles
internal import OrderedJSON
internal import StateStorage

/// The initialisation of one run: the one that an earlier run kept, or a new one, which is kept.
struct Initialisation {
    private let inputs: String
    private let hadLockFile: Bool
    private let folder: WorkingFolder
    private let path: String
    private let secrets: [String]

    /// To be made when the folder of the run is complete: with the override, and the plug-in cache filled.
    ///
    /// - Parameters:
    ///   - cache: the user's folder of what can be made again.
    ///   - secrets: values of this run alone.
    init(
        of environment: EnvironmentID, in folder: WorkingFolder, engine: Engine, cache: String, hadLockFile: Bool,
        secrets: [String]
    ) throws {
        self.folder = folder
        self.hadLockFile = hadLockFile
        self.secrets = secrets
        inputs = try InitialisationInputs(engine: engine, folder: folder).digest()
        // One for each environment and module, so that there are not more of them with every change of a module.
        let place = sha256([Array(folder.module.utf8.dropFirst(folder.path.utf8.count))]).prefix(16)
        path = "\(cache)/initialisations/\(environment)-\(place).json"
    }

    /// Whether the options of `init` are the ones that runs give it, so that one is like another.
    static func canBeKept(_ user: [String: String]) -> Bool {
        ["TF_CLI_ARGS", "TF_CLI_ARGS_init", "TF_REATTACH_PROVIDERS"].allSatisfy { user[$0, default: ""].isEmpty }
    }

    /// Puts the kept one into the folder.
    ///
    /// - Returns: nil where there is none that fits; then `init` has to be run.
    func restore() throws -> KeptInitialisation? {
        guard let bytes = try? PrivateFile.read(path), let json = try? JSON(parsing: bytes),
            let kept = KeptInitialisation(json), kept.inputs == inputs, try kept.restore(in: folder)
        else { return nil }
        KeptFiles.noteUse(of: path)
        return kept
    }

    /// Keeps what `init` left, where another one would leave the same.
    ///
    /// - Returns: what is kept; nil where nothing is.
    @discardableResult
    func keep() throws -> KeptInitialisation? {
        guard
            let kept = try KeptInitialisation(
                in: folder, inputs: inputs, hadLockFile: hadLockFile, secrets: secrets)
        else { return nil }
        try PrivateFile.createFolder(path.parentFolder)
        try PrivateFile.write(kept.json.bytes, to: path)
        // Where there is one more, and after a run of `init`, beside which it does not count.
        KeptFiles.sweep(path.parentFolder)
        return kept
    }

    /// Forgets the kept one, which the engine could do nothing with, and takes it out of the folder.
    func discard() throws {
        try FolderTree.remove(path)
        try KeptInitialisation.remove(from: folder)
    }
}
