internal import KubernetesAPI
internal import OrderedJSON
internal import StateGateway
internal import StateStorage

/// What went by the relay or the gateway of a run and explains why an engine failed: facts, so that nobody has to read an engine's prose.
struct RelayObservation: Sendable, Equatable {
    enum Lock: Sendable, Equatable {
        case untouched
        /// This engine holds it.
        case acquired
        case released
        /// Somebody else holds it, or was faster. The ID is nil where it was not seen.
        case heldByAnother(id: String?)
    }

    /// Whether the engine asked for anything.
    private(set) var isUsed = false
    private(set) var lock = Lock.untouched
    /// The message of the last 401 or 403.
    private(set) var denial: String?
    /// The namespace that the engine wanted to create something in, and that does not exist.
    private(set) var missingNamespace: String?
    /// Why the cluster did not answer, the last time it did not.
    private(set) var unreachable: String?

    /// What the engine was told instead of writing a state under a lock that it had lost.
    private(set) var lockLoss: String?

    /// - Parameters:
    ///   - sent: the body of the request.
    ///   - answer: the body of the answer, where it was kept.
    mutating func observe(verb: HTTPVerb, path: String, sent: [UInt8], status: Int, answer: [UInt8]?) {
        (isUsed, unreachable) = (true, nil)
        if status == 401 || status == 403 {
            denial = answer.flatMap { try? JSON(parsing: $0) }.flatMap(Status.init(json:))?.message ?? "HTTP \(status)"
        }
        if status == 404, verb == .post {
            let message = answer.flatMap { try? JSON(parsing: $0) }.flatMap(Status.init(json:))
            if message?.details?.kind == ResourceKind.namespace.resource { missingNamespace = message?.details?.name }
        }
        guard path.contains("/leases") else { return }
        switch (verb, status) {
        case (.get, 200):
            let holder = answer.flatMap { try? JSON(parsing: $0) }.flatMap { Lease(object: $0).holderIdentity }
            guard lock != .acquired else { return }
            lock = holder.map { .heldByAnother(id: $0) } ?? .untouched
        case (.post, 201), (.put, 200):
            let holder = (try? JSON(parsing: sent)).flatMap { Lease(object: $0).holderIdentity }
            lock = holder == nil ? .released : .acquired
        case (.post, 409), (.put, 409):
            if lock != .acquired { lock = .heldByAnother(id: nil) }
        default:
            break
        }
    }

    /// - Parameter failure: why the gateway did not do it; nil where it did.
    mutating func observe(_ operation: GatewayRequest.Operation, _ failure: (any Error)?) {
        (isUsed, unreachable) = (true, nil)
        switch failure {
        case nil where operation == .lock: lock = .acquired
        case nil where operation == .unlock: lock = .released
        case let error as LockHeldError: observeLockHeld(by: error.lock.id)
        case let error as LockLostError: observeLockLost("\(error)")
        case let error as KubernetesError: observe(error)
        default: break
        }
    }

    private mutating func observe(_ error: KubernetesError) {
        guard let status = error.status else { return observeUnreachable("\(error)") }
        switch error.code {
        case .unauthorized, .forbidden: denial = status.message
        case .notFound where status.details?.kind == ResourceKind.namespace.resource:
            missingNamespace = status.details?.name
        default: break
        }
    }

    mutating func observeUnreachable(_ reason: String) { (isUsed, unreachable) = (true, reason) }

    mutating func observeLockHeld(by id: String) { (isUsed, lock) = (true, .heldByAnother(id: id)) }

    mutating func observeLockLost(_ message: String) { (isUsed, lockLoss) = (true, message) }
}
