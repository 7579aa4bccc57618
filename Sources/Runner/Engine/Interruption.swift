internal import CLibrary
internal import Synchronization

/// The signals that a run got, and the engine that they are for.
///
/// The first is passed on to the engine, which then finishes what it does and unlocks; the second kills it and all that it
/// started. The end of the time that a run may take counts as a signal.
public final class Interruption: Sendable {
    enum Delivery: Equatable {
        case toEngine(signal: Int32)
        case killGroup
    }

    private struct Received {
        var signal: Int32?
        var isInsistent = false
        var wasAsked = false
        var exceededLimit: Duration?
        var deliver: (@Sendable (Delivery) -> Void)?

        var delivery: Delivery? { isInsistent ? .killGroup : signal.map { .toEngine(signal: $0) } }

        func deliverAgain() { if let delivery { deliver?(delivery) } }
    }

    private let received = Mutex(Received())

    public init() {}

    /// Whether a signal came by now, or the time is over.
    public var wasRequested: Bool { received.withLock { $0.delivery != nil } }

    /// Whether a signal came: not where only the time is over.
    var wasAsked: Bool { received.withLock { $0.wasAsked } }

    /// The time that the run had, where its end is what asked to end.
    var exceededLimit: Duration? { received.withLock { $0.exceededLimit } }

    /// - Parameter signal: the number of the signal that this process got.
    public func interrupt(_ signal: Int32) {
        received.withLock {
            $0.wasAsked = true
            if $0.signal == nil { $0.signal = signal } else { $0.isInsistent = true }
            $0.deliverAgain()
        }
    }

    /// At the end of the time that the run had. An engine that was asked to end before is given the rest of its time.
    func interrupt(_ signal: Int32, afterLimit limit: Duration) {
        received.withLock {
            guard $0.signal == nil else { return }
            $0.signal = signal
            $0.exceededLimit = limit
            $0.deliverAgain()
        }
    }

    /// For an engine that did not end when it was asked to.
    func kill() {
        received.withLock {
            $0.isInsistent = true
            $0.deliverAgain()
        }
    }

    /// Passes signals on while the body runs; one that came just before, when there was no engine yet, is passed at once.
    func delivering(
        _ deliver: @Sendable @escaping (Delivery) -> Void, during body: () async throws -> Void
    ) async rethrows {
        received.withLock {
            $0.deliver = deliver
            $0.deliverAgain()
        }
        defer { received.withLock { $0.deliver = nil } }
        try await body()
    }

    /// Returns when a signal came, or the task is cancelled. For when there is no engine.
    func untilAsked() async {
        let (signals, arrived) = AsyncStream.makeStream(of: Void.self)
        await delivering({ _ in arrived.yield() }) {
            guard !wasAsked else { return }
            for await _ in signals where wasAsked { break }
        }
    }

    /// Runs the body, and cancels it when a signal comes.
    ///
    /// - Returns: nil where a signal ended it.
    func cancelling<T: Sendable>(_ body: @escaping @Sendable () async throws -> T) async throws -> T? {
        let (signals, arrived) = AsyncStream.makeStream(of: Void.self)
        var result: Result<T, any Error>?
        await delivering({ _ in arrived.yield() }) {
            result = await withTaskGroup(of: Result<T, any Error>?.self) { group in
                group.addTask {
                    do { return .success(try await body()) } catch { return .failure(error) }
                }
                group.addTask {
                    for await _ in signals { break }
                    return nil
                }
                defer { group.cancelAll() }
                while let result = await group.next() {
                    if let result { return result }
                    group.cancelAll()
                }
                return nil
            }
        }
        do {
            return try result?.get()
        } catch is CancellationError where wasRequested {
            return nil
        }
    }
}
