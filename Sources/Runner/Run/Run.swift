internal import CLibrary
public import KubernetesAPI
internal import LocalFiles
public import Logging
internal import StateStorage
internal import TerraformState

/// One execution of an engine for an environment, with its state in a Secret.
public struct Run: Sendable {
    private var request: RunRequest
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
        try request.options.check()
        try Self.checkPlan(request, context)
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

    private static func checkPlan(_ request: RunRequest, _ context: RunContext) throws(RunError) {
        try request.savedPlan?.check(environment: request.environment, namespace: request.namespace)
        guard request.savedPlan != nil || request.planFile != nil else { return }
        guard request.backend != .kubernetes || context.environment["KUBE_HOST"] == nil else {
            throw RunError(
                .plan,
                "with KUBE_HOST in the environment the engine's kubernetes backend can neither save nor apply a plan, "
                    + "because it would take that for the state's cluster; plan with --backend gateway, or unset it")
        }
        guard let file = request.planFile else { return }
        let folder = file.lastIndex(of: "/").map { String(file[..<$0]) } ?? ""
        guard PrivateFile.isFolder(folder.isEmpty ? "/" : folder), !PrivateFile.isFolder(file) else {
            throw RunError(
                .plan, "--out \(file) is no file that can be written: it is a folder, or in none that exists")
        }
    }

    /// Runs the engine to its end.
    ///
    /// - Returns: how it ended; an engine that fails is an outcome.
    /// - Throws: `KubernetesError` or `StateStoreError` when the state cannot be reached, read or kept, before an engine is
    ///   started.
    public func execute(client: KubernetesClient) async throws -> RunOutcome {
        let start = ContinuousClock.now
        context.report?(.phase(.state))
        let store = StateStore(client: client, namespace: request.namespace, configuration: context.storage)
        let lock = RunLock(store, request.environment)
        let folders = folders
        let obstacle: @Sendable (HeldLock) async -> String? = { lock in
            let engine = try? await offloading { try AbandonedFolders.engine(of: lock.environment, folders) }
            return engine.map { "the engine of the run that left it, process \($0), is still at work" }
        }
        return try await WorkingFolder.with(module, folders: folders) { folder in
            try await lock.withTurn(of: request, context, obstacle: obstacle) { waited in
                let limit = RunTimeLimit(limit: request.timeout, gracePeriod: context.gracePeriod)
                var run = self
                // For locks that others take who are not in the queue.
                run.request.wait = max(request.wait - waited, .zero)
                var outcome = try await limit.with(
                    context.interruption, atLimit: { context.notify(.timeOver(limit: $0)) }
                ) { [run] in try await run.execute(store, lock, in: folder) }
                outcome.takeLimit(context.interruption.exceededLimit)
                outcome.waited = waited
                outcome.duration = ContinuousClock.now - start
                return outcome
            }
        }
    }

    private func execute(
        _ store: StateStore, _ runLock: RunLock, in folder: WorkingFolderInMaking
    ) async throws -> RunOutcome {
        let aftermath = RunAftermath(
            request: request, context: context, folders: folders, store: store, lock: runLock)
        await aftermath.saveAbandoned()
        let history = try await RunHistory(
            request.environment, store, reason: aftermath.reason, willWrite: request.operation != .plan)
        try request.savedPlan?.check(state: history.before)
        context.report?(.phase(.folder))
        var outcome = try await folder.use { folder in
            try await execute(in: folder, store, runLock, history, aftermath)
        }
        if case .lockHeld = outcome.cause { outcome.holder = try? await store.judgedLock(request.environment) }
        await aftermath.settle(&outcome, history)
        await outcome.takeState(of: request, store, history)
        return outcome
    }

    private func execute(
        in folder: WorkingFolder, _ store: StateStore, _ runLock: RunLock, _ history: RunHistory,
        _ aftermath: RunAftermath
    ) async throws -> RunOutcome {
        let (interruption, logger) = (context.interruption, logger)
        let lock = RelayLock(runLock, timeout: request.wait, isInterrupted: { interruption.wasRequested })
        let access = AccessRequest(
            store: store, environment: request.environment, history: history, reason: aftermath.reason, lock: lock,
            logger: logger,
            lost: {
                logger.error("the engine is interrupted: \($0)")
                interruption.interrupt(SIGINT)
            })
        return try await request.backend.withAccess(access) { access in
            let steps = RunSteps(
                request: request, context: context, engine: engine, folder: folder, folders: folders, access: access,
                history: history, place: store.place, logger: logger)
            do {
                return try await steps.perform()
            } catch {
                // Whatever broke off the run, a state that the engine wrote down must outlive the folder.
                if let path = try steps.rescue() { await aftermath.save(path) }
                throw error
            }
        }
    }
}

extension RunOutcome {
    /// What the state was and is. A run that succeeded has succeeded, also where the state cannot be read afterwards.
    fileprivate mutating func takeState(of request: RunRequest, _ store: StateStore, _ history: RunHistory) async {
        before = history.before
        let hasWritten = await history.hasWritten
        let mayDiffer = request.operation != .plan && cause == .succeeded || hasWritten
        guard mayDiffer, let state = try? await store.pull(request.environment) else {
            after = hasWritten ? nil : before
            return
        }
        after = StateMark(state.file)
        if cause == .succeeded, request.operation != .plan { outputs = (try? state.file.outputs()) ?? [] }
    }
}
