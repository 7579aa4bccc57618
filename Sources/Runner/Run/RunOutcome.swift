public import StateStorage
public import TerraformState

/// How a run ended.
public struct RunOutcome: Sendable, Hashable {
    /// Why it ended as it did.
    public enum Cause: Sendable, Hashable {
        /// All was done; a plan was made, whether or not it changes something.
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
        /// The time that the run had was over before its engine had ended, which was then interrupted.
        case timedOut(limit: Duration)
        /// The cluster stopped answering; why.
        case unreachable(String)
    }

    /// Why it ended as it did.
    public private(set) var cause: Cause
    /// Where the state was put that the engine could not save; nil when it saved it, or changed nothing.
    public let erroredState: String?
    /// What became of that state.
    public internal(set) var rescued: RescuedState?
    /// Who holds the environment's lock, where that is the cause.
    public var holder: JudgedLock?
    /// How long the run waited for its turn.
    public internal(set) var waited = Duration.zero
    /// As the engine said; nil where it did not come to that.
    public internal(set) var counts: ResourceCounts?
    /// Of a plan whose exit status is to say so: whether there is anything to change.
    public let hasChanges: Bool
    /// The state that was there when the run began; nil where there was none.
    public internal(set) var before: StateMark?
    /// The state that is there when the run has ended; nil where there is none, or it could not be read.
    public internal(set) var after: StateMark?
    /// Those of the state after a run that succeeded and was no plan, sensitive values included.
    public internal(set) var outputs: [StateOutput] = []
    /// From the first request to the end of the engine.
    public internal(set) var duration = Duration.zero

    /// What the engines end with after a plan with changes, if they are asked to.
    private static let changesStatus: Int32 = 2

    /// - Parameters:
    ///   - status: the engine's exit status.
    ///   - isDetailed: whether the engine was asked for a status that says whether there is anything to change.
    ///   - observation: what went by the relay in the same step.
    init(status: Int32, isDetailed: Bool = false, observation: RelayObservation, erroredState: String?) {
        self.erroredState = erroredState
        hasChanges = isDetailed && status == Self.changesStatus
        cause =
            if status == 0 || hasChanges {
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

    var hasLostLock: Bool { if case .lockLost = cause { true } else { false } }

    /// - Parameter limit: the time that the run had, where its end is why the engine was interrupted.
    mutating func takeLimit(_ limit: Duration?) {
        switch cause {
        case .engineFailed, .engineKilled:
            if let limit { cause = .timedOut(limit: limit) }
        default: break
        }
    }
}
