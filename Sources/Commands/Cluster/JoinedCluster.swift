internal import EmbeddedCluster
internal import LocalFiles

/// Joins the embedded cluster of a folder while the body runs; starts it first where none runs.
///
/// A cluster that is started here is a process of its own that ends when the last command that joined it has ended, however
/// that ended: each holds a shared lock on the folder's `users.lock`, and the cluster waits for an exclusive one.
func withJoinedCluster<T: Sendable>(
    _ folder: ClusterFolder, executable: String, _ body: () async throws -> T
) async throws -> T {
    try PrivateFile.createFolder(folder.path)
    // Waits while a cluster that nobody uses any more is shutting down.
    let use = try await FileLock.waiting(folder.usersLockPath, .shared)
    do {
        try await folder.waitUntilReady {
            try DetachedCluster.start(
                executable: executable, arguments: ["cluster", "start", "--dir", folder.path, "--while-used"],
                folder: folder)
        }
        let result = try await body()
        use.release()
        return result
    } catch {
        use.release()
        throw error
    }
}

extension ClusterFolder {
    /// Whether a server runs from this folder, ready or not.
    func isRunning() throws -> Bool {
        guard PrivateFile.isFolder(path) else { return false }
        guard let lock = try FileLock.attempt(instanceLockPath, .shared) else { return true }
        lock.release()
        return false
    }

    /// Stands in the folder while the cluster that runs from it ends with the commands that use it.
    var whileUsedMarkerPath: String { "\(path)/while-used" }

    /// Waits until a server answers from this folder.
    ///
    /// A server that was killed a moment ago may still hold its lock and stand in its file, so only an answer counts.
    ///
    /// - Parameter start: starts a server where none runs; nil to wait for one only.
    /// - Returns: whether a server was started.
    @discardableResult
    func waitUntilReady(starting start: (() throws -> DetachedCluster)? = nil) async throws -> Bool {
        var process: DetachedCluster?
        let deadline = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < deadline {
            if try isRunning() {
                if await ClusterInstance(folder: self)?.answers() == true { return process != nil }
            } else if let process {
                if process.hasEnded, try !isRunning() {
                    throw CommandError(
                        status: .unreachable,
                        description: "the embedded cluster did not start from \(path): "
                            + (process.lastLine ?? "see \(logPath)"))
                }
            } else if let start {
                process = try start()
            } else {
                throw CommandError(
                    status: .unreachable,
                    description:
                        "no cluster runs from \(path); start it with: stowage cluster start --detach --dir \(path)")
            }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw CommandError(
            status: .unreachable,
            description: "the embedded cluster of \(path) was not ready within 30 seconds; see \(logPath)")
    }

    /// Waits until no server runs from this folder.
    ///
    /// - Returns: whether that came true before the time was over.
    func waitUntilStopped(for limit: Duration) async throws -> Bool {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            if try !isRunning() { return true }
            try await Task.sleep(for: .milliseconds(10))
        }
        return false
    }
}
