public import StateStorage

/// What a run tells while it lasts, beside what its engine prints.
public enum RunNotice: Sendable, Hashable {
    /// It waits for its turn, or for others than before.
    case waiting(TurnWait)
    /// It took the lock over from a run of ours that is gone.
    case tookOver(JudgedLock)
    /// The time that it may take is over, and the engine is asked to end.
    case timeOver(limit: Duration)
    /// The cluster does not answer, and is asked again to take a state that an engine could not save; why.
    case insisting(EnvironmentID, reason: String)
    /// What became of a state that an engine could not save.
    case rescued(RescuedState)
    /// An apply left nothing of what was in the state before; the command that brings that back.
    case emptied(EnvironmentID, resources: Int, rollback: String)
    /// The state that the run's engine wrote is not in the history; why.
    case notKept(EnvironmentID, String)

    /// One word for programs.
    public var kind: String {
        switch self {
        case .waiting: "wait"
        case .tookOver: "takeover"
        case .timeOver: "timeout"
        case .insisting, .rescued: "rescue"
        case .emptied: "emptied"
        case .notKept: "history"
        }
    }

    /// Whether it is to be told also to who wants to hear of failures only.
    public var isGrave: Bool {
        switch self {
        case .waiting, .tookOver: false
        case .timeOver, .insisting, .rescued, .emptied, .notKept: true
        }
    }

    /// One line for people.
    public var message: String {
        switch self {
        case .waiting(let wait): "waiting for the turn in environment \(wait.environment): \(wait.summary)"
        case .tookOver(let lock):
            "took over the lock of environment \(lock.lock.environment) from \(lock.lock.summary): \(lock.verdict.evidence)"
        case .timeOver(let limit):
            "the time limit of \(limit.components.seconds) s is over; the engine is interrupted, and killed if it does not end"
        case .insisting(let environment, let reason):
            "the state of environment \(environment), which its engine could not save, is in this Pod only; the cluster is asked "
                + "to take it for \(RescuePatience.limit.components.seconds / 60) min, and for "
                + "\(RescuePatience.limitWhenEnding.components.seconds) s once the Pod is asked to end: \(reason)"
        case .rescued(let state): state.message
        case .emptied(let environment, let resources, let rollback):
            "WARNING: the state of environment \(environment) has no resources any more; it had \(resources) before this apply. "
                + "If that is not what was wanted, `\(rollback)` brings the state back, and the next plan shows what is "
                + "missing outside"
        case .notKept(let environment, let reason):
            "the state of environment \(environment) that this run wrote could not be kept as a version: \(reason)"
        }
    }
}
