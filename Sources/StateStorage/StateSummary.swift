public import TerraformState

/// What a state is, without what is in it.
public struct StateSummary: Sendable, Hashable {
    /// Whose state it is.
    public let environment: EnvironmentID
    /// Counts the states of a lineage up.
    public let serial: UInt64
    /// Names the succession of states that this one belongs to.
    public let lineage: String
    /// Of the state file, in bytes.
    public let size: Int
    /// In the Secrets, in bytes.
    public let storedSize: Int
    /// How many Secrets it takes.
    public let partCount: Int
    /// The version of the engine that wrote it; nil where it does not say.
    public let engineVersion: String?
    /// Whether OpenTofu encrypted it.
    public let isEncrypted: Bool
    /// nil where OpenTofu encrypted the state.
    public let counts: StateCounts?

    public init(_ snapshot: StateSnapshot) {
        environment = snapshot.environment
        serial = snapshot.file.serial
        lineage = snapshot.file.lineage
        size = snapshot.file.bytes.count
        storedSize = snapshot.storedSize
        partCount = snapshot.partCount
        engineVersion = snapshot.file.engineVersion
        isEncrypted = snapshot.file.isEncrypted
        counts = try? snapshot.file.counts()
    }
}
