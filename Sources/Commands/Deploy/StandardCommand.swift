internal import ArgumentParser
internal import CLibrary
internal import KubernetesAPI
internal import LocalFiles
internal import Runner
internal import StateStorage

/// `stowage standard`: what the container of a deployment runs. Not for people.
struct StandardCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "standard",
        abstract: "Carry out the deployment that this pod was made for.",
        shouldDisplay: false)

    func run() async throws {
        let variables = processEnvironment()
        let level = variables["LOG_LEVEL"].flatMap { LogLevel(rawValue: $0.lowercased()) } ?? .info
        let logger = level.logger("stowage.deployment")
        let work = try await offloading { try DeploymentWork(variables) }
        let writer = "stowage@\(variables["HOSTNAME"] ?? hostName())"
        let storage = StateStoreConfiguration(writer: writer, programVersion: StowageCommand.version)
        let interruption = Interruption()
        let (signals, arrived) = AsyncStream.makeStream(of: Void.self)
        let status = try await withSignals(handle: { _ in
            interruption.interrupt(SIGINT)
            arrived.yield()
        }) {
            try await withKubernetesClient(
                try ClusterConnection.inCluster(environment: variables), logger: logger
            ) { client in
                // One wish to end is all that a cluster sends before it kills; what it leaves of the time is ours.
                async let insistence: Void = insist(on: signals, interruption)
                defer { arrived.finish() }
                let status = try await work.execute(
                    client: client, storage: storage, interruption: interruption, logger: logger,
                    judging: Self.judge, say: { printMessage($0) })
                arrived.finish()
                await insistence
                return status
            }
        }
        if status != 0 { throw ExitCode(status) }
    }

    private static let judge: DeploymentWork.Judgement = { request, result in
        do {
            try RunReport(request: request, outcome: try result.get()).finish()
            return (0, nil)
        } catch {
            return (ExitStatus(error).rawValue, "\(error)")
        }
    }
}

/// Has an engine killed that does not end in the time after it was asked to.
private func insist(on signals: AsyncStream<Void>, _ interruption: Interruption) async {
    await withTaskGroup(of: Void.self) { group in
        for await _ in signals {
            group.addTask {
                guard (try? await Task.sleep(for: DeploymentWork.engineGracePeriod)) != nil else { return }
                interruption.interrupt(SIGINT)
            }
        }
        group.cancelAll()
    }
}
