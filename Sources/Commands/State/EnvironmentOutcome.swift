internal import StateStorage

/// What became of one environment of many.
struct EnvironmentOutcome<T: Sendable>: Sendable {
    let environment: EnvironmentID
    let result: Result<T, any Error>
}

/// How many environments are worked on at a time. Each sends several requests at once.
private let parallelEnvironments = 4

/// Does the same for each environment, a few at a time. The failure of one does not end the others.
///
/// - Returns: what became of each, in their order.
/// - Throws: `CancellationError` only.
func forEach<T: Sendable>(
    _ environments: [EnvironmentID], _ progress: ProgressLine,
    _ body: @escaping @Sendable (EnvironmentID) async throws -> T
) async throws -> [EnvironmentOutcome<T>] {
    try await withThrowingTaskGroup(of: (Int, Result<T, any Error>).self) { group in
        var results = [Result<T, any Error>?](repeating: nil, count: environments.count)
        var (waiting, done) = (environments.enumerated().makeIterator(), 0)
        func start(_ group: inout ThrowingTaskGroup<(Int, Result<T, any Error>), any Error>) {
            guard let (index, environment) = waiting.next() else { return }
            group.addTask {
                do { return (index, .success(try await body(environment))) } catch { return (index, .failure(error)) }
            }
        }
        for _ in 0..<parallelEnvironments { start(&group) }
        while let (index, result) = try await group.next() {
            results[index] = result
            done += 1
            progress.update(done, of: environments.count)
            // What was begun is ended; nothing more is begun.
            if !Task.isCancelled { start(&group) }
        }
        try Task.checkCancellation()
        return zip(environments, results).compactMap { environment, result in
            result.map { EnvironmentOutcome(environment: environment, result: $0) }
        }
    }
}

extension Array {
    /// Ends a command some of whose environments failed, after what was done is printed.
    ///
    /// - Throws: the failure itself where there was one environment; else a `CommandError` with the status of the first.
    func throwFailure<T>(hint: String) throws where Element == EnvironmentOutcome<T> {
        let failures = compactMap { outcome -> (any Error)? in
            if case .failure(let error) = outcome.result { error } else { nil }
        }
        guard let first = failures.first else { return }
        // What was refused is refused again.
        let helps = failures.contains { ![.usage, .data].contains(ExitStatus($0)) }
        let counts = count == 1 ? nil : "\(failures.count) of \(count) failed"
        let last = [counts, helps ? hint : nil].compactMap(\.self).joined(separator: "; ")
        let lines = failures.map { "\($0)" } + (last.isEmpty ? [] : [last])
        throw CommandError(status: ExitStatus(first), description: lines.joined(separator: "\n"))
    }
}
