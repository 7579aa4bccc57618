internal import ArgumentParser
internal import CLibrary
internal import EmbeddedCluster
internal import LocalFiles
internal import Logging
internal import UnixSignals

struct ClusterStartCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start",
        abstract: "Start the cluster, in the foreground until a signal; print the kubeconfig's path when it is ready.")

    @OptionGroup var folderOptions: ClusterFolderOptions

    @Option(help: ArgumentHelp("The port on 127.0.0.1. Default: the last one, or any that is free.", valueName: "port"))
    var port: Int?

    @Flag(help: "Go on in the background; logs go to cluster.log in the folder.")
    var detach = false

    /// Ends when no command holds `users.lock` any more. For `--embedded` of other commands.
    @Flag(help: .hidden)
    var whileUsed = false

    @OptionGroup(title: "Output") var global: GlobalOptions

    func validate() throws {
        if let port, !(1...65535 ~= port) { throw ValidationError("--port \(port) is not between 1 and 65535") }
    }

    func run() async throws {
        let folder = ClusterFolder(ClusterFolder.path(folderOptions.dir, environment: processEnvironment()))
        if detach {
            try await startDetached(folder)
        } else {
            try await runInForeground(folder)
        }
    }

    private func startDetached(_ folder: ClusterFolder) async throws {
        try PrivateFile.createFolder(folder.path)
        let executable = try executablePath()
        let arguments = ["cluster", "start", "--dir", folder.path, "--quiet", "--log-level", global.logLevel.rawValue]
        let isOwn = try await folder.waitUntilReady {
            try DetachedCluster.start(
                executable: executable, arguments: arguments + (port.map { ["--port", "\($0)"] } ?? []), folder: folder)
        }
        guard isOwn || access(folder.whileUsedMarkerPath, F_OK) != 0 else {
            throw CommandError(
                status: .busy,
                description: "the cluster of \(folder.path) runs for another command with --embedded and ends with it; "
                    + "start it again when that command has ended")
        }
        print(folder.kubeconfigPath)
    }

    private func runInForeground(_ folder: ClusterFolder) async throws {
        let configuration = EmbeddedClusterConfiguration(
            folder: folder, port: port, logger: global.logger("stowage.cluster"),
            environment: try Self.podEnvironment(folder))
        let whileUsed = whileUsed
        let announces = !global.quiet && !whileUsed
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        try await withThrowingTaskGroup(of: HeldLock?.self) { group in
            group.addTask {
                try await runEmbeddedCluster(configuration) { endpoint in
                    if whileUsed {
                        try PrivateFile.write("", to: folder.whileUsedMarkerPath)
                    } else {
                        try FolderTree.remove(folder.whileUsedMarkerPath)
                    }
                    if announces { print(endpoint.kubeconfigPath, flushed: ()) }
                }
                return nil
            }
            group.addTask {
                for await _ in signals { break }
                return nil
            }
            if whileUsed {
                group.addTask {
                    HeldLock(try await FileLock.waiting(folder.usersLockPath, .exclusive))
                }
            }
            // The first to end ends all: the server by a failure, the others because it is time.
            let first = try await group.next()
            group.cancelAll()
            while let result = await group.nextResult() {
                if case .failure(let error) = result, !(error is CancellationError) { throw error }
            }
            // A cluster that nobody uses holds on to the lock until it has stopped, so that nobody joins one that is going.
            withExtendedLifetime(first) {}
        }
    }
}

extension ClusterStartCommand {
    /// The environment of this process, with a `stowage` on its PATH that is this program and no other.
    private static func podEnvironment(_ folder: ClusterFolder) throws -> [String: String] {
        var environment = processEnvironment()
        try PrivateFile.createFolder(folder.programsPath)
        let link = "\(folder.programsPath)/stowage"
        let program = try executablePath()
        if linkTarget(link) != program {
            try FolderTree.remove(link)
            guard symlink(program, link) == 0 else { throw FileError(path: link, action: "link", number: errno) }
        }
        environment["PATH"] = "\(folder.programsPath):\(environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin")"
        return environment
    }
}

/// A lock that a task can hand over.
private final class HeldLock: Sendable {
    private let lock: FileLock

    init(_ lock: consuming FileLock) { self.lock = lock }
}

/// Prints at once, also into a pipe that somebody waits at.
private func print(_ line: String, flushed: Void) {
    Swift.print(line)
    flushStandardOutput()
}
