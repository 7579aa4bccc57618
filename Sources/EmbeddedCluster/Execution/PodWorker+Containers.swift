internal import KubernetesAPI
internal import LocalFiles
internal import OrderedJSON

extension PodWorker {
    enum Place: Sendable {
        case initial(Int)
        case main(Int)
    }

    private subscript(place: Place) -> ContainerRecord {
        get {
            switch place {
            case .initial(let index): initContainers[index]
            case .main(let index): containers[index]
            }
        }
        set {
            switch place {
            case .initial(let index): initContainers[index] = newValue
            case .main(let index): containers[index] = newValue
            }
        }
    }

    private func specification(_ place: Place) -> JSON {
        switch place {
        case .initial(let index): spec.elements("initContainers")[index]
        case .main(let index): spec.elements("containers")[index]
        }
    }

    /// Runs a container until it has ended for good.
    ///
    /// - Returns: whether it ended well.
    func runContainer(_ place: Place) async -> Bool {
        var backoff = CrashBackoff()
        // A server that comes after another goes on where that was.
        if case .ended(let ended) = self[place].state {
            if ended.exitCode == 0, !startsAgain(after: ended, place) { return true }
            guard startsAgain(after: ended, place) else { return false }
            prepareRestart(place, after: ended)
        }
        while !termination.isRequested, !Task.isCancelled {
            let retry = node.clock.now() + Self.retryDelay
            guard let ended = await runOnce(place) else {
                await termination.wait(until: retry, node.clock)
                continue
            }
            guard !termination.isRequested, startsAgain(after: ended, place) else { return ended.exitCode == 0 }
            let delay = backoff.delay(afterRunning: ended.duration)
            let (name, next) = (self[place].name, (ended.finishedAt ?? node.clock.now()) + delay)
            if delay > .zero {
                let pod = "\(key.name)_\(key.namespace)(\(uid))"
                self[place].last = ended
                self[place].state = .waiting(
                    reason: "CrashLoopBackOff",
                    message: "back-off \(delay.components.seconds)s restarting failed container=\(name) pod=\(pod)")
                await publish()
                await event(
                    .warning, container: name, reason: "BackOff",
                    "Back-off restarting failed container \(name) in pod \(pod)")
                await termination.wait(until: next, node.clock)
                guard !termination.isRequested else { break }
            }
            prepareRestart(place, after: ended)
        }
        // The last run is how it ended; one that never ran did not.
        if case .waiting = self[place].state, let last = self[place].last { self[place].state = .ended(last) }
        return false
    }

    private func prepareRestart(_ place: Place, after ended: ContainerRecord.Ended) {
        self[place].last = ended
        self[place].restarts += 1
        self[place].state = .waiting(reason: "ContainerCreating", message: nil)
    }

    private func startsAgain(after ended: ContainerRecord.Ended, _ place: Place) -> Bool {
        switch (restartPolicy, place) {
        case ("Never", _): false
        case ("Always", .main): true
        default: ended.exitCode != 0
        }
    }

    /// - Returns: nil when the container could not be configured, which may come right.
    private func runOnce(_ place: Place) async -> ContainerRecord.Ended? {
        let (container, name, instance) = (specification(place), self[place].name, self[place].restarts)
        do {
            let command = try await command(container)
            let log = try node.logs.begin(folder, name, instance: instance)
            let ended = await run(command, log, place)
            node.logs.end(folder, name, instance: instance, at: node.clock.now())
            self[place].state = .ended(ended)
            await publish()
            return ended
        } catch {
            let message = (error as? ConfigurationFailure)?.message ?? "\(error)"
            self[place].state = .waiting(reason: "CreateContainerConfigError", message: message)
            await publish()
            await event(.warning, container: name, reason: "Failed", "Error: \(message)")
            return nil
        }
    }

    private func run(
        _ command: ContainerCommand, _ log: ContainerLog, _ place: Place
    ) async -> ContainerRecord.Ended {
        let name = self[place].name
        await event(.normal, container: name, reason: "Created", "Created container: \(name)")
        let process = ContainerProcess(command: command, log: log, termination: termination, clock: node.clock)
        let beginning = node.clock.now()
        do {
            let exit = try await process.run { identifier in await self.hasStarted(place, identifier) }
            return ContainerRecord.Ended(exit, startedAt: beginning, finishedAt: node.clock.now())
        } catch {
            let failure = error as? StartFailure ?? StartFailure(message: "\(error)")
            await event(.warning, container: name, reason: "Failed", "Error: \(failure.message)")
            return ContainerRecord.Ended(
                exitCode: failure.exitCode, reason: "StartError", message: failure.message, startedAt: nil,
                finishedAt: node.clock.now())
        }
    }

    private func hasStarted(_ place: Place, _ identifier: Int32) async {
        let (name, folder) = (self[place].name, folder)
        self[place].state = .running(since: node.clock.now())
        _ = try? await offloading { try LeftoverProcesses.note(identifier, name, in: folder) }
        await publish()
        await event(.normal, container: name, reason: "Started", "Started container \(name)")
    }

    /// - Throws: `ConfigurationFailure`.
    private func command(_ container: JSON) async throws -> ContainerCommand {
        let volumes = volumes(token: nil)
        let hasCredentials = (try? PrivateFile.read("\(folder.credentials)/token")) != nil
        var base = node.variables(pod, folder, hasCredentials: hasCredentials)
        for (name, path) in volumes.paths { base[PodVolumes.variable(name)] = path }
        // Nothing is mounted: a variable that names a place in a volume names it where it is.
        let variables = try await ContainerEnvironment(pod: pod, container: container, sources: volumes.sources)
            .variables(over: base).mapValues { volumes.path($0, in: container) }
        func words(_ list: String) -> [String] {
            container.elements(list).compactMap(\.string).map { VariableExpansion.expand($0, variables) }
        }
        let command = words("command")
        let directory = container["workingDir"]?.string.map { volumes.path($0, in: container) } ?? folder.home
        // What an image would run is not known.
        return ContainerCommand(
            name: command.first ?? "", arguments: command.dropFirst() + words("args"), environment: variables,
            workingDirectory: directory)
    }
}

extension ContainerRecord.Ended {
    fileprivate var duration: Duration {
        guard let startedAt, let finishedAt else { return .zero }
        return .microseconds(finishedAt.microseconds - startedAt.microseconds)
    }
}
