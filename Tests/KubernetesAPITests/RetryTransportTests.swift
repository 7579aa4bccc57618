import Logging
import Synchronization
import Testing

@testable import KubernetesAPI

@Suite struct RetryTransportTests {
    @Test func repeatsUntilAnAnswerComes() async throws {
        let script = ScriptedTransport([
            .failure(.unreachable(mayHaveHappened: false)), .status(503, [("retry-after", "2")]), .status(200),
        ])
        let clock = ManualClock()
        let transport = RetryTransport(
            script, policy: RetryPolicy(), clock: clock, logger: Logger(label: "test"), jitter: { 1 })
        let response = try await transport.send(APIRequest(.put, "/api/v1/x"))
        #expect(response.status == 200)
        #expect(script.count == 3)
        #expect(clock.now.offset == .milliseconds(200 + 2400))
    }

    @Test func handsTheLastAnswerOn() async throws {
        let script = ScriptedTransport([.status(503), .status(503), .status(503)])
        let transport = RetryTransport(
            script, policy: RetryPolicy(maximumAttempts: 3), clock: ManualClock(), logger: Logger(label: "test"))
        #expect(try await transport.send(APIRequest(.get, "/")).status == 503)
        #expect(script.count == 3)
    }

    @Test func doesNotRepeatAWriteThatMayHaveHappened() async throws {
        let script = ScriptedTransport([.failure(.unreachable(mayHaveHappened: true))])
        let transport = RetryTransport(
            script, policy: RetryPolicy(), clock: ManualClock(), logger: Logger(label: "test"))
        let error = await #expect(throws: KubernetesError.self) { try await transport.send(APIRequest(.post, "/")) }
        #expect(error?.mayHaveHappened == true)
        #expect(script.count == 1)
    }
}

/// A clock that stands still until somebody sleeps.
final class ManualClock: Clock, Sendable {
    struct Instant: InstantProtocol {
        var offset: Duration
        func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        func duration(to other: Instant) -> Duration { other.offset - offset }
        static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
    }

    private let time = Mutex(Instant(offset: .zero))
    var now: Instant { time.withLock { $0 } }
    let minimumResolution = Duration.zero

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        time.withLock { $0 = max($0, deadline) }
    }
}

/// Answers from a list.
final class ScriptedTransport: Transport, Sendable {
    enum Step: Sendable {
        case failure(KubernetesError)
        case answer(status: Int, headers: [(name: String, value: String)], body: String)

        static func status(_ status: Int, _ headers: [(name: String, value: String)] = [], body: String = "") -> Step {
            .answer(status: status, headers: headers, body: body)
        }
    }

    private let steps: [Step]
    private let sent = Mutex<[APIRequest]>([])

    init(_ steps: [Step]) { self.steps = steps }

    var requests: [APIRequest] { sent.withLock { $0 } }
    var count: Int { requests.count }

    func send(_ request: APIRequest) async throws -> APIResponse {
        let index = sent.withLock { requests in
            requests.append(request)
            return requests.count - 1
        }
        guard index < steps.count else { throw KubernetesError(.badResponse, target: "", cause: "script ended") }
        switch steps[index] {
        case .failure(let error): throw error
        case .answer(let status, let headers, let body):
            return APIResponse(status: status, headers: headers, body: APIResponseBody(Array(body.utf8)))
        }
    }
}

extension KubernetesError {
    static func unreachable(mayHaveHappened: Bool) -> KubernetesError {
        KubernetesError(.unreachable, target: "", cause: "test", mayHaveHappened: mayHaveHappened)
    }
}
