internal import CLibrary
internal import GuardedHTTP
internal import LocalFiles
internal import Logging
internal import NIOCore
internal import ServiceLifecycle

/// One run of a cluster whose folder is locked and whose store is open.
struct ClusterRun: Sendable {
    let configuration: EmbeddedClusterConfiguration
    let store: Store
    let onReady: @Sendable (EmbeddedClusterEndpoint) async throws -> Void

    private static let portSetting = "port"

    func run() async throws {
        try await store.seed()
        let certificates = try ClusterCertificates.load(configuration.folder, now: store.clock.now())
        let logs = ContainerLogs(configuration.folder)
        let api = ClusterAPI(
            store: store, certificateAuthority: certificates.authority, logs: logs, logger: configuration.logger)
        try await api.controllers.reconcile()
        if let port = configuration.port {
            guard try await serve(api, logs, certificates, port: port) else {
                throw EmbeddedClusterError.portInUse(port, configuration.folder)
            }
            return
        }
        let last = try await store.setting(Self.portSetting).flatMap { Int($0) }
        if let last, try await serve(api, logs, certificates, port: last) { return }
        guard try await serve(api, logs, certificates, port: 0) else {
            throw EmbeddedClusterError.portInUse(0, configuration.folder)
        }
    }

    /// - Returns: false, at once, when the port is taken.
    private func serve(
        _ api: ClusterAPI, _ logs: ContainerLogs, _ certificates: ClusterCertificates, port: Int
    ) async throws -> Bool {
        let (ports, listening) = AsyncStream.makeStream(of: Int.self)
        let (servers, serving) = AsyncStream.makeStream(of: String.self)
        let application = try clusterApplication(
            api, certificates: certificates, port: port, limits: connectionLimits(), logger: configuration.logger,
            onListening: { listening.yield($0) })
        var services = ServiceGroupConfiguration(
            services: [
                // A list that somebody reads slowly is cut off rather than waited for.
                .init(service: BoundedShutdown(service: application, limit: .seconds(2)), serviceName: "API"),
                .init(service: Compaction(store: store, logger: configuration.logger), serviceName: "compaction"),
                .init(
                    service: GarbageCollector(store: store, logger: configuration.logger),
                    serviceName: "garbage collector"),
                // The last is asked to end first.
                .init(service: WatchEnding(feed: store.feed), serviceName: "watches"),
                // As long as Pods end, they can reach the cluster.
                .init(
                    service: Workloads(
                        store: store, folder: configuration.folder, logs: logs, servers: servers,
                        environment: configuration.environment, logger: configuration.logger),
                    serviceName: "workloads"),
            ], logger: configuration.logger)
        services.maximumGracefulShutdownDuration = .seconds(LocalNode.stopLimit + 5)
        let group = ServiceGroup(configuration: services)
        do {
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await group.runEndingGracefully() }
                tasks.addTask {
                    for await port in ports {
                        try await announce(port, api)
                        serving.yield("https://127.0.0.1:\(port)")
                    }
                }
                // The first to end is the server, or an announcement that failed; the other has no reason to go on.
                defer { tasks.cancelAll() }
                try await tasks.next()
            }
        } catch let error as IOError where error.errnoCode == EADDRINUSE {
            return false
        }
        return true
    }

    /// As many connections as the system lets the process have open.
    private func connectionLimits() -> ConnectionLimits {
        var limits = ConnectionLimits()
        limits.bodyBytes = RequestBodyLimit.bytes
        guard let files = OpenFiles.raiseLimit() else { return limits }
        let possible = max(1, files - OpenFiles.reserved)
        guard possible < limits.connections else { return limits }
        limits.connections = possible
        configuration.logger.warning(
            """
            at most \(possible) connections can be open at a time: the limit of open files is \(files); raise it \
            (ulimit -n) for more
            """)
        return limits
    }

    private func announce(_ port: Int, _ api: ClusterAPI) async throws {
        let folder = configuration.folder
        let server = "https://127.0.0.1:\(port)"
        try await store.set(Self.portSetting, String(port))
        try await writeKubeconfig(server, api.authenticator)
        try InstanceFile.write(folder, server: server, startedAt: store.clock.now())
        try await onReady(EmbeddedClusterEndpoint(server: server, port: port, kubeconfigPath: folder.kubeconfigPath))
    }

    /// Keeps the administrator's token where it is still good: others may hold a copy of the file.
    private func writeKubeconfig(_ server: String, _ authenticator: Authenticator) async throws {
        let folder = configuration.folder
        let existing = (try? PrivateFile.read(folder.kubeconfigPath)).map { String(decoding: $0, as: UTF8.self) }
        var token = existing.flatMap(token(inKubeconfig:))
        if let known = token, try await !authenticator.isAdministrator(token: known) { token = nil }
        let kept: String
        if let token { kept = token } else { kept = try await authenticator.issueAdministratorToken() }
        let authority = String(decoding: try PrivateFile.read(folder.certificateAuthorityPath), as: UTF8.self)
        let text = kubeconfig(
            server: server, certificateAuthority: authority, user: User.administrator.name, token: kept, namespace: nil)
        if text != existing { try PrivateFile.write(text, to: folder.kubeconfigPath) }
    }
}

extension ServiceGroup {
    /// Runs the services, and lets requests that are being answered end when the task is cancelled.
    fileprivate func runEndingGracefully() async throws {
        // Cancellation reaches every structured child at once; only a task of its own can be ended in good order.
        let run = Task { try await self.run() }
        try await withTaskCancellationHandler {
            try await run.value
        } onCancel: {
            Task { await self.triggerGracefulShutdown() }
        }
    }
}

/// Ends the watches when the server is to end, since it waits for the requests that it answers.
private struct WatchEnding: Service {
    let feed: EventFeed

    func run() async throws {
        try? await gracefulShutdown()
        feed.close()
    }
}

/// Ends a service when it takes longer than that to end by itself.
private struct BoundedShutdown<Bounded: Service>: Service {
    let service: Bounded
    let limit: Duration

    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await service.run() }
            tasks.addTask {
                try await gracefulShutdown()
                try await Task.sleep(for: limit)
            }
            defer { tasks.cancelAll() }
            try await tasks.next()
        }
    }
}

/// Forgets old events and revisions, now and then.
private struct Compaction: Service {
    let store: Store
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await store.expireEvents()
                    try await store.compact()
                } catch {
                    logger.warning(
                        "old revisions and events were not removed; trying again in a minute",
                        metadata: ["error": "\(error)"])
                }
                // Cancelled: time to end.
                try? await Task.sleep(for: .seconds(60))
            }
        }
    }
}
