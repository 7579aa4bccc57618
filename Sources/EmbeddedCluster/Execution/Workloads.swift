internal import KubernetesAPI
internal import Logging
internal import ServiceLifecycle
internal import Synchronization

/// Runs what Jobs and Pods ask for, for as long as the server runs.
struct Workloads: Service {
    let store: Store
    let folder: ClusterFolder
    let logs: ContainerLogs
    /// The server's address, when it is known.
    let servers: AsyncStream<String>
    let environment: [String: String]
    let logger: Logger

    func run() async throws {
        let stopping = Stopping()
        try await withGracefulShutdownHandler {
            let server = await withTaskGroup(of: String?.self) { tasks in
                tasks.addTask { await servers.first { _ in true } }
                tasks.addTask {
                    await stopping.first.wait()
                    return nil
                }
                defer { tasks.cancelAll() }
                return await tasks.next() ?? nil
            }
            guard let server, !stopping.isRequested else { return }
            try await run(server, stopping)
        } onGracefulShutdown: {
            stopping.request()
        }
    }

    private func run(_ server: String, _ stopping: Stopping) async throws {
        let node = try LocalNode(
            store: store, folder: folder, logs: logs, server: server, environment: environment, logger: logger)
        let kubelet = Kubelet(node: node, bell: stopping.kubelet)
        let controller = JobController(store: store, logger: logger, bell: stopping.controller)
        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                await forward(ResourceKind.pod.qualifiedResource, to: [stopping.kubelet, stopping.controller])
            }
            tasks.addTask { await forward(ResourceKind.job.qualifiedResource, to: [stopping.controller]) }
            await withTaskGroup(of: Void.self) { loops in
                loops.addTask { await kubelet.run { stopping.isRequested } }
                loops.addTask { await controller.run { stopping.isRequested } }
                await loops.waitForAll()
            }
            tasks.cancelAll()
        }
    }

    /// Rings when something of the resource was written.
    private func forward(_ resource: String, to bells: [Doorbell]) async {
        let filter = EventFilter(resource: resource)
        let signal = WatchSignal()
        let id = store.feed.subscribe(filter, after: 0, needsPrevious: false, signal: signal)
        defer { store.feed.unsubscribe(id, filter) }
        while !Task.isCancelled {
            for bell in bells { bell.ring() }
            _ = await signal.wait()
        }
    }
}

/// That the server ends, for all that have to know.
private final class Stopping: Sendable {
    let first = Doorbell()
    let kubelet = Doorbell()
    let controller = Doorbell()
    private let flag = Mutex(false)

    var isRequested: Bool { flag.withLock(\.self) }

    func request() {
        flag.withLock { $0 = true }
        for bell in [first, kubelet, controller] { bell.ring() }
    }
}
