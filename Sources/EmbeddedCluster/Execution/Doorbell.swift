internal import Synchronization

/// Wakes the one who waits; once, however often it was rung since.
final class Doorbell: Sendable {
    private struct State {
        var isRung = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    func ring() {
        let waiter = state.withLock { state in
            if state.waiter == nil { state.isRung = true }
            return state.waiter.take()
        }
        waiter?.resume()
    }

    /// Returns at once when it was rung since the last time, and when the task is cancelled.
    func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.isRung || Task.isCancelled {
                        state.isRung = false
                        return true
                    }
                    state.waiter = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiter.take() }?.resume()
        }
    }

    /// - Parameter moment: when to stop waiting; nil for never.
    func wait(until moment: Timestamp?, _ clock: ClusterClock) async {
        guard let moment else { return await wait() }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.wait() }
            group.addTask { try? await clock.sleep(moment) }
            await group.next()
            group.cancelAll()
        }
    }
}
