internal import UnixSignals

/// Runs the body while signals that ask to end are handed to `handle` rather than ending the process at once.
func withSignals<T: Sendable>(
    _ signals: [UnixSignal] = [.sigint, .sigterm, .sighup, .sigquit], handle: @Sendable @escaping (UnixSignal) -> Void,
    _ body: @Sendable @escaping () async throws -> T
) async throws -> T {
    let received = await UnixSignalsSequence(trapping: signals)
    return try await withThrowingTaskGroup(of: T?.self) { group in
        group.addTask {
            for await signal in received { handle(signal) }
            return nil
        }
        group.addTask { try await body() }
        defer { group.cancelAll() }
        while let result = try await group.next() {
            if let result { return result }
        }
        throw CancellationError()
    }
}
