import Testing

@testable import KubernetesAPI

@Suite struct RetryPolicyTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let verb: HTTPVerb
        let outcome: RetryPolicy.Outcome
        let isRetried: Bool
        var testDescription: String { "\(verb) \(outcome) \(isRetried)" }

        init(_ verb: HTTPVerb, _ outcome: RetryPolicy.Outcome, _ isRetried: Bool) {
            self.verb = verb
            self.outcome = outcome
            self.isRetried = isRetried
        }

        static func answer(_ verb: HTTPVerb, _ status: Int, after: Duration? = nil, _ isRetried: Bool) -> Case {
            Case(verb, .answer(status: status, retryAfter: after), isRetried)
        }
    }

    @Test(arguments: [
        Case(.get, .notSent, true), Case(.get, .lost, true), Case(.get, .hopeless, false),
        Case(.post, .notSent, true), Case(.post, .lost, false), Case(.put, .lost, false), Case(.delete, .lost, false),
        Case(.patch, .lost, false), Case(.put, .notSent, true), Case(.post, .hopeless, false),
        .answer(.get, 200, false), .answer(.get, 404, false), .answer(.get, 401, false), .answer(.get, 409, false),
        .answer(.get, 429, true), .answer(.get, 500, true), .answer(.get, 502, true), .answer(.get, 503, true),
        .answer(.get, 504, true), .answer(.get, 501, false), .answer(.post, 429, false), .answer(.post, 503, false),
        .answer(.post, 429, after: .seconds(1), true), .answer(.put, 503, after: .seconds(1), true),
        .answer(.delete, 503, after: .seconds(1), true), .answer(.post, 500, after: .seconds(1), false),
        .answer(.put, 504, after: .seconds(1), false), .answer(.put, 409, after: .seconds(1), false),
    ])
    func repeatsOnlyWhatIsSafe(_ example: Case) {
        let decision = RetryPolicy().decision(example.verb, example.outcome, attempt: 1, elapsed: .zero, jitter: 0.5)
        #expect((decision != .finish) == example.isRetried)
    }

    @Test func waitsLongerEachTimeUpToALimit() {
        let policy = RetryPolicy(maximumAttempts: 100, firstDelay: .milliseconds(200), maximumDelay: .seconds(1))
        let delays = (1...5).map { policy.decision(.get, .notSent, attempt: $0, elapsed: .zero, jitter: 1) }
        #expect(delays == [200, 400, 800, 1000, 1000].map { .retry(after: .milliseconds($0)) })
        #expect(
            policy.decision(.get, .notSent, attempt: 2, elapsed: .zero, jitter: 0.25)
                == .retry(after: .milliseconds(100)))
        #expect(policy.decision(.get, .notSent, attempt: 99, elapsed: .zero, jitter: 0) == .retry(after: .zero))
    }

    @Test func waitsAsLongAsTheServerAsks() {
        let outcome = RetryPolicy.Outcome.answer(status: 429, retryAfter: .seconds(3))
        #expect(
            RetryPolicy().decision(.put, outcome, attempt: 1, elapsed: .zero, jitter: 0) == .retry(after: .seconds(3)))
    }

    @Test func endsAtTheDeadlineAndAtTheLastAttempt() {
        let policy = RetryPolicy(maximumAttempts: 3, deadline: .seconds(10))
        let outcome = RetryPolicy.Outcome.answer(status: 503, retryAfter: .seconds(5))
        #expect(policy.decision(.get, outcome, attempt: 1, elapsed: .seconds(5), jitter: 0) != .finish)
        #expect(policy.decision(.get, outcome, attempt: 1, elapsed: .seconds(6), jitter: 0) == .finish)
        #expect(policy.decision(.get, outcome, attempt: 2, elapsed: .zero, jitter: 0) != .finish)
        #expect(policy.decision(.get, outcome, attempt: 3, elapsed: .zero, jitter: 0) == .finish)
        #expect(RetryPolicy.never.decision(.get, .notSent, attempt: 1, elapsed: .zero, jitter: 0) == .finish)
    }
}
