public import TerraformState

/// Which state of which succession it is.
public struct StateMark: Sendable, Hashable {
    /// Counts the states of a lineage up.
    public let serial: UInt64
    /// Names the succession of states that it belongs to.
    public let lineage: String

    public init(serial: UInt64, lineage: String) {
        self.serial = serial
        self.lineage = lineage
    }

    public init(_ file: StateFile) { self.init(serial: file.serial, lineage: file.lineage) }
}
