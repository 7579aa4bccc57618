internal import CLibrary
internal import LocalFiles
internal import Runner
internal import StateStorage
internal import Synchronization
internal import SystemPackage

/// Follows a deployment to its end, for somebody who may go away meanwhile.
struct DeploymentFollowing: Sendable {
    enum Log: Sendable {
        case output, errors, none
    }

    let deployments: Deployments
    let deployment: DeploymentID
    /// Who follows, as `user@host`.
    let submitter: String
    let isQuiet: Bool
    let log: Log

    private enum Turn: Sendable {
        case ended(DeploymentStatus)
        case left
    }

    /// - Returns: how the deployment ended.
    /// - Throws: `CommandError` with status `interrupted` where it was left alone.
    func run() async throws -> DeploymentStatus {
        let signals = FirstAndFurther()
        return try await withSignals(handle: { _ in signals.note() }) {
            let turn = try await withThrowingTaskGroup(of: Turn?.self) { group in
                group.addTask { .ended(try await follow()) }
                group.addTask { try await answer(signals) }
                defer { group.cancelAll() }
                while let turn = try await group.next() {
                    if let turn { return turn }
                }
                throw CancellationError()
            }
            switch turn {
            case .ended(let status): return status
            case .left:
                throw CommandError(
                    status: .interrupted,
                    description: "deployment \(deployment) goes on; `stowage deployments logs --follow \(deployment)` "
                        + "follows it, `stowage deployments cancel \(deployment)` ends it")
            }
        }
    }

    /// What a signal means: to leave, unless somebody at a terminal says otherwise.
    ///
    /// - Returns: nil where the deployment is followed to its end all the same.
    private func answer(_ signals: FirstAndFurther) async throws -> Turn? {
        for await _ in signals.first { break }
        try Task.checkCancellation()
        guard isatty(STDIN_FILENO) == 1, isatty(STDERR_FILENO) == 1 else { return .left }
        _ = try? FileDescriptor.standardError.writeAll(
            "\nLeave deployment \(deployment) alone, or cancel it? [l/c] ".utf8)
        // The answer is waited for no longer than until the next signal.
        guard await nextAnswer(orSignal: signals.further)?.first?.lowercased() == "c" else { return .left }
        try await deployments.cancel(deployment, by: submitter)
        if !isQuiet { printMessage("cancelled; the engine finishes what it does and unlocks") }
        return nil
    }

    private func nextAnswer(orSignal signals: AsyncStream<Void>) async -> String? {
        await withTaskGroup(of: String?.self) { group in
            group.addTask { await Self.line() }
            group.addTask {
                for await _ in signals { break }
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }

    /// A line of the terminal; nil where the task is cancelled first.
    private static func line() async -> String? {
        while !Task.isCancelled {
            let line = try? await offloading { () -> String? in
                var input = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
                return poll(&input, 1, 100) > 0 ? readLine() ?? "" : nil
            }
            if let line = line ?? nil { return line }
        }
        return nil
    }

    private func follow() async throws -> DeploymentStatus {
        let status = try await deployments.follow(deployment, withLog: log != .none) { event in
            switch event {
            case .line(let line):
                let bytes = line + [UInt8(ascii: "\n")]
                if log == .output {
                    try writeToStandardOutput(bytes)
                } else {
                    _ = try? FileDescriptor.standardError.writeAll(bytes)
                }
            case .waiting(let why): if !isQuiet { printMessage("waiting: \(why)") }
            case .reconnecting(let why): if !isQuiet { printMessage("asking again: \(why)") }
            }
        }
        if let end = status.end { try await settle(end, status) }
        return status
    }

    /// A deployment that failed around its run leaves nothing behind that its environment's next one would have to wait for.
    private func settle(_ end: DeploymentEnd, _ status: DeploymentStatus) async throws {
        if end.isJobAlive {
            do {
                try await deployments.endFailed(deployment, why: end.cause ?? "it failed", by: submitter)
            } catch let error as DeploymentError where error.code == .missingRight {
                printMessage("\(error)")
            }
        }
        guard end.wasCutOff, let environment = status.environment else { return }
        let settlement = try await deployments.settleLock(of: environment) { lock in
            if !isQuiet {
                printMessage(
                    "the lock of environment \(environment) is held by \(lock.lock.summary); waiting until it can be told "
                        + "whether its run is gone")
            }
        }
        guard !isQuiet else { return }
        switch settlement {
        case .free: break
        case .givenBack(let lock): printMessage("gave back the lock of \(lock.lock.summary): \(lock.verdict.evidence)")
        case .held(let lock): printMessage("the lock is held by \(lock.lock.summary): \(lock.advice)")
        case .unsettled(let why):
            printMessage("the lock was not looked after (\(why)); the environment's next run does that")
        }
    }
}

/// Signals as they come: the first, and those after it.
private final class FirstAndFurther: Sendable {
    let first: AsyncStream<Void>
    let further: AsyncStream<Void>
    private let count = Mutex(0)
    private let continuations: (first: AsyncStream<Void>.Continuation, further: AsyncStream<Void>.Continuation)

    init() {
        let (first, further) = (AsyncStream.makeStream(of: Void.self), AsyncStream.makeStream(of: Void.self))
        (self.first, self.further) = (first.stream, further.stream)
        continuations = (first.continuation, further.continuation)
    }

    func note() {
        let isFirst = count.withLock { count in
            count += 1
            return count == 1
        }
        (isFirst ? continuations.first : continuations.further).yield()
    }
}
