/// One thing about an environment's state that is wrong, or will be.
public struct DoctorFinding: Sendable, Hashable {
    /// How bad it is. The worst is the greatest.
    public enum Severity: String, Sendable, Hashable, Comparable, CaseIterable {
        /// Worth knowing; nothing is lost and nothing will be.
        case note
        /// Something will not work, or was lost that can be had back.
        case warning
        /// The state cannot be read, or the next engine would overwrite it.
        case damage

        public static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }

        private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    }

    /// What it is, by a name that does not change.
    public enum Code: String, Sendable, Hashable, CaseIterable {
        /// The UUID ends in a group of digits only, which Terraform refuses.
        case numericTail = "numeric-tail"
        /// Secrets of the state lack labels that engines find it by.
        case labelsChanged = "labels-changed"
        /// Other Secrets carry the labels of the state.
        case copies
        /// An engine enlarged the state into Secrets that were retired, and cannot find them.
        case hiddenParts = "hidden-parts"
        /// Parts of the state are gone.
        case missingParts = "missing-parts"
        /// The state is whole, and parts of a longer one follow.
        case surplusParts = "surplus-parts"
        /// The parts together are no whole gzip.
        case torn
        /// The one Secret is no whole gzip.
        case corrupt
        /// The Secret is there and nothing is in it.
        case empty
        /// What is there is no state file of version 4.
        case notState = "not-a-state"
        /// The state inflates to more than the limit.
        case tooLarge = "too-large"
        /// A write died after its commit, and is not finished.
        case halfDoneWrite = "half-done-write"
        /// An engine overwrote a write that was not finished.
        case overwrittenWrite = "overwritten-write"
        /// The state lost all of its resources against its history.
        case emptied
        /// The state has a lower serial than the version before it.
        case serialBack = "serial-back"
        /// The state has the serial of the version before it, and differs.
        case serialTwice = "serial-twice"
        /// The state is of another lineage than the version before it.
        case lineageChanged = "lineage-changed"
        /// The state fills most of what OpenTofu can write.
        case nearPartLimit = "near-part-limit"
        /// All states and histories of the namespace come to 1 GiB.
        case nearClusterLimit = "near-cluster-limit"
        /// The state is OpenTofu's, and in more Secrets than OpenTofu reads.
        case mixedEngines = "mixed-engines"
        /// The lock is held.
        case lock
        /// Secrets are there of an environment that has no state.
        case nothingLeft = "nothing-left"
        /// A deployment changed something and could not save its state.
        case unsaved
        /// Versions of the history cannot be had.
        case history
        /// The state was changed again and again while it was read.
        case busy
    }

    /// What it is.
    public let code: Code
    /// How bad it is.
    public let severity: Severity
    /// nil for what concerns the namespace.
    public let environment: EnvironmentID?
    /// What was seen, with the objects' names.
    public let evidence: String
    /// What to do about it: a command, or in words where there is none.
    public let remedy: String
    /// Whether ``Doctor/fix(_:)`` can: there is one remedy, and it is safe.
    public let isFixable: Bool

    init(
        _ code: Code, _ severity: Severity, _ environment: EnvironmentID?, _ evidence: String, remedy: String,
        isFixable: Bool = false
    ) {
        self.code = code
        self.severity = severity
        self.environment = environment
        self.evidence = evidence
        self.remedy = remedy
        self.isFixable = isFixable
    }
}
