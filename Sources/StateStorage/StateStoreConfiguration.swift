/// How a store works: limits, and how it signs what it writes.
public struct StateStoreConfiguration: Sendable, Hashable {
    /// The largest state that is inflated, in bytes.
    public var inflationLimit = 512 << 20
    /// The versions that an environment's history keeps from the next write on, which says so to all later writers. nil
    /// keeps as many as was said last for that environment, or ``defaultHistoryLength``.
    public var historyLength: Int?
    /// The versions that are kept where nobody said how many.
    public static let defaultHistoryLength = 10
    /// What the versions of an environment may cost together, in bytes in the cluster. Where the largest of them is more than
    /// a third of it, three times that one. The oldest give way.
    public var historyBudget = 8 << 20
    /// Where a payload is cut; anything but the engines' limit is for tests.
    var partLimit = StatePart.limit
    /// The payload of a state, in bytes, beyond which it is not kept in memory while another replaces it.
    var largestInMemory = 4 << 20
    /// The longest pause between two looks at a lock that somebody else holds.
    var longestLockPause = Duration.seconds(2)
    /// How long an attempt at a lock may take at least, whatever is left of the time to wait, and how long it is looked after a
    /// failure whether the lock was taken all the same.
    var lockRequestLimit = Duration.seconds(10)
    /// The namespace, of the same cluster, where Pods run engines: a lock whose holder names itself after one of them is judged
    /// by it. nil looks at no Pod. Needs the right to get Pods there.
    public var jobNamespace: String?
    /// The shortest pause before something is read again; zero does not wait.
    var shortestPause = Duration.milliseconds(10)
    /// Requests that are sent at the same time, at most.
    public var parallelRequests = 8
    /// Of those, how many may carry a part of a state, of which several copies are in memory while it is sent or received.
    var parallelParts: Int { min(parallelRequests, 3) }
    /// Who writes, as `user@host`: stands in lock info and history.
    public var writer: String
    /// The version of the program that writes: stands in lock info.
    public var programVersion: String

    public init(writer: String, programVersion: String) {
        self.writer = writer
        self.programVersion = programVersion
    }
}
