internal import CLibrary
internal import Synchronization

/// The signals that a run got, and the engine that they are for.
///
/// The first is passed on to the engine, which then finishes what it does and unlocks; the second kills it and all that it
/// started.
public final class Interruption: Sendable {
    enum Delivery: Equatable {
        case toEngine(signal: Int32)
        case killGroup
    }

    private struct Received {
        var signals: [Int32] = []
        var deliver: (@Sendable (Delivery) -> Void)?
    }

    private let received = Mutex(Received())

    public init() {}

    /// Whether a signal came by now.
    public var wasRequested: Bool { received.withLock { !$0.signals.isEmpty } }

    /// - Parameter signal: the number of the signal that this process got.
    public func interrupt(_ signal: Int32) {
        received.withLock {
            $0.signals.append(signal)
            $0.deliver?($0.signals.count == 1 ? .toEngine(signal: signal) : .killGroup)
        }
    }

    /// Passes signals on while the body runs; one that came just before, when there was no engine yet, is passed at once.
    func delivering(
        _ deliver: @Sendable @escaping (Delivery) -> Void, during body: () async throws -> Void
    ) async rethrows {
        received.withLock {
            $0.deliver = deliver
            if let signal = $0.signals.first { deliver($0.signals.count == 1 ? .toEngine(signal: signal) : .killGroup) }
        }
        defer { received.withLock { $0.deliver = nil } }
        try await body()
    }
}
