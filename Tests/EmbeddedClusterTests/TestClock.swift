@testable import EmbeddedCluster
import Synchronization

/// A time of day that goes on when it is told to.
final class TestClock: Sendable {
    private struct State {
        var now: Timestamp
        var sleepers: [UInt64: (until: Timestamp, CheckedContinuation<Void, Never>)] = [:]
        var next: UInt64 = 0
    }

    private let state: Mutex<State>

    init(_ now: Timestamp = Timestamp(seconds: 1_800_000_000)) { state = Mutex(State(now: now)) }

    var clock: ClusterClock {
        ClusterClock(now: { self.state.withLock(\.now) }, sleep: { try await self.sleep(until: $0) })
    }

    func advance(by duration: Duration) {
        let due = state.withLock { state in
            state.now = state.now + duration
            let due = state.sleepers.filter { $0.value.until <= state.now }
            for id in due.keys { state.sleepers[id] = nil }
            return due.values.map(\.1)
        }
        for sleeper in due { sleeper.resume() }
    }

    private func sleep(until moment: Timestamp) async throws {
        let id = state.withLock { state in
            state.next += 1
            return state.next
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if moment <= state.now || Task.isCancelled { return true }
                    state.sleepers[id] = (moment, continuation)
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.sleepers.removeValue(forKey: id) }?.1.resume()
        }
        try Task.checkCancellation()
    }
}
