internal import Synchronization

/// Keeps a credential until it expires or is refused. However many requests need a new one at once, it is obtained once.
actor CredentialCache {
    private let source: any CredentialSource
    private let now: @Sendable () -> Double
    private var current: IssuedCredential?
    private var flight: Flight?

    init(_ source: any CredentialSource, now: @escaping @Sendable () -> Double = WallClock.now) {
        self.source = source
        self.now = now
    }

    /// The credential to use now.
    ///
    /// - Throws: ``CredentialFailure`` or `CancellationError`.
    func credential() async throws -> Credential {
        if let current, current.expiry.map({ now() < $0 }) ?? true { return current.credential }
        let flight = joinFlight()
        let result = await withTaskCancellationHandler {
            await flight.task.result
        } onCancel: {
            flight.leave()
        }
        if self.flight === flight {
            self.flight = nil
            if case .success(let issued) = result { current = issued }
        }
        try Task.checkCancellation()
        return try result.get().credential
    }

    /// Forgets the credential that the cluster refused, unless another request has already had it replaced.
    func invalidate(_ refused: Credential) {
        if current?.credential == refused { current = nil }
    }

    /// How many wait for the credential that is being obtained.
    var waiterCount: Int { flight?.waiterCount ?? 0 }

    private func joinFlight() -> Flight {
        if let flight, flight.join() { return flight }
        let flight = Flight(source)
        self.flight = flight
        return flight
    }
}

/// One attempt to obtain a credential, shared by all who wait for it.
///
/// It is a task of its own because it must survive the cancellation of whoever came first; it is cancelled when the last of
/// those who wait for it is.
private final class Flight: Sendable {
    let task: Task<IssuedCredential, any Error>
    private let waiting = Mutex(1)

    init(_ source: any CredentialSource) {
        task = Task { try await source.issue() }
    }

    /// False when the flight was given up.
    func join() -> Bool {
        waiting.withLock { count in
            guard count > 0 else { return false }
            count += 1
            return true
        }
    }

    var waiterCount: Int { waiting.withLock { $0 } }

    func leave() {
        let isAbandoned = waiting.withLock { count in
            count -= 1
            return count == 0
        }
        if isAbandoned { task.cancel() }
    }
}
