/// One thing that a check looked at.
public struct CheckFinding: Sendable, Hashable {
    /// How bad it is.
    public enum Level: String, Sendable, Hashable {
        /// As it should be.
        case ok
        /// Worth knowing; everything works.
        case note
        /// Something does not work, or will not soon.
        case problem
        /// It could not be found out.
        case unknown
    }

    /// What was looked at.
    public enum Topic: String, Sendable, Hashable {
        /// What was looked at, in the word that `stowage check` prints.
        case cluster, namespace, clock, encryption, states, quota
    }

    /// What was looked at.
    public let topic: Topic
    /// How bad it is.
    public let level: Level
    /// What was seen, and what to do about it.
    public let text: String

    init(_ topic: Topic, _ level: Level, _ text: String) {
        self.topic = topic
        self.level = level
        self.text = text
    }
}

/// An access, and whether the account has it.
public struct CheckedAccess: Sendable, Hashable {
    /// What it is needed for.
    public let need: AccessNeed
    /// The namespace that it was asked for in.
    public let namespace: String
    /// Whether the cluster allows it.
    public let isGranted: Bool
    /// Why, where the cluster says so.
    public let reason: String
}

/// What a check found.
public struct CheckResult: Sendable {
    /// What was looked at beside the rights, in the order of looking.
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
