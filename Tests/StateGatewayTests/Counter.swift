import Synchronization

/// A number that many change, and the most that it ever was.
final class Counter: Sendable {
    private let state = Mutex((now: 0, most: 0))

    var now: Int { state.withLock { $0.now } }
    var most: Int { state.withLock { $0.most } }

    /// - Returns: the number as it is then.
    @discardableResult
    func add(_ number: Int) -> Int {
        state.withLock { state in
            state.now += number
            state.most = max(state.most, state.now)
            return state.now
        }
    }
}
