internal import KubernetesAPI
internal import Logging
internal import StateStorage

/// What stands between an engine and its state for as long as one run lasts.
protocol StateAccess: Sendable {
    var lock: RelayLock { get }
    /// What was seen since it was forgotten.
    var observation: RelayObservation { get }

    /// Starts anew, so that what one step of a run met is not taken for the reason why the next one failed.
    func forgetObservation()

    /// What the engine is given.
    func backend(userVariables: [String: String]) -> EngineBackend
}

/// What the access of a run is made of.
struct AccessRequest: Sendable {
    let store: StateStore
    let environment: EnvironmentID
    let history: RunHistory
    /// What is run, for the history.
    let reason: String
    let lock: RelayLock
    let logger: Logger
    /// Told when somebody else was given the lock that the engine holds.
    let lost: @Sendable (LockLostError) -> Void
}

extension StateBackend {
    /// Opens the access while the body runs.
    func withAccess<T: Sendable>(
        _ request: AccessRequest, _ body: @Sendable @escaping (any StateAccess) async throws -> T
    ) async throws -> T {
        switch self {
        case .kubernetes: try await Relay.with(request) { try await body($0) }
        case .gateway: try await RunGateway.with(request) { try await body($0) }
        }
    }
}

/// A loopback listener that lasts as long as the body.
///
/// - Parameters:
///   - listen: listens until it is cancelled, and tells the port once.
///   - lock: renewed meanwhile.
///   - lost: told when somebody else was given the lock.
///   - body: is given the port.
func whileListening<T: Sendable>(
    _ listen: @Sendable @escaping (@Sendable @escaping (Int) -> Void) async throws -> Void,
    renewing lock: RelayLock, lost: @Sendable @escaping (LockLostError) -> Void,
    _ body: @Sendable @escaping (Int) async throws -> T
) async throws -> T {
    let (ports, portFound) = AsyncStream.makeStream(of: Int.self)
    return try await withThrowingTaskGroup(of: T?.self) { group in
        group.addTask {
            defer { portFound.finish() }
            try await listen {
                portFound.yield($0)
                portFound.finish()
            }
            return nil
        }
        group.addTask {
            try await lock.keepRenewed(lost: lost)
            return nil
        }
        group.addTask {
            for await port in ports { return try await body(port) }
            throw RunError(.relay, "the run's listener could not listen on 127.0.0.1")
        }
        defer { group.cancelAll() }
        while let result = try await group.next() {
            if let result { return result }
        }
        throw RunError(.relay, "the run's listener stopped before the run did")
    }
}
