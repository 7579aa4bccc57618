public import TerraformState

/// A state as it was read.
public struct StateSnapshot: Sendable {
    /// Whose state it is.
    public let environment: EnvironmentID
    /// The state, bytes exactly as whoever wrote it gave them.
    public let file: StateFile
    /// Its size in the Secrets, in bytes of gzip.
    public let storedSize: Int
    /// The Secrets that it stands in.
    public let partCount: Int
    /// The versions of the Secrets that it was read from, which a write over it is compared with.
    let versions: [String]

    /// Which state it is.
    public var revision: StateRevision { StateRevision(environment: environment, versions: versions) }

    init?(_ reading: StateReading, _ environment: EnvironmentID) throws {
        guard let file = try reading.file() else { return nil }
        self.environment = environment
        self.file = file
        storedSize = reading.payloadSize
        partCount = reading.pending?.staged.count ?? reading.parts.count
        versions = reading.parts.map(\.resourceVersion)
    }
}
