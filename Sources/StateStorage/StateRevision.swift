/// Which state it is, as the cluster counts: the versions of the Secrets that it stands in.
public struct StateRevision: Sendable, Hashable {
    /// Whose state it is.
    public let environment: EnvironmentID
    /// Of the parts, in order.
    let versions: [String]
}
