/// What goes wrong with one request on its way to a cluster.
public enum Fault: Sendable {
    /// The connection ends, before the cluster sees the request or after it acted on it.
    case droppedBefore, droppedAfter
    /// As those, but the connection is reset instead of closed.
    case resetBefore, resetAfter
    /// The cluster acted on it; the connection ends in the middle of its answer.
    case truncated
    /// The cluster sees the request that much later.
    case delayed(Duration)
    /// The cluster does not see the request; this is answered.
    case answer(Int, retryAfter: Int? = nil)
    /// The rest of a list is not to be had any more: 410 for a request that goes on with one. Other requests pass.
    case expiredContinue
    /// Something is done, before the cluster sees the request or after it acted on it; then the connection ends.
    case before(@Sendable () async throws -> Void)
    case after(@Sendable () async throws -> Void)
    /// Something is done, and the request passes.
    case beside(@Sendable () async throws -> Void)
    /// The connection ends, something is done, and then the cluster sees the request, as one that was long on its way.
    case late(@Sendable () async throws -> Void)

    /// Every answer that says no in another way.
    public static let answers = [401, 403, 409, 410, 413, 429, 500, 503, 504].map {
        Fault.answer($0, retryAfter: $0 == 429 ? 0 : nil)
    }

    /// All that needs no more than a number.
    public static let all: [Fault] =
        [
            .droppedBefore, .droppedAfter, .resetBefore, .resetAfter, .truncated, .delayed(.milliseconds(50)),
            .expiredContinue,
        ] + answers
}

extension Fault: CustomStringConvertible {
    public var description: String {
        switch self {
        case .droppedBefore: "dropped before"
        case .droppedAfter: "dropped after"
        case .resetBefore: "reset before"
        case .resetAfter: "reset after"
        case .truncated: "truncated"
        case .delayed(let delay): "delayed by \(delay)"
        case .answer(let code, _): "answered \(code)"
        case .expiredContinue: "continue expired"
        case .before: "an event before"
        case .after: "an event after"
        case .beside: "an event beside"
        case .late: "late"
        }
    }
}
