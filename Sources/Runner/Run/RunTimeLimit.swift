internal import CLibrary

/// How long a run may take from its turn on.
struct RunTimeLimit: Sendable {
    /// nil for as long as it takes.
    let limit: Duration?
    /// How long an engine may take to finish and unlock after that.
    let gracePeriod: Duration
    var clock: any Clock<Duration> = ContinuousClock()

    /// Runs the body. At the end of the time the engine is interrupted, and killed when the grace period is over, too.
    ///
    /// - Parameter atLimit: told when the time is over.
    func with<T: Sendable>(
        _ interruption: Interruption, atLimit: @escaping @Sendable (Duration) -> Void,
        _ body: @escaping @Sendable () async throws -> T
    ) async throws -> T {
        guard let limit else { return try await body() }
        return try await withThrowingTaskGroup(of: T?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await clock.sleep(for: limit)
                atLimit(limit)
                interruption.interrupt(SIGINT, afterLimit: limit)
                try await clock.sleep(for: gracePeriod)
                interruption.kill()
                return nil
            }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let result { return result }
            }
            throw CancellationError()
        }
    }
}
