internal import KubernetesAPI
internal import LocalFiles
internal import Logging
internal import OrderedJSON
internal import StateStorage
internal import Synchronization
internal import SystemPackage

/// What an engine does in the folder of a run, one step after the other.
struct RunSteps: Sendable {
    let request: RunRequest
    let context: RunContext
    let engine: Engine
    let folder: WorkingFolder
    let folders: UserFolders
    let access: any StateAccess
    let logger: Logger

    private var arguments: EngineArguments { EngineArguments(request: request, hasColours: context.hasColours) }
    private var cache: PluginCache { PluginCache(shared: "\(folders.cache)/plugins", own: folder.pluginsPath) }

    /// - Returns: how the last step ended that was begun.
    func perform() async throws -> RunOutcome {
        let environment = try await prepare()
        let initialised = try await initialise(environment)
        try? await offloading { try cache.publish() }
        guard initialised == 0 else { return try await outcome(initialised) }

        let summary = Mutex(EngineSummary())
        let status = try await WatchedOutput.with(line: { line in summary.withLock { $0.read(line) } }) { output in
            try await step(arguments.operation, as: arguments.command, output, environment)
        }
        var outcome = try await outcome(status)
        outcome.counts = summary.withLock { $0 }
            .counts(of: request.operation, succeeded: outcome.cause == .succeeded)
        return outcome
    }

    private func prepare() async throws -> EngineEnvironment {
        let hasLockFile = FileKind(of: "\(folder.module)/.terraform.lock.hcl") == .file
        let backend = access.backend(in: folder, userVariables: context.environment)
        try await offloading {
            try cache.prepare()
            if let kubeconfig = backend.kubeconfig {
                try PrivateFile.write(kubeconfig.bytes, to: folder.kubeconfigPath)
            }
            try PrivateFile.write(backend.override.bytes, to: "\(folder.module)/\(EngineBackend.overrideName)")
        }
        return EngineEnvironment(
            user: context.environment, pluginCache: cache.own, hasLockFile: hasLockFile, variables: request.variables,
            backend: backend.variables)
    }

    private func initialise(_ environment: EngineEnvironment) async throws -> Int32 {
        guard request.isQuiet else { return try await step(arguments.initialise, as: "init", .inherited, environment) }
        let path = "\(folder.path)/init.log"
        let file = try FileDescriptor.open(
            FilePath(path), .writeOnly, options: [.create, .truncate, .closeOnExec], permissions: [.ownerReadWrite])
        defer { try? file.close() }
        let status = try await step(arguments.initialise, as: "init", .file(file), environment)
        if status != 0 { _ = try FileDescriptor.standardError.writeAll(PrivateFile.read(path)) }
        return status
    }

    /// - Parameter command: the engine's, by which variables are given to it.
    private func step(
        _ arguments: [String], as command: String, _ output: EngineProcess.Output, _ environment: EngineEnvironment
    ) async throws -> Int32 {
        guard !context.interruption.wasRequested else {
            throw RunError(.interrupted, "interrupted before \(command) was started; nothing was changed by it")
        }
        logger.debug("starting the engine", metadata: ["command": .string(command), "engine": .string(engine.path)])
        access.forgetObservation()
        await access.lock.beginStep()
        let process = EngineProcess(
            engine: engine, arguments: arguments, environment: environment.variables(for: command),
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

    private func outcome(_ status: Int32) async throws -> RunOutcome {
        let rescued = try await offloading { try rescue() }
        return RunOutcome(
            status: status, isDetailed: request.detailsExitStatus, observation: access.observation,
            erroredState: rescued)
    }

    /// Puts a state that the engine could not save where it outlives the folder.
    @discardableResult
    func rescue() throws(UnrescuedStateError) -> String? {
        do {
            return try ErroredState.rescue(
                folder.erroredStatePath, environment: "\(request.environment)", folders: folders)
        } catch {
            throw UnrescuedStateError(path: folder.erroredStatePath, reason: error)
        }
    }
}
