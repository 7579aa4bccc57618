internal import Logging
internal import OrderedJSON
internal import StateGateway
internal import StateStorage
internal import Synchronization
internal import TerraformState

/// The gateway of one run: on loopback, for one environment, with a credential that is made up for it and gone with it.
///
/// The engine holds that credential and no other: all that it could do with the cluster is done here, with the guarantees of
/// the store.
final class RunGateway: StateAccess {
    private static let host = "127.0.0.1"

    let lock: RelayLock
    private let environment: EnvironmentID
    private let credential: String
    private let address: String
    private let observed: ObservedOperations

    var observation: RelayObservation { observed.current }

    func forgetObservation() { observed.forget() }

    private init(_ request: AccessRequest, credential: String, port: Int, observed: ObservedOperations) {
        lock = request.lock
        environment = request.environment
        self.credential = credential
        address = "http://\(Self.host):\(port)"
        self.observed = observed
    }

    /// Listens while the body runs.
    static func with<T: Sendable>(
        _ request: AccessRequest, _ body: @Sendable @escaping (RunGateway) async throws -> T
    ) async throws -> T {
        let authority = RunAuthority(environment: request.environment)
        let (observed, history) = (ObservedOperations(request.logger), request.history)
        var conduct = GatewayConduct()
        conduct.locks = RunLocks(lock: request.lock)
        conduct.reason = request.reason
        conduct.observe = { operation, failure in
            observed.observe(operation, failure)
            if operation == .write, failure == nil { await history.didWrite(nil) }
        }
        var configuration = GatewayConfiguration(host: Self.host, port: 0)
        // What may be read may be written.
        configuration.stateLimit = request.store.configuration.inflationLimit
        let server = GatewayServer(
            store: request.store, authority: authority, configuration: configuration,
            record: Logger(label: "stowage.run") { _ in SwiftLogNoOpLogHandler() }, conduct: conduct)
        return try await whileListening(
            { found in try await server.run { found($0) } }, renewing: request.lock, lost: request.lost
        ) { port in
            try await body(
                RunGateway(request, credential: authority.credential, port: port, observed: observed))
        }
    }

    func backend(userVariables: [String: String]) -> EngineBackend {
        .http(environment, gateway: address, password: credential)
    }
}

/// The locks of an engine whose run renews a Lease beside them.
private struct RunLocks: GatewayLocks {
    let lock: RelayLock

    func take(_ environment: EnvironmentID, _ info: LockInfo) async throws {
        _ = try await lock.take(id: info.id, info: info.json.text)
    }

    func giveBack(_ environment: EnvironmentID, id: String) async throws { _ = try await lock.giveBack(id: id) }

    func confirm(_ environment: EnvironmentID, id: String) async throws { try await lock.confirm() }
}

/// What the gateway did for the engine.
private final class ObservedOperations: Sendable {
    private let observation = Mutex(RelayObservation())
    private let logger: Logger

    init(_ logger: Logger) { self.logger = logger }

    var current: RelayObservation { observation.withLock { $0 } }

    func forget() { observation.withLock { $0 = RelayObservation() } }

    func observe(_ operation: GatewayRequest.Operation, _ failure: (any Error)?) {
        observation.withLock { $0.observe(operation, failure) }
        guard let failure, !(failure is LockHeldError), !(failure is CancellationError) else { return }
        // The engine only shows a status.
        logger.error("the engine's \(operation.rawValue) of the state was refused: \(failure)")
    }
}
