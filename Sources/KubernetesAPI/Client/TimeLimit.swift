struct TimeLimitError: Error {}

/// Runs the body, and cancels it when it takes longer.
///
/// - Throws: ``TimeLimitError`` when the limit was what ended the body; otherwise what the body throws.
func withTimeLimit<T: Sendable>(
    _ limit: Duration, _ body: @escaping @Sendable () async throws -> T
) async throws -> T {
    try await withThrowingTaskGroup(of: T?.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await Task.sleep(for: limit)
            return nil
        }
        defer { group.cancelAll() }
        guard let first = try await group.next(), let value = first else { throw TimeLimitError() }
        return value
    }
}
