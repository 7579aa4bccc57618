/// Runs the body, and cancels it when it takes longer; waits for it to end.
///
/// - Returns: nil when the limit ended it.
func withTimeLimit<T: Sendable>(
    _ limit: Duration, clock: any Clock<Duration> = ContinuousClock(), _ body: @escaping @Sendable () async throws -> T
) async throws -> T? {
    try await withThrowingTaskGroup(of: T?.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await clock.sleep(for: limit)
            return nil
        }
        defer { group.cancelAll() }
        return try await group.next() ?? nil
    }
}
