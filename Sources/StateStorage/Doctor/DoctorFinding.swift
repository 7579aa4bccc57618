/// One thing about an environment's state that is wrong, or will be.
public struct DoctorFinding: Sendable, Hashable {
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
        case numericTail = "numeric-tail"
        case labelsChanged = "labels-changed"
        case copies
        case hiddenParts = "hidden-parts"
        case missingParts = "missing-parts"
        case surplusParts = "surplus-parts"
        case torn
        case corrupt
        case empty
        case notState = "not-a-state"
        case tooLarge = "too-large"
        case halfDoneWrite = "half-done-write"
        case overwrittenWrite = "overwritten-write"
        case emptied
        case serialBack = "serial-back"
        case serialTwice = "serial-twice"
        case lineageChanged = "lineage-changed"
        case nearPartLimit = "near-part-limit"
        case nearClusterLimit = "near-cluster-limit"
        case mixedEngines = "mixed-engines"
        case lock
        case nothingLeft = "nothing-left"
        case history
        case busy
    }

    public let code: Code
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
