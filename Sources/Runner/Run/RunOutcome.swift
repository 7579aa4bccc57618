public import StateStorage

/// How a run ended.
public struct RunOutcome: Sendable, Hashable {
    public enum Cause: Sendable, Hashable {
        case succeeded
        /// The engine's own output says why.
        case engineFailed
        /// Somebody else holds the environment's lock; the ID is nil where it was not seen.
        case lockHeld(id: String?)
        /// Somebody else was given the environment's lock while the engine was at work; what the engine was told.
        case lockLost(String)
        /// The cluster refused something that the engine needed; its message.
        case denied(String)
        /// The namespace of the state does not exist.
        case namespaceMissing(String)
        /// A signal ended the engine, which may have left its lock held; the signal's number.
        case engineKilled(signal: Int32)
        /// The cluster stopped answering; why.
        case unreachable(String)
    }

    public let cause: Cause
    /// Where the state was put that the engine could not save; nil when it saved it, or changed nothing.
    public let erroredState: String?
    /// Who holds the environment's lock, where that is the cause.
    public var holder: JudgedLock?

    /// - Parameters:
    ///   - status: the engine's exit status.
    ///   - observation: what went by the relay in the same step.
    init(status: Int32, observation: RelayObservation, erroredState: String?) {
        self.erroredState = erroredState
        cause =
            if status == 0 {
                .succeeded
            } else if let reason = observation.unreachable {
                .unreachable(reason)
            } else if let message = observation.lockLoss {
                .lockLost(message)
            } else if let message = observation.denial {
                .denied(message)
            } else if let namespace = observation.missingNamespace {
                .namespaceMissing(namespace)
            } else if status > 128 {
                .engineKilled(signal: status - 128)
            } else if case .heldByAnother(let id) = observation.lock {
                .lockHeld(id: id)
            } else {
                .engineFailed
            }
    }
}
