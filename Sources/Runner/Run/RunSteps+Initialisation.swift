internal import LocalFiles
internal import SystemPackage

/// `init`, which is left out where an earlier run kept what it would leave.
extension RunSteps {
    /// nil where this run's `init` may be unlike another's, or the module cannot be read.
    func initialisation(_ environment: EngineEnvironment) async -> Initialisation? {
        guard Initialisation.canBeKept(context.environment) else { return nil }
        let (folder, engine, folders) = (folder, engine, folders)
        let (name, secrets) = (request.environment, Array(environment.backend.values))
        return try? await offloading {
            try Initialisation(
                of: name, in: folder, engine: engine, cache: folders.cache,
                hadLockFile: FileKind(of: folder.lockFilePath) == .file, secrets: secrets)
        }
    }

    /// - Returns: what makes `init` needless; nil where it has to be run.
    func restore(_ initialisation: Initialisation?) async -> KeptInitialisation? {
        guard let initialisation else { return nil }
        do {
            return try await offloading { try initialisation.restore() }
        } catch {
            await discard(initialisation)
            return nil
        }
    }

    func discard(_ initialisation: Initialisation?) async {
        try? await offloading { try initialisation?.discard() }
    }

    /// Runs `init`, and keeps what it leaves for the next run.
    ///
    /// - Returns: the engine's exit status, and what is kept.
    func initialise(
        _ environment: EngineEnvironment, _ version: EngineVersion?, keepingIt initialisation: Initialisation?
    ) async throws -> (status: Int32, kept: KeptInitialisation?) {
        context.report?(.phase(.initialise))
        let status = try await runInit(environment, version)
        let cache = cache
        // A run that cannot keep something for the next one has not failed.
        try? await offloading { try cache.publish() }
        guard status == 0 else { return (status, nil) }
        return (status, (try? await offloading { try initialisation?.keep() }) ?? nil)
    }

    private func runInit(_ environment: EngineEnvironment, _ version: EngineVersion?) async throws -> Int32 {
        let isJSON = context.report != nil && version?.initialisesInJSON == true
        let arguments = arguments.initialise(isJSON: isJSON)
        guard request.isQuiet, context.report == nil else {
            return try await watched({ _ in }) { try await step(arguments, as: "init", $0, environment) }
        }
        let path = "\(folder.path)/init.log"
        let file = try FileDescriptor.open(
            FilePath(path), .writeOnly, options: [.create, .truncate, .closeOnExec], permissions: [.ownerReadWrite])
        defer { try? file.close() }
        let status = try await step(arguments, as: "init", .file(file), environment)
        if status != 0 { _ = try FileDescriptor.standardError.writeAll(PrivateFile.read(path)) }
        return status
    }
}
