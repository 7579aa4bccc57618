public import TerraformState

/// Which state of which succession it is.
public struct StateMark: Sendable, Hashable {
    public let serial: UInt64
    public let lineage: String

    public init(serial: UInt64, lineage: String) {
        self.serial = serial
        self.lineage = lineage
    }

    public init(_ file: StateFile) { self.init(serial: file.serial, lineage: file.lineage) }
}
