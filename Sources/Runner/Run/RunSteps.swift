internal import KubernetesAPI
internal import LocalFiles
internal import Logging
internal import OrderedJSON
internal import StateStorage
internal import Synchronization

/// What an engine does in the folder of a run, one step after the other.
struct RunSteps: Sendable {
    let request: RunRequest
    let context: RunContext
    let engine: Engine
    let folder: WorkingFolder
    let folders: UserFolders
    let access: any StateAccess
    let history: RunHistory
    /// Where the state is.
    let place: StatePlace
    let logger: Logger

    var cache: PluginCache { PluginCache(shared: "\(folders.cache)/plugins", own: folder.pluginsPath) }
    var arguments: EngineArguments {
        let hasPlan = request.planFile != nil || request.savedPlan != nil
        return EngineArguments(
            request: request, hasColours: context.hasColours, isJSON: context.report != nil,
            planPath: hasPlan ? folder.planPath : nil)
    }

    /// - Returns: how the last step ended that was begun.
    func perform() async throws -> RunOutcome {
        let environment = try await prepare()
        let version = try await version(environment)
        let initialisation = await initialisation(environment)
        let restored = await restore(initialisation)
        if restored == nil {
            let made = try await initialise(environment, version, keepingIt: initialisation)
            guard made.status == 0 else { return try await outcome(made.status) }
        }

        context.report?(.phase(.engine))
        let summary = Mutex(EngineSummary())
        @Sendable func operate() async throws -> Int32 {
            try await watched({ line in summary.withLock { $0.read(line) } }) { output in
                try await step(arguments.operation, as: arguments.command, output, environment)
            }
        }
        var status = try await operate()
        if let restored, status != 0, !access.observation.isUsed, !context.interruption.wasRequested {
            // What was kept fits by all that decides it; where the engine got nowhere with it, it is not believed.
            logger.warning("the engine did not come to the state with what an earlier init left; init is run again")
            await discard(initialisation)
            let made = try await initialise(environment, version, keepingIt: initialisation)
            guard made.status == 0 else { return try await outcome(made.status) }
            // Where it left the same, it was not the reason, and the engine has said what is.
            if made.kept != restored { status = try await operate() }
        }
        var outcome = try await outcome(status)
        outcome.counts = summary.withLock { $0 }
            .counts(of: request.operation, succeeded: outcome.cause == .succeeded)
        if outcome.cause == .succeeded, let version, let file = request.planFile { try await savePlan(version, file) }
        return outcome
    }

    /// Of the engine, where something depends on it: what its options are, or whether it made the plan.
    private func version(_ environment: EngineEnvironment) async throws -> EngineVersion? {
        guard request.planFile != nil || request.savedPlan != nil || context.report != nil else { return nil }
        let version = try await engine.version(environment: environment, in: folder.path)
        try request.savedPlan?.check(engine: version)
        return version
    }

    private func savePlan(_ version: EngineVersion, _ file: String) async throws {
        // What was planned from is what is there, unless somebody wrote it in this moment: then the engine refuses the plan.
        let state = try await history.current()
        let facts = SavedPlan.Facts(
            environment: request.environment, namespace: request.namespace, backend: request.backend,
            engine: version, state: state, destroys: request.options.destroys)
        let folder = folder
        try await offloading {
            let hasLockFile = FileKind(of: folder.lockFilePath) == .file
            try SavedPlan(
                facts: facts, plan: try PrivateFile.read(folder.planPath),
                lockFile: hasLockFile ? try PrivateFile.read(folder.lockFilePath) : nil
            ).write(to: file)
        }
    }

    /// Reads along what the engine prints in a step, which people see as it is and programs as events.
    func watched(
        _ read: @Sendable @escaping (EngineLine) -> Void, _ body: (EngineProcess.Output) async throws -> Int32
    ) async throws -> Int32 {
        let report = context.report
        return try await WatchedOutput.with(
            passingOn: report == nil,
            line: { bytes in
                let line = EngineLine(bytes, mayBeJSON: report != nil)
                read(line)
                if let report { line.report(to: report) }
            }, body)
    }

    private func prepare() async throws -> EngineEnvironment {
        let hasLockFile = FileKind(of: folder.lockFilePath) == .file
        let backend = access.backend(userVariables: context.environment)
        try await offloading {
            try cache.prepare()
            if let kubeconfig = backend.kubeconfig {
                try PrivateFile.createFolder("\(folder.module)/.terraform")
                try PrivateFile.write(
                    kubeconfig.bytes, to: "\(folder.module)/\(WorkingFolder.kubeconfigPath)", isLasting: false)
            }
            try PrivateFile.write(
                backend.override.bytes, to: "\(folder.module)/\(EngineBackend.overrideName)", isLasting: false)
            guard let plan = request.savedPlan else { return }
            try PrivateFile.write(plan.plan, to: folder.planPath, isLasting: false)
            if let lockFile = plan.lockFile {
                try PrivateFile.write(lockFile, to: folder.lockFilePath, isLasting: false)
            }
        }
        return EngineEnvironment(
            user: context.environment, pluginCache: cache.own, hasLockFile: hasLockFile, variables: request.variables,
            backend: backend.variables)
    }

    /// - Parameter command: the engine's, by which variables are given to it.
    func step(
        _ arguments: [String], as command: String, _ output: EngineProcess.Output, _ environment: EngineEnvironment
    ) async throws -> Int32 {
        if let limit = context.interruption.exceededLimit {
            throw RunError(
                .timeLimit,
                "the time limit of \(limit.components.seconds) s was over before \(command) was started; nothing was changed by "
                    + "it")
        }
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
                        erroredStatePath: folder.erroredStatePath, place: place
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
