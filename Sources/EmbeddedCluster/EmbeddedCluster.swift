internal import CLibrary
internal import GRDB
internal import LocalFiles
public import Logging
internal import NIOCore
internal import ServiceLifecycle

/// How a cluster is to run.
public struct EmbeddedClusterConfiguration: Sendable {
    /// Where the cluster is kept; one server at a time uses it.
    public var folder: ClusterFolder
    /// nil: the port of the last time if it is free, else any that is free. Given: that one, or an error.
    public var port: Int?
    /// What requests and failures are written to.
    public var logger: Logger
    /// Of this process: `PATH` and `LANG` are handed on to what Pods run, and nothing else.
    public var environment: [String: String]

    public init(
        folder: ClusterFolder, port: Int? = nil, logger: Logger,
        environment: [String: String] = [:]
    ) {
        self.folder = folder
        self.port = port
        self.logger = logger
        self.environment = environment
    }
}

/// Where a cluster can be reached.
public struct EmbeddedClusterEndpoint: Sendable, Hashable {
    /// `https://127.0.0.1:PORT`
    public let server: String
    /// The port on 127.0.0.1.
    public let port: Int
    /// The administrator's.
    public let kubeconfigPath: String

    public init(server: String, port: Int, kubeconfigPath: String) {
        self.server = server
        self.port = port
        self.kubeconfigPath = kubeconfigPath
    }
}

/// Runs a cluster until the task is cancelled or a graceful shutdown is triggered; then closes its socket and its
/// store.
///
/// Signals are the caller's business.
///
/// - Parameter onReady: called once, when requests are answered and the kubeconfig stands in the folder. The cluster
///   ends when it throws.
/// - Throws: ``EmbeddedClusterError`` when the cluster cannot start, and what `onReady` throws.
public func runEmbeddedCluster(
    _ configuration: EmbeddedClusterConfiguration,
    onReady: @Sendable @escaping (EmbeddedClusterEndpoint) async throws -> Void
) async throws {
    let folder = configuration.folder
    let lock: FileLock?
    do {
        try PrivateFile.createFolder(folder.path)
        lock = try await instanceLock(folder)
    } catch {
        throw EmbeddedClusterError.folderUnusable(folder.path, error)
    }
    guard let lock else { throw EmbeddedClusterError.alreadyRunning(folder, pid: InstanceFile.pid(folder)) }
    try requireLog(folder)
    // What a killed server left behind is not true any more.
    InstanceFile.remove(folder)
    let store = try await Store.open(folder.storePath)
    do {
        try await ClusterRun(configuration: configuration, store: store, onReady: onReady).run()
    } catch {
        InstanceFile.remove(folder)
        try? store.close()
        lock.release()
        if let error = error as? DatabaseError, error.isDiskFull {
            throw EmbeddedClusterError.diskFull(folder.storePath)
        }
        throw error
    }
    InstanceFile.remove(folder)
    try store.close()
    lock.release()
}

/// A server that was killed leaves the log of its store behind, which holds the last writes.
///
/// - Throws: when the log is not there any more: the file alone is older than what was acknowledged.
private func requireLog(_ folder: ClusterFolder) throws {
    let wasKilled = access(folder.instancePath, F_OK) == 0
    guard wasKilled, access(folder.storePath, F_OK) == 0, access(folder.storeLogPath, F_OK) != 0 else { return }
    throw EmbeddedClusterError.storeLogMissing(folder)
}

/// Somebody who only looks whether a server runs holds the lock for a moment; a server holds it for good.
private func instanceLock(_ folder: ClusterFolder) async throws -> FileLock? {
    for _ in 0..<50 {
        if let lock = try FileLock.attempt(folder.instanceLockPath, .exclusive) { return lock }
        try await Task.sleep(for: .milliseconds(10))
    }
    return nil
}
