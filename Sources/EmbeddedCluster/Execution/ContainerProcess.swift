internal import CLibrary
internal import LocalFiles
internal import Subprocess
internal import Synchronization
internal import SystemPackage

/// What a container runs.
struct ContainerCommand: Sendable, Hashable {
    /// As it was given, before it was looked up.
    let name: String
    let arguments: [String]
    let environment: [String: String]
    let workingDirectory: String
}

/// Why a container's program was not started, in the words of a container runtime.
struct StartFailure: Error, Sendable, Hashable {
    let message: String
    var exitCode: Int32 = 128
}

/// One run of a container: a process in a session of its own, with all that it starts.
struct ContainerProcess: Sendable {
    enum Exit: Sendable, Hashable {
        case exited(Int32)
        case signalled(Int32)
    }

    let command: ContainerCommand
    let log: ContainerLog
    let termination: PodTermination
    let clock: ClusterClock

    /// Runs it to its end. What it leaves behind in its session is killed.
    ///
    /// - Parameter started: called once, with the process identifier.
    /// - Throws: `StartFailure`.
    func run(started: @Sendable @escaping (Int32) async -> Void) async throws -> Exit {
        let path = try executable()
        guard PrivateFile.isFolder(command.workingDirectory) else {
            throw StartFailure(
                message: "chdir to cwd (\"\(command.workingDirectory)\") failed: no such file or directory")
        }
        let group = ProcessGroup()
        return try await withThrowingTaskGroup(of: Exit?.self) { tasks in
            tasks.addTask { try await spawn(path, group, started) }
            tasks.addTask {
                await withTaskCancellationHandler {
                    await terminate(group)
                } onCancel: {
                    group.signal(SIGKILL)
                }
                return nil
            }
            defer { tasks.cancelAll() }
            while let exit = try await tasks.next() {
                if let exit { return exit }
            }
            throw CancellationError()
        }
    }

    private func spawn(
        _ path: String, _ group: ProcessGroup, _ started: @Sendable @escaping (Int32) async -> Void
    ) async throws -> Exit {
        var options = PlatformOptions()
        options.createSession = true
        let configuration = Configuration(
            executable: .path(FilePath(path)),
            arguments: Arguments(executablePathOverride: command.name, remainingValues: command.arguments),
            environment: .custom(
                Dictionary(uniqueKeysWithValues: command.environment.map { (.init(stringLiteral: $0), $1) })),
            workingDirectory: FilePath(command.workingDirectory), platformOptions: options)
        defer { group.end() }
        do {
            let result = try await Subprocess.run(
                configuration, input: .none, output: .sequence, error: .sequence
            ) { execution in
                group.begin(execution.processIdentifier.value)
                await started(execution.processIdentifier.value)
                // Each ends when the process has, even if something that it started still holds the other end.
                await withTaskGroup(of: Void.self) { copies in
                    copies.addTask { await copy(execution.standardOutput, .standardOutput) }
                    copies.addTask { await copy(execution.standardError, .standardError) }
                }
            }
            switch result.terminationStatus {
            case .exited(let status): return .exited(status)
            case .signaled(let signal): return .signalled(signal)
            }
        } catch let error as SubprocessError where !group.hasBegun {
            throw StartFailure(message: "exec: \"\(command.name)\": \(error)")
        }
    }

    private func copy(_ output: SubprocessOutputSequence, _ stream: LogRecord.Stream) async {
        do {
            for try await buffer in output {
                let bytes = buffer.withUnsafeBytes { Array($0) }
                let (log, now) = (log, clock.now())
                try await offloading { log.append(bytes, stream, at: now) }
            }
        } catch {
            // Nothing more can be read from it; how the process ends is told by its exit status.
        }
    }

    /// Asks the process to end when that is wished, and makes it when its time is over.
    private func terminate(_ group: ProcessGroup) async {
        await withTaskGroup(of: Void.self) { tasks in
            for await killAt in termination.requests() {
                tasks.addTask {
                    if killAt > clock.now() { group.signal(SIGTERM, once: true) }
                    guard (try? await clock.sleep(killAt)) != nil else { return }
                    group.signal(SIGKILL)
                }
            }
            tasks.cancelAll()
        }
    }

    // MARK: What to run

    /// Looks the program up as execvp(3) does, in the container's own PATH.
    private func executable() throws -> String {
        let name = command.name
        guard !name.isEmpty else {
            throw StartFailure(
                message:
                    "no command specified; images are ignored here, so say what to run (kubectl run --command -- …)")
        }
        if name.contains("/") {
            let path = name.hasPrefix("/") ? name : "\(command.workingDirectory)/\(name)"
            guard access(path, F_OK) == 0 else {
                throw StartFailure(message: "exec: \"\(name)\": stat \(name): no such file or directory")
            }
            guard access(path, X_OK) == 0, !PrivateFile.isFolder(path) else {
                throw StartFailure(message: "exec: \"\(name)\": permission denied")
            }
            return path
        }
        for folder in (command.environment["PATH"] ?? "").split(separator: ":") {
            let path = "\(folder)/\(name)"
            if access(path, X_OK) == 0, !PrivateFile.isFolder(path) { return path }
        }
        throw StartFailure(message: "exec: \"\(name)\": executable file not found in $PATH")
    }
}

/// The processes of one run of a container.
private final class ProcessGroup: Sendable {
    private struct State {
        var leader: Int32?
        var hasBegun = false
        var hasTerminated = false
        /// Signals that came before there was a process.
        var pending: [Int32] = []
    }

    private let state = Mutex(State())

    var hasBegun: Bool { state.withLock(\.hasBegun) }

    func begin(_ leader: Int32) {
        state.withLock { state in
            state.leader = leader
            state.hasBegun = true
            for signal in state.pending { kill(-leader, signal) }
            state.pending = []
        }
    }

    /// - Parameter once: whether it is left out when it was sent before.
    func signal(_ number: Int32, once: Bool = false) {
        state.withLock { state in
            if once, state.hasTerminated { return }
            if once { state.hasTerminated = true }
            if let leader = state.leader {
                kill(-leader, number)
            } else if !state.hasBegun {
                state.pending.append(number)
            }
        }
    }

    /// The leader has ended; what it left in its group ends with it. The number is not given to another process as long
    /// as the group has members.
    func end() {
        state.withLock { state in
            if let leader = state.leader { kill(-leader, SIGKILL) }
            state.leader = nil
        }
    }
}
