/// When a request is sent again, and after how long. A value without clock or socket: outcome in, decision out.
///
/// A read may always be repeated. A write is repeated only when the server surely did not carry it out: no connection was
/// made, or it answered 429 or 503 with `Retry-After`, which API servers do before they look at a request.
public struct RetryPolicy: Sendable, Hashable {
    /// What became of one attempt.
    public enum Outcome: Sendable, Hashable {
        /// - Parameter retryAfter: the `Retry-After` header.
        case answer(status: Int, retryAfter: Duration?)
        /// The server has not seen the request.
        case notSent
        /// The server may have acted on the request; no answer came.
        case lost
        /// Trying again cannot help: TLS, credentials.
        case hopeless
    }

    /// What is done after an attempt.
    public enum Decision: Sendable, Hashable {
        /// The outcome stands.
        case finish
        /// Another attempt is made, after that time.
        case retry(after: Duration)
    }

    /// The first attempt counts.
    public var maximumAttempts: Int
    /// The longest wait before the second attempt; it doubles with each further one.
    public var firstDelay: Duration
    /// The longest wait before any attempt, whatever the server asks for.
    public var maximumDelay: Duration
    /// From the start of the first attempt; no attempt is begun later.
    public var deadline: Duration

    public init(
        maximumAttempts: Int = 6, firstDelay: Duration = .milliseconds(200), maximumDelay: Duration = .seconds(5),
        deadline: Duration = .seconds(30)
    ) {
        self.maximumAttempts = maximumAttempts
        self.firstDelay = firstDelay
        self.maximumDelay = maximumDelay
        self.deadline = deadline
    }

    /// Every attempt is the last.
    public static let never = RetryPolicy(maximumAttempts: 1)

    /// - Parameters:
    ///   - attempt: which attempt had this outcome; the first is 1.
    ///   - elapsed: since the start of the first attempt.
    ///   - jitter: random, 0 to 1. The whole wait is scaled by it, so that clients that failed together do not return together.
    public func decision(
        _ verb: HTTPVerb, _ outcome: Outcome, attempt: Int, elapsed: Duration, jitter: Double
    ) -> Decision {
        guard attempt < maximumAttempts, mayRepeat(verb, outcome) else { return .finish }
        let ceiling = min(firstDelay * (1 << min(attempt - 1, 20)), maximumDelay)
        var delay = ceiling * jitter
        if case .answer(_, let retryAfter?) = outcome { delay += retryAfter }
        return elapsed + delay > deadline ? .finish : .retry(after: delay)
    }

    private func mayRepeat(_ verb: HTTPVerb, _ outcome: Outcome) -> Bool {
        switch outcome {
        case .hopeless: false
        case .notSent: true
        case .lost: verb == .get
        case .answer(429, let retryAfter), .answer(503, let retryAfter): verb == .get || retryAfter != nil
        case .answer(let status, _): verb == .get && [500, 502, 504].contains(status)
        }
    }
}
