internal import LocalFiles
internal import StateStorage
internal import TerraformState

/// What is seen to around the engine's work, so that neither a state nor what happened to it is lost.
struct RunAftermath: Sendable {
    let request: RunRequest
    let context: RunContext
    let folders: UserFolders
    let store: StateStore
    let lock: RunLock

    /// For the history.
    var reason: String { "stowage run \(request.operation.rawValue)" }
    private var rescue: StateRescue {
        var rescue = StateRescue(
            store: store, environment: request.environment, reason: reason, clusterOptions: context.clusterOptions)
        rescue.prepare = { [lock] in try await lock.giveBackLeft() }
        rescue.pod = context.deployment.map { ($0, RescuePatience(interruption: context.interruption)) }
        rescue.insists = { [context, request] in context.notify(.insisting(request.environment, reason: $0)) }
        return rescue
    }

    /// Before the engine starts: saves the states that the engines of killed runs left on this machine. One of another
    /// environment or place stays in its file.
    func saveAbandoned() async {
        let folders = folders
        for found in (try? await offloading { try AbandonedFolders.sweep(folders) }) ?? [] {
            guard let environment = try? EnvironmentID(found.environment) else { continue }
            if environment == request.environment, found.place == store.place {
                context.notify(.rescued(await rescue.save(found.path, waiting: false)))
            } else {
                let state = KeptState(
                    environment: environment, namespace: found.place?.namespace, path: found.path,
                    reason: "its run was killed", clusterOptions: [], isInPod: context.deployment != nil)
                context.notify(.rescued(.kept(state)))
            }
        }
    }

    /// Saves what the engine of a run that broke off could not save.
    func save(_ path: String) async { context.notify(.rescued(await rescue.save(path, waiting: false))) }

    /// After the engine: saves what it could not save, and keeps what it wrote.
    func settle(_ outcome: inout RunOutcome, _ history: RunHistory) async {
        if let path = outcome.erroredState {
            let rescued = await rescue.save(path, waiting: !outcome.hasLostLock)
            outcome.rescued = rescued
            if case .saved = rescued { await history.didWrite(nil) }
        }
        guard request.operation != .plan else { return }
        do {
            guard let (before, after) = try await history.keepWritten() else { return }
            if let before, !isDestroy, let count = before.counts?.resources, count > 0, after.counts?.resources == 0 {
                let command = StowageCommandLine(
                    ["state", "rollback", "\(request.environment)", "\(before.number)"],
                    namespace: request.namespace, context.clusterOptions)
                context.notify(.emptied(request.environment, resources: count, rollback: command.description))
            }
        } catch {
            context.notify(.notKept(request.environment, "\(error)"))
        }
    }

    private var isDestroy: Bool { request.operation == .destroy || request.savedPlan?.destroys == true }
}
