import TestScopes

/// What changes a state, request by request.
enum StateOperation: String, CaseIterable, Sendable {
    case push, rollback, restore, move
    /// What an engine saves through the gateway.
    case save
}

/// What happens to one of the requests.
enum Disturbance: String, CaseIterable, Sendable {
    /// The process is killed, before the cluster sees the request or after it acted on it.
    case killedBefore, killedAfter
    /// The connection is lost, before the cluster sees the request or after it acted on it.
    case droppedBefore, droppedAfter
    /// 409, 429 with Retry-After, 500, 503.
    case conflict, tooManyRequests, failed, unavailable

    var isDeath: Bool { self == .killedBefore || self == .killedAfter }

    func fault(_ victim: Victim) -> Fault {
        switch self {
        case .killedBefore: .before { await victim.kill() }
        case .killedAfter: .after { await victim.kill() }
        case .droppedBefore: .droppedBefore
        case .droppedAfter: .droppedAfter
        case .conflict: .answer(409)
        case .tooManyRequests: .answer(429, retryAfter: 0)
        case .failed: .answer(500)
        case .unavailable: .answer(503)
        }
    }
}

/// One operation on a state of so many parts, disturbed in one way at one request after another.
struct FaultSeries: Sendable, CustomStringConvertible {
    let operation: StateOperation
    let parts: Int
    let disturbance: Disturbance
    /// The requests that it is done at: the first, and every so many after it.
    var first = 0
    var stride = 1

    var description: String { "\(operation.rawValue), \(parts) part(s), \(disturbance.rawValue)" }

    /// Every request of every operation in every way.
    static let all = StateOperation.allCases.flatMap { operation in
        [1, 2, 5].flatMap { parts in
            Disturbance.allCases.map { FaultSeries(operation: operation, parts: parts, disturbance: $0) }
        }
    }

    /// Some of each: every death of a small push, and of the others as many requests as take the same time, each series
    /// beginning at another one.
    static let some = all.enumerated().compactMap { index, series -> FaultSeries? in
        var series = series
        switch (series.operation, series.parts) {
        case (.push, 1): series.stride = series.disturbance.isDeath ? 1 : 3
        case (_, 1): series.stride = series.disturbance.isDeath ? 3 : 11
        case (_, 2) where series.disturbance == .killedAfter: series.stride = 9
        case (.push, _) where series.disturbance == .killedAfter: series.stride = 15
        default: return nil
        }
        series.first = index % min(series.stride, 5)
        return series
    }
}
