internal import OrderedJSON

/// What a run waits for.
public struct TurnWait: Sendable, Hashable {
    /// Whose runs they are.
    public let environment: EnvironmentID
    /// The runs that arrived before, and have not ended; the first of them has its turn.
    public let ahead: [QueueTicket]
    /// The lock, where the run is the next and somebody who is not in the queue holds it.
    public let lock: HeldLock?
    /// Why a lock is waited for that was left behind.
    public internal(set) var obstacle: String?

    /// Who is ahead, since when, doing what, and how many they are.
    public var summary: String {
        if let first = ahead.first {
            let count = ahead.count == 1 ? "1 run is ahead" : "\(ahead.count) runs are ahead, the first"
            return "\(count), of \(first.summary)"
        }
        let holder = lock.map { ", and its lock is held by \($0.summary)" } ?? ""
        return "no run is ahead\(holder)\(obstacle.map { "; \($0)" } ?? "")"
    }
}

/// What happens while a run waits for its turn.
public enum TurnEvent: Sendable {
    /// It waits for others than before.
    case waiting(TurnWait)
    /// A run of ours that is gone left the lock behind, and this run took it from it.
    case tookOver(JudgedLock)
}

/// An environment that other runs work on. Nothing was changed.
public struct EnvironmentBusyError: Error, Sendable, Hashable, CustomStringConvertible {
    /// That of the state.
    public let namespace: String
    /// What was waited for.
    public let wait: TurnWait
    /// How long the run waited.
    public let waited: Duration
    /// The environment's lock, where it is held.
    public let lock: JudgedLock?

    public var description: String {
        let waiting = waited > .zero ? " after waiting \(waited.components.seconds) s" : ""
        return "environment \(wait.environment) in namespace \(namespace) is busy\(waiting): \(wait.summary); "
            + (lock.map { "its lock is held by \($0.lock.summary); \($0.advice)" }
                ?? (waited > .zero ? "wait for longer with --wait" : "wait for your turn with --wait 10m"))
    }
}
