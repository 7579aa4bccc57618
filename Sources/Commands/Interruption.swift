internal import CLibrary
internal import Synchronization
internal import UnixSignals

/// Runs the body until it ends or a signal asks to end, such as Ctrl-C. The body is then cancelled and waited for, so that
/// what it holds is given back. A second signal ends the process at once.
///
/// - Parameter next: what to do after an interruption, for the message.
/// - Throws: a `CommandError` with status `interrupted` where the body did not end well after a signal.
func interruptible<T: Sendable>(
    _ next: @Sendable @escaping () -> String, _ body: @Sendable @escaping () async throws -> T
) async throws -> T {
    let (signals, continuation) = AsyncStream.makeStream(of: Void.self)
    let count = Mutex(0)
    return try await withSignals(
        handle: { _ in
            guard
                count.withLock({
                    $0 += 1; return $0
                }) == 1
            else { _exit(ExitStatus.interrupted.rawValue) }
            continuation.yield()
        },
        { try await untilInterrupted(signals, next, body) })
}

private func untilInterrupted<T: Sendable>(
    _ signals: AsyncStream<Void>, _ next: @Sendable @escaping () -> String,
    _ body: @Sendable @escaping () async throws -> T
) async throws -> T {
    try await withThrowingTaskGroup(of: T?.self) { group in
        group.addTask { try await body() }
        group.addTask {
            for await _ in signals { break }
            return nil
        }
        var isInterrupted = false
        do {
            while let result = try await group.next() {
                group.cancelAll()
                if let result { return result }
                isInterrupted = true
            }
        } catch {
            guard isInterrupted else { throw error }
        }
        throw CommandError(status: .interrupted, description: "interrupted; \(next())")
    }
}
