internal import Synchronization

/// What writes leave to be done, by those who clean up after them.
struct Aftermath: Sendable {
    /// Objects that name owners and were written.
    var owned: Set<ObjectKey> = []
    /// The uids of owners that went, while others name them.
    var goneOwners: Set<String> = []
    /// Whether deletions that have begun may have got further.
    var movesEndings = false
    /// Whether all there is must be looked through: at the start, and when too much is left to be remembered.
    var isUnknown = false

    var isEmpty: Bool { owned.isEmpty && goneOwners.isEmpty && !movesEndings && !isUnknown }

    private static let limit = 10_000

    mutating func merge(_ other: Aftermath) {
        isUnknown = isUnknown || other.isUnknown
        movesEndings = movesEndings || other.movesEndings
        guard !isUnknown else { return }
        owned.formUnion(other.owned)
        goneOwners.formUnion(other.goneOwners)
        guard owned.count + goneOwners.count > Self.limit else { return }
        self = Aftermath(movesEndings: true, isUnknown: true)
    }
}

/// Collects what is left to be done until somebody does it.
///
/// It is in memory only: whoever works it off begins with all there is, so that nothing is forgotten by a crash.
final class AftermathQueue: Sendable {
    private let pending = Mutex(Aftermath(movesEndings: true, isUnknown: true))
    private let signal = WatchSignal()

    func add(_ aftermath: Aftermath) {
        guard !aftermath.isEmpty else { return }
        pending.withLock { $0.merge(aftermath) }
        signal.raise(.news)
    }

    /// What was added since the last time, as soon as there is anything; empty when the task is cancelled.
    func next() async -> Aftermath {
        while !Task.isCancelled {
            let aftermath = take()
            guard aftermath.isEmpty else { return aftermath }
            _ = await signal.wait()
        }
        return Aftermath()
    }

    /// What was added since the last time.
    func take() -> Aftermath {
        pending.withLock { pending in
            let taken = pending
            pending = Aftermath()
            return taken
        }
    }
}
