internal import Synchronization

/// For how long a cluster that does not answer is asked again to take a state that would otherwise be lost.
struct RescuePatience: Sendable {
    /// The Job's own time limit may end it before, as a signal.
    static let limit = Duration.seconds(1800)
    /// Once the Pod was asked to end: what is left of its grace period after the engine's, with time to tell of it.
    static let limitWhenEnding = Duration.seconds(20)
    private static let longestPause = Duration.seconds(15)

    let interruption: Interruption
    var clock: any Clock<Duration> = ContinuousClock()

    /// Repeats the attempt until it ends with anything but an outage.
    ///
    /// - Parameters:
    ///   - told: why it is repeated, once.
    ///   - attempt: is given its number, from 1.
    /// - Throws: ``RescueTimeout`` when the time is over; what the attempt throws.
    func insisting<T: Sendable>(
        told: @escaping @Sendable (String) -> Void, _ attempt: @escaping @Sendable (Int) async throws -> T
    ) async throws -> T {
        let last = LastReason()
        return try await withThrowingTaskGroup(of: T?.self) { group in
            group.addTask {
                var pause = Duration.seconds(1)
                for number in 1... {
                    do {
                        return try await attempt(number)
                    } catch  where error.isOutage {
                        try Task.checkCancellation()
                        if last.note("\(error)") { told("\(error)") }
                    }
                    try await clock.sleep(for: pause)
                    pause = min(pause * 2, Self.longestPause)
                }
                return nil
            }
            group.addTask {
                await timeIsOver()
                return nil
            }
            defer { group.cancelAll() }
            guard let result = try await group.next() ?? nil else {
                throw RescueTimeout(
                    limit: interruption.wasAsked ? Self.limitWhenEnding : Self.limit, reason: last.text)
            }
            return result
        }
    }

    private func timeIsOver() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await clock.sleep(for: Self.limit) }
            group.addTask { await interruption.untilAsked() }
            await group.next()
            group.cancelAll()
        }
        if interruption.wasAsked { try? await clock.sleep(for: Self.limitWhenEnding) }
    }
}

/// A cluster that did not answer for as long as it was asked.
struct RescueTimeout: Error, Sendable, CustomStringConvertible {
    let limit: Duration
    let reason: String

    var description: String { "the cluster did not answer, and was asked for \(limit.components.seconds) s: \(reason)" }
}

private final class LastReason: Sendable {
    private let reason = Mutex<String?>(nil)

    var text: String { reason.withLock { $0 } ?? "it did not answer in time" }

    /// - Returns: whether it is the first.
    func note(_ text: String) -> Bool {
        reason.withLock { reason in
            defer { reason = text }
            return reason == nil
        }
    }
}
