public import TerraformState

/// What a state is, without what is in it.
public struct StateSummary: Sendable, Hashable {
    public let environment: EnvironmentID
    public let serial: UInt64
    public let lineage: String
    /// Of the state file, in bytes.
    public let size: Int
    /// In the Secrets, in bytes.
    public let storedSize: Int
    public let partCount: Int
    public let engineVersion: String?
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
