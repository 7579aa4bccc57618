internal import Logging

/// Sends a request again while its ``RetryPolicy`` says so.
struct RetryTransport<C: Clock>: Transport where C.Duration == Duration {
    let next: any Transport
    let policy: RetryPolicy
    let clock: C
    let logger: Logger
    let jitter: @Sendable () -> Double

    init(
        _ next: any Transport, policy: RetryPolicy, clock: C = ContinuousClock(), logger: Logger,
        jitter: @escaping @Sendable () -> Double = { .random(in: 0..<1) }
    ) {
        self.next = next
        self.policy = policy
        self.clock = clock
        self.logger = logger
        self.jitter = jitter
    }

    func send(_ request: APIRequest) async throws -> APIResponse {
        let start = clock.now
        var attempt = 1
        while true {
            let result = try await attemptSending(request)
            let outcome = Self.outcome(of: result)
            let decision = policy.decision(
                request.verb, outcome, attempt: attempt, elapsed: start.duration(to: clock.now), jitter: jitter())
            guard case .retry(let delay) = decision else { return try result.get() }
            logger.debug(
                "retrying a request",
                metadata: ["attempt": "\(attempt)", "outcome": "\(outcome)", "after": "\(delay)"])
            // A body that is read to its end leaves the connection usable for the next attempt.
            if case .success(let response) = result { _ = try? await response.collect(upTo: 65536) }
            try await clock.sleep(for: delay)
            attempt += 1
        }
    }

    private func attemptSending(_ request: APIRequest) async throws -> Result<APIResponse, KubernetesError> {
        do {
            return .success(try await next.send(request))
        } catch let error as KubernetesError {
            return .failure(error)
        }
    }

    private static func outcome(of result: Result<APIResponse, KubernetesError>) -> RetryPolicy.Outcome {
        switch result {
        case .success(let response):
            // The other form that HTTP allows, a date, is one that API servers do not use.
            .answer(
                status: response.status,
                retryAfter: response.header("Retry-After").flatMap { UInt32($0) }.map { .seconds(Int64($0)) })
        case .failure(let error) where error.code == .unreachable: error.mayHaveHappened ? .lost : .notSent
        case .failure: .hopeless
        }
    }
}
