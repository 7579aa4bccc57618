internal import Dispatch

/// Runs work that blocks on a thread of its own rather than on one of the few that all tasks share.
public func offloading<T: Sendable>(_ work: @Sendable @escaping () throws -> T) async throws -> T {
    try await withCheckedThrowingContinuation { continuation in
        DispatchQueue.global().async { continuation.resume(with: Result(catching: work)) }
    }
}
