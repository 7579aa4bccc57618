internal import Hummingbird
internal import KubernetesAPI
internal import OrderedJSON
internal import StateStorage

extension Relay {
    /// Carries out a request that takes the lock or gives it back, and stops one that writes a state without the lock.
    ///
    /// - Returns: nil for every request that is to be passed on as it is.
    func lockAnswer(_ verb: HTTPVerb, _ path: String, _ body: [UInt8]) async -> Response? {
        if path.hasPrefix(ResourceKind.lease.path(namespace: policy.namespace)) {
            await lock.noteRequest()
            guard verb != .get, let lease = try? JSON(parsing: body) else { return nil }
            return await change(lease, verb, path, body)
        }
        return verb == .get ? nil : await fence()
    }

    private func change(_ lease: JSON, _ verb: HTTPVerb, _ path: String, _ body: [UInt8]) async -> Response? {
        do {
            let changed: JSON
            if let id = Lease(object: lease).holderIdentity {
                changed = try await lock.take(id: id, info: lease.objectAnnotations[Self.lockInfo] ?? "")
            } else if let id = await lock.lockID {
                changed = try await lock.giveBack(id: id)
            } else {
                return nil
            }
            let status = verb == .post ? 201 : 200
            observe { $0.observe(verb: verb, path: path, sent: body, status: status, answer: changed.bytes) }
            return Self.response(status, changed)
        } catch {
            let status = Status(answering: error)
            observe {
                switch error {
                case let error as LockHeldError: $0.observeLockHeld(by: error.lock.id)
                case let error as KubernetesError where error.status == nil: $0.observeUnreachable("\(error)")
                default:
                    $0.observe(verb: verb, path: path, sent: body, status: status.code, answer: status.json.bytes)
                }
            }
            return Self.response(status)
        }
    }

    /// Before a state is written: an engine that believes to hold the lock may have lost it, while it or the machine was
    /// suspended. It is told so in the way in which it is told of conflicts, and keeps the state in a file.
    private func fence() async -> Response? {
        do {
            try await lock.confirm()
            return nil
        } catch {
            let status = Status(answering: error)
            observe {
                switch error {
                case is LockLostError: $0.observeLockLost("\(error)")
                case let error as KubernetesError where error.status == nil: $0.observeUnreachable("\(error)")
                default: break
                }
            }
            return Self.response(status)
        }
    }

    private static let lockInfo = "app.terraform.io/lock-info"
}

extension Status {
    /// What an engine is told of a failure that it would have met itself.
    fileprivate init(answering error: any Error) {
        switch error {
        case let error as KubernetesError:
            self = error.status ?? Status(code: 503, reason: "ServiceUnavailable", message: "\(error)")
        case is LockHeldError, is LockLostError, is StateStoreError:
            self.init(code: 409, reason: "Conflict", message: "\(error)")
        default: self.init(code: 503, reason: "ServiceUnavailable", message: "\(error)")
        }
    }
}
