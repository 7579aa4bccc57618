/// Why the store did not do what was asked. Nothing was changed, unless the code says otherwise.
public struct StateStoreError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What went wrong. More codes may come: switch over them with a default.
    public struct Code: Sendable, Hashable {
        private enum Kind {
            case absent, damaged, lostLabels, copied, notState, tooLarge, changed, unsettled, notLocked, unknownVersion
            case historyDamaged, encrypted, moved, occupied, samePlace, missingRight
        }
        private let kind: Kind

        /// The environment has no state.
        public static let absent = Code(kind: .absent)
        /// Parts are missing, empty or too many, or what they hold together is no whole gzip.
        public static let damaged = Code(kind: .damaged)
        /// Secrets of the state lack labels that the engines find it by.
        public static let lostLabels = Code(kind: .lostLabels)
        /// Secrets of other names carry the labels of this state.
        public static let copied = Code(kind: .copied)
        /// What is there, or what was given, is no state of a supported version.
        public static let notState = Code(kind: .notState)
        /// The state inflates to more than the configured limit.
        public static let tooLarge = Code(kind: .tooLarge)
        /// Somebody else changed it since it was read.
        public static let changed = Code(kind: .changed)
        /// It was changed again and again while it was read.
        public static let unsettled = Code(kind: .unsettled)
        /// There is no lock, or one of another ID.
        public static let notLocked = Code(kind: .notLocked)
        /// The history has no such version.
        public static let unknownVersion = Code(kind: .unknownVersion)
        /// A version cannot be restored from what the history holds.
        public static let historyDamaged = Code(kind: .historyDamaged)
        /// What was asked needs OpenTofu's key.
        public static let encrypted = Code(kind: .encrypted)
        /// The state was moved to another place, where it is now.
        public static let moved = Code(kind: .moved)
        /// The place that a state was to be moved to has another one of this environment, or its history.
        public static let occupied = Code(kind: .occupied)
        /// What was asked needs a right that the documented Role does not have.
        public static let missingRight = Code(kind: .missingRight)
        /// A state was to be moved to where it is.
        public static let samePlace = Code(kind: .samePlace)
    }

    /// What went wrong.
    public let code: Code
    /// Whose state it is about.
    public let environment: EnvironmentID
    /// The namespace of the state.
    public let namespace: String
    /// What happened and what to do next, without the environment's name.
    public let explanation: String

    init(_ code: Code, _ environment: EnvironmentID, in namespace: String, _ explanation: String) {
        self.code = code
        self.environment = environment
        self.namespace = namespace
        self.explanation = explanation
    }

    public var description: String { "environment \(environment) in namespace \(namespace): \(explanation)" }
}

/// A lock that somebody else holds.
public struct LockHeldError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The lock, as it was last seen.
    public let lock: HeldLock
    /// The namespace of the state.
    public let namespace: String
    /// How long it was waited for.
    public let waited: Duration
    /// Whether its holder is there.
    public let verdict: LockVerdict

    public var description: String {
        let waiting = waited > .zero ? " after waiting \(waited.components.seconds) s" : ""
        return
            "the lock of environment \(lock.environment) in namespace \(namespace) is held\(waiting) by \(lock.summary); "
            + JudgedLock(lock: lock, verdict: verdict).advice
    }
}
