internal import StateStorage

/// The UUID that names a deployment and its Job, in lower case.
public struct DeploymentID: Sendable, Hashable, CustomStringConvertible {
    public let description: String

    /// nil for what is no UUID in lower case.
    public init?(_ text: String) {
        guard let identifier = try? EnvironmentID(text) else { return nil }
        description = identifier.description
    }

    /// A new one: UUID version 4, from the system's random numbers.
    public init() { description = StateStore.freshUUID() }
}
