public import StateStorage

/// Knows callers by the tokens in the cluster.
public actor TokenAuthority: GatewayAuthority {
    /// How long tokens that were read are believed. A revoked one is taken that much longer, at most.
    public static let memory = Duration.seconds(5)
    /// Between two looks for a token that is not among those that were read. It may have been made since; but guesses must
    /// not become requests to the cluster, so that all who show an unknown one in the meantime share the next look.
    private static let pause = Duration.milliseconds(250)
    private static let capacity = 4096

    private struct Known {
        let tokens: [GatewayToken]
        let readAt: ContinuousClock.Instant
    }

    private let read: @Sendable (EnvironmentID) async throws -> [GatewayToken]
    private var known: [EnvironmentID: Known] = [:]
    private var reads: [EnvironmentID: (task: Task<Known, any Error>, began: ContinuousClock.Instant)] = [:]

    public init(_ tokens: GatewayTokens) { self.init { try await tokens.list($0) } }

    init(read: @escaping @Sendable (EnvironmentID) async throws -> [GatewayToken]) { self.read = read }

    /// Whose token it is, if the environment has it and it is not over; nil for any other.
    public func caller(presenting credential: String, for environment: EnvironmentID) async throws -> GatewayCaller? {
        guard let credential = GatewayCredential(parsing: credential) else { return nil }
        let now = ContinuousClock.now
        var entry = try await tokens(of: environment, readAfter: now - Self.memory)
        if !entry.tokens.contains(where: { $0.name == credential.name }), entry.readAt < now {
            try await Task.sleep(until: entry.readAt + Self.pause, clock: .continuous)
            entry = try await tokens(of: environment, readAfter: now)
        }
        guard let token = entry.tokens.first(where: { $0.name == credential.name }),
            token.hasSecret(credential.secret), !token.isExpired(at: Timestamp.now())
        else { return nil }
        return GatewayCaller(name: token.name, scope: token.scope)
    }

    private func tokens(
        of environment: EnvironmentID, readAfter time: ContinuousClock.Instant
    ) async throws -> Known {
        if let entry = known[environment], entry.readAt >= time { return entry }
        if let read = reads[environment], read.began >= time { return try await read.task.value }
        let began = ContinuousClock.now
        let task = Task { Known(tokens: try await read(environment), readAt: began) }
        reads[environment] = (task, began)
        let result = await task.result
        if reads[environment]?.began == began { reads[environment] = nil }
        let entry = try result.get()
        remember(entry, environment)
        return entry
    }

    private func remember(_ entry: Known, _ environment: EnvironmentID) {
        guard known[environment].map({ $0.readAt < entry.readAt }) ?? true else { return }
        // What nobody asked for lately is forgotten, so that guesses at environments do not fill the memory.
        if known.count >= Self.capacity {
            let limit = ContinuousClock.now - Self.memory
            known = known.filter { $0.value.readAt >= limit }
        }
        if known.count < Self.capacity || known[environment] != nil { known[environment] = entry }
    }
}
