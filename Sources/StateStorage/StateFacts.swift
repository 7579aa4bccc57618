public import TerraformState

/// What a state says about itself and what identifies its bytes, without them.
public struct StateFacts: Sendable, Hashable {
    /// Counts the states of a lineage up.
    public let serial: UInt64
    /// Names the succession of states that this one belongs to.
    public let lineage: String
    /// The version of the engine that wrote it; nil where it does not say.
    public let engineVersion: String?
    /// Whether OpenTofu encrypted it.
    public let isEncrypted: Bool
    /// nil where OpenTofu encrypted the state.
    public let counts: StateCounts?
    /// Of the state file, in bytes.
    public let size: Int
    /// Of the state file's bytes, in lower-case hexadecimal digits.
    public let sha256: String

    public init(_ file: StateFile) {
        serial = file.serial
        lineage = file.lineage
        engineVersion = file.engineVersion
        isEncrypted = file.isEncrypted
        counts = try? file.counts()
        size = file.bytes.count
        sha256 = StateStorage.sha256(file.bytes)
    }
}
