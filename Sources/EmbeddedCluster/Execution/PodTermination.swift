internal import Synchronization

/// The wish that a Pod's processes end: asked at once, forced at some moment.
final class PodTermination: Sendable {
    private struct State {
        var killAt: Timestamp?
        var listeners: [UInt64: AsyncStream<Timestamp>.Continuation] = [:]
        var nextListener: UInt64 = 0
    }

    private let state = Mutex(State())

    var isRequested: Bool { state.withLock { $0.killAt != nil } }

    /// - Parameter killAt: when to force it; a later wish changes that for the sooner only.
    func request(killAt: Timestamp) {
        let listeners = state.withLock { state -> [AsyncStream<Timestamp>.Continuation] in
            if let earlier = state.killAt, earlier <= killAt { return [] }
            state.killAt = killAt
            return Array(state.listeners.values)
        }
        for listener in listeners { listener.yield(killAt) }
    }

    /// The moments at which it is to be forced, beginning with what was wished before.
    func requests() -> AsyncStream<Timestamp> {
        let (stream, listener) = AsyncStream.makeStream(of: Timestamp.self, bufferingPolicy: .bufferingNewest(1))
        let id = state.withLock { state in
            let id = state.nextListener
            state.nextListener += 1
            state.listeners[id] = listener
            if let killAt = state.killAt { listener.yield(killAt) }
            return id
        }
        listener.onTermination = { [weak self] _ in self?.remove(id) }
        return stream
    }

    private func remove(_ id: UInt64) { state.withLock { _ = $0.listeners.removeValue(forKey: id) } }

    /// Waits for the moment, or for the wish if that comes first.
    func wait(until moment: Timestamp, _ clock: ClusterClock) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { for await _ in self.requests() { return } }
            group.addTask { try? await clock.sleep(moment) }
            await group.next()
            group.cancelAll()
        }
    }
}
