public import KubernetesAPI
internal import OrderedJSON
internal import Synchronization

/// Does one thing to one request of many.
public final class FaultyTransport: Transport {
    public enum Fault: Sendable, CaseIterable {
        /// The process dies before the request leaves, or after its answer came: no further request is made.
        case deathBefore, deathAfter
        /// The connection is lost, before the cluster saw the request or after it acted on it.
        case droppedBefore, droppedAfter
        case conflict, tooManyRequests, unavailable
        /// 500, before the cluster acted and after.
        case failedBefore, failedAfter
    }

    /// What a dead process does not live to see.
    public struct Death: Error {}

    private struct State {
        var count = 0
        var isDead = false
    }

    private let next: any Transport
    private let fault: Fault
    private let position: Int
    private let state = Mutex(State())

    /// - Parameter position: of the request, 0 for the first; beyond the last one nothing happens.
    public init(_ next: any Transport, _ fault: Fault, at position: Int) {
        self.next = next
        self.fault = fault
        self.position = position
    }

    /// The requests that were made.
    public var count: Int { state.withLock { $0.count } }

    public func send(_ request: APIRequest) async throws -> APIResponse {
        let isHit = try state.withLock { state in
            if state.isDead { throw Death() }
            defer { state.count += 1 }
            if state.count == position, fault == .deathBefore || fault == .deathAfter { state.isDead = true }
            return state.count == position
        }
        guard isHit else { return try await next.send(request) }
        switch fault {
        case .deathBefore: throw Death()
        case .deathAfter:
            _ = try await next.send(request)
            throw Death()
        case .droppedBefore:
            throw KubernetesError(.unreachable, target: "", cause: "dropped", mayHaveHappened: request.verb != .get)
        case .droppedAfter:
            _ = try await next.send(request)
            throw KubernetesError(.unreachable, target: "", cause: "dropped", mayHaveHappened: request.verb != .get)
        case .conflict: return Self.answer(409, "Conflict")
        case .tooManyRequests: return Self.answer(429, "TooManyRequests")
        case .unavailable: return Self.answer(503, "ServiceUnavailable")
        case .failedBefore: return Self.answer(500, "InternalError")
        case .failedAfter:
            _ = try await next.send(request)
            return Self.answer(500, "InternalError")
        }
    }

    private static func answer(_ code: Int, _ reason: String) -> APIResponse {
        let headers = code == 429 ? [(name: "Retry-After", value: "0")] : []
        return APIResponse(
            status: code, headers: headers,
            body: APIResponseBody(Status(code: code, reason: reason, message: reason).json.bytes))
    }
}
