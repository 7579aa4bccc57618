internal import StateStorage

/// What a gateway does beside answering: as one for everybody, or for one run.
public struct GatewayConduct: Sendable {
    /// nil for locks that nobody renews.
    public var locks: (any GatewayLocks)?
    /// Why states are replaced, for the history.
    public var reason = "written by an engine through the gateway"
    /// Told how each operation of a caller that was let in ended.
    public var observe: @Sendable (GatewayRequest.Operation, (any Error)?) async -> Void = { _, _ in }

    public init() {}
}
