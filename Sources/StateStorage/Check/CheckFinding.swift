/// One thing that a check looked at.
public struct CheckFinding: Sendable, Hashable {
    public enum Level: String, Sendable, Hashable {
        case ok
        /// Worth knowing; everything works.
        case note
        /// Something does not work, or will not soon.
        case problem
        /// It could not be found out.
        case unknown
    }

    public enum Topic: String, Sendable, Hashable {
        case cluster, namespace, clock, encryption, states, quota
    }

    public let topic: Topic
    public let level: Level
    public let text: String

    init(_ topic: Topic, _ level: Level, _ text: String) {
        self.topic = topic
        self.level = level
        self.text = text
    }
}

/// An access, and whether the account has it.
public struct CheckedAccess: Sendable, Hashable {
    public let need: AccessNeed
    public let namespace: String
    public let isGranted: Bool
    /// Why, where the cluster says so.
    public let reason: String
}

/// What a check found.
public struct CheckResult: Sendable {
    public let findings: [CheckFinding]
    /// Every access that was asked for.
    public let accesses: [CheckedAccess]
    /// Whose rights those of `AccessNeed.Holder.runner` are, and how they were asked for.
    public let runner: (name: String?, way: AccessReviewer.Way)
    /// Whose rights those of `AccessNeed.Holder.submitter` are; nil where they were not asked for.
    public let submitter: String?
    /// Who must be able to work.
    public let consumers: Set<Consumer>
    /// What closes the gap; empty where there is none.
    public let repairs: [RoleRepair]
    /// What the probe did; nil where none was asked for.
    public let probe: ProbeResult?

    /// What is needed and denied.
    public var missing: [CheckedAccess] { accesses.filter { !$0.isGranted && $0.need.isNeeded(by: consumers) } }
}
