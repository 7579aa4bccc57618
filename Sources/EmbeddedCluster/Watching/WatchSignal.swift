internal import Synchronization

/// Lets the task of a watch sleep until there is something for it.
final class WatchSignal: Sendable {
    struct Reason: OptionSet, Sendable {
        let rawValue: Int

        /// Something happened to what is watched.
        static let news = Reason(rawValue: 1)
        /// It is time to say how far the watch is.
        static let bookmark = Reason(rawValue: 2)
        /// The time of the watch is over: what happened is told, and then it ends.
        static let timeout = Reason(rawValue: 4)
        /// Nobody reads any more, or the server ends.
        static let stop = Reason(rawValue: 8)
    }

    private struct State {
        var raised: Reason = []
        var sleeper: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    func raise(_ reason: Reason) {
        let sleeper = state.withLock { state in
            state.raised.formUnion(reason)
            let sleeper = state.sleeper
            state.sleeper = nil
            return sleeper
        }
        sleeper?.resume()
    }

    /// What was raised since the last time, as soon as there is anything. A cancelled task is to stop.
    func wait() async -> Reason {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isAwake = state.withLock { state in
                    guard state.raised.isEmpty else { return true }
                    state.sleeper = continuation
                    return false
                }
                if isAwake { continuation.resume() }
            }
        } onCancel: {
            raise(.stop)
        }
        return state.withLock { state in
            let raised = state.raised
            state.raised = []
            return raised
        }
    }
}
