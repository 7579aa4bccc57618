internal import CLibrary
public import KubernetesAPI
internal import LocalFiles
public import Logging
internal import OrderedJSON
internal import StateStorage
internal import SystemPackage

/// One execution of an engine for an environment, with its state in a Secret.
public struct Run: Sendable {
    private let request: RunRequest
    private let context: RunContext
    private let folders: UserFolders
    private let engine: Engine
    private let module: String
    private let logger: Logger

    /// Checks all that can be checked without a cluster.
    ///
    /// - Throws: `RunError` when the run could not work: no module, no engine, an environment that the engine refuses.
    public init(_ request: RunRequest, context: RunContext, logger: Logger) throws {
        self.request = request
        self.context = context
        self.logger = logger
        folders = UserFolders(environment: context.environment)
        try EngineEnvironment.checkWorkspace(context.environment)
        try EngineEnvironment.checkOptions(context.environment)
        guard let module = resolvedPath(request.module), PrivateFile.isFolder(module) else {
            throw RunError(.module, "the module \(request.module) is no folder")
        }
        self.module = module
        engine = try Engine.resolve(request.engine, searchPath: context.environment["PATH"] ?? "")
        guard try WorkingFolder.hasConfiguration(module, for: engine) else {
            throw RunError(
                .module,
                "the module \(request.module) has no file that \(engine.path) reads as configuration; applied, it would "
                    + "destroy all that the environment has")
        }
        if request.backend == .kubernetes, request.environment.hasNumericTail, engine.refusesNumericTail {
            throw RunError(
                .numericTail,
                "Terraform's kubernetes backend cannot keep the state of environment \(request.environment): it takes the "
                    + "digits at the end for the number of a part; pass --backend gateway, or --engine tofu")
        }
    }

    /// Runs the engine to its end.
    ///
    /// - Returns: how it ended; an engine that fails is an outcome.
    /// - Throws: `KubernetesError` or `StateStoreError` when the state cannot be reached, read or kept, before an engine is
    ///   started.
    public func execute(client: KubernetesClient) async throws -> RunOutcome {
        let store = StateStore(client: client, namespace: request.namespace, configuration: context.storage)
        let reason = "stowage run \(request.operation.rawValue)"
        let history = try await RunHistory(
            request.environment, store, reason: reason,
            willWrite: request.operation != .plan)
        let folders = folders
        let rescued = try? await offloading { try AbandonedFolders.sweep(folders) }
        for state in rescued ?? [] {
            logger.warning("a killed run's engine left a state that it could not save: \(state)")
        }
        return try await WorkingFolder.with(module, folders: folders) { folder in
            let interruption = context.interruption
            let lock = RelayLock(
                RunLock(store, request.environment),
                timeout: request.lockTimeout.flatMap(EngineDuration.duration) ?? .zero,
                isInterrupted: { interruption.wasRequested })
            let access = AccessRequest(
                store: store, environment: request.environment, history: history, reason: reason, lock: lock,
                logger: logger,
                lost: { [logger] in
                    logger.error("the engine is interrupted: \($0)")
                    interruption.interrupt(SIGINT)
                })
            return try await request.backend.withAccess(access) { access in
                do {
                    var outcome = try await run(in: folder, access)
                    if case .lockHeld = outcome.cause {
                        outcome.holder = try? await store.judgedLock(request.environment)
                    }
                    return outcome
                } catch {
                    // Whatever broke off the run, a state that the engine wrote down must outlive the folder.
                    try rescue(folder)
                    throw error
                }
            }
        }
    }

    private func run(in folder: WorkingFolder, _ access: any StateAccess) async throws -> RunOutcome {
        let cache = pluginCache(of: folder)
        let hasLockFile = FileKind(of: "\(folder.module)/.terraform.lock.hcl") == .file
        let backend = access.backend(in: folder, userVariables: context.environment)
        try await offloading {
            try cache.prepare()
            if let kubeconfig = backend.kubeconfig {
                try PrivateFile.write(kubeconfig.bytes, to: folder.kubeconfigPath)
            }
            try PrivateFile.write(backend.override.bytes, to: "\(folder.module)/\(EngineBackend.overrideName)")
        }
        let environment = EngineEnvironment(
            user: context.environment, pluginCache: cache.own, hasLockFile: hasLockFile, variables: request.variables,
            backend: backend.variables)

        let initialised = try await initialise(in: folder, access, environment)
        try? await offloading { try cache.publish() }
        guard initialised == 0 else { return try await outcome(initialised, access, folder) }
        let status = try await step(
            request.operation.rawValue, operationArguments, .inherited, in: folder, access, environment)
        return try await outcome(status, access, folder)
    }

    private func pluginCache(of folder: WorkingFolder) -> PluginCache {
        PluginCache(shared: "\(folders.cache)/plugins", own: folder.pluginsPath)
    }

    private var lockArguments: [String] { request.lockTimeout.map { ["-lock-timeout=\($0)"] } ?? [] }

    private var operationArguments: [String] {
        ["-input=false"] + lockArguments + (request.operation == .plan ? [] : ["-auto-approve"])
    }

    private func initialise(
        in folder: WorkingFolder, _ access: any StateAccess, _ environment: EngineEnvironment
    ) async throws -> Int32 {
        let arguments = ["-input=false"] + lockArguments
        guard request.isQuiet else {
            return try await step("init", arguments, .inherited, in: folder, access, environment)
        }
        let path = "\(folder.path)/init.log"
        let file = try FileDescriptor.open(
            FilePath(path), .writeOnly, options: [.create, .truncate, .closeOnExec], permissions: [.ownerReadWrite])
        defer { try? file.close() }
        let status = try await step("init", arguments, .file(file), in: folder, access, environment)
        if status != 0 { _ = try FileDescriptor.standardError.writeAll(PrivateFile.read(path)) }
        return status
    }

    private func step(
        _ command: String, _ arguments: [String], _ output: EngineProcess.Output, in folder: WorkingFolder,
        _ access: any StateAccess, _ environment: EngineEnvironment
    ) async throws -> Int32 {
        guard !context.interruption.wasRequested else {
            throw RunError(.interrupted, "interrupted before \(command) was started; nothing was changed by it")
        }
        logger.debug("starting the engine", metadata: ["command": .string(command), "engine": .string(engine.path)])
        access.forgetObservation()
        await access.lock.beginStep()
        let process = EngineProcess(
            engine: engine, arguments: [command] + arguments, environment: environment.variables(for: command),
            workingDirectory: folder.module)
        let environmentName = "\(request.environment)"
        let result: Result<Int32, any Error>
        do {
            result = .success(
                try await process.run(output: output, interruption: context.interruption) { identifier in
                    try EngineNote(
                        processIdentifier: identifier, environment: environmentName,
                        erroredStatePath: folder.erroredStatePath
                    ).write(in: folder.path)
                })
        } catch {
            result = .failure(error)
        }
        await access.lock.endStep()
        return try result.get()
    }

    private func outcome(
        _ status: Int32, _ access: any StateAccess, _ folder: WorkingFolder
    ) async throws -> RunOutcome {
        let rescued = try await offloading { try rescue(folder) }
        return RunOutcome(status: status, observation: access.observation, erroredState: rescued)
    }

    @discardableResult
    private func rescue(_ folder: WorkingFolder) throws(UnrescuedStateError) -> String? {
        do {
            return try ErroredState.rescue(
                folder.erroredStatePath, environment: "\(request.environment)", folders: folders)
        } catch {
            throw UnrescuedStateError(path: folder.erroredStatePath, reason: error)
        }
    }
}
