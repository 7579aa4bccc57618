internal import CLibrary
internal import LocalFiles
internal import Subprocess
internal import SystemPackage

/// One execution of an engine: a process in a session of its own, so that a terminal's Ctrl-C reaches it only through us.
struct EngineProcess: Sendable {
    /// Where what an engine prints goes.
    struct Output: Sendable {
        let output: FileDescriptor
        let errors: FileDescriptor

        /// Where our own output goes, untouched.
        static let inherited = Output(output: .standardOutput, errors: .standardError)

        static func file(_ file: FileDescriptor) -> Output { Output(output: file, errors: file) }
    }

    /// How long an engine may take to finish and unlock when its run is cancelled.
    private static let gracePeriod = Duration.seconds(60)

    let engine: Engine
    let arguments: [String]
    let environment: [String: String]
    let workingDirectory: String

    /// Runs it to its end.
    ///
    /// - Parameter started: is given the process identifier before the wait begins.
    /// - Returns: the exit status; 128 + the signal's number when a signal ended it.
    func run(
        output: Output, interruption: Interruption, started: @Sendable (Int32) throws -> Void
    ) async throws -> Int32 {
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [
            .send(signal: .interrupt, allowedDurationToNextStep: Self.gracePeriod)
        ]
        let configuration = Configuration(
            executable: .path(FilePath(engine.path)), arguments: Arguments(arguments),
            environment: .custom(Dictionary(uniqueKeysWithValues: environment.map { (.init(stringLiteral: $0), $1) })),
            workingDirectory: FilePath(workingDirectory), platformOptions: options)
        let result = try await Subprocess.run(
            configuration, input: .none,
            output: .fileDescriptor(output.output, closeAfterSpawningProcess: false),
            error: .fileDescriptor(output.errors, closeAfterSpawningProcess: false)
        ) { execution in
            let process = execution.processIdentifier.value
            try started(process)
            await interruption.delivering({ Self.deliver($0, to: process) }) {
                await onItsOwnThread { Self.waitForExit(of: process) }
            }
            // What an interrupted engine left behind in its group, such as a provisioner's command, ends with it. The
            // process is not reaped yet, so the number is still its own.
            if interruption.wasRequested { kill(-process, SIGKILL) }
        }
        switch result.terminationStatus {
        case .exited(let status): return status
        case .signaled(let signal): return 128 + signal
        }
    }

    private static func deliver(_ delivery: Interruption.Delivery, to process: Int32) {
        switch delivery {
        case .toEngine(let signal): kill(process, signal)
        case .killGroup: kill(-process, SIGKILL)
        }
    }

    /// Returns when the process has ended, leaving it to be reaped: its number stays its own until signals are detached.
    private static func waitForExit(of process: Int32) {
        var information = siginfo_t()
        while waitid(P_PID, id_t(process), &information, WEXITED | WNOWAIT) != 0 && errno == EINTR {}
    }
}
