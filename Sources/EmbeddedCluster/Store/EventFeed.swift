internal import Synchronization

/// Which objects a watcher wants to hear of.
struct EventFilter: Sendable, Hashable {
    let resource: String
    /// nil for all.
    var namespace: String?
    var name: String?

    func admits(_ key: ObjectKey) -> Bool {
        key.resource == resource && (namespace == nil || key.namespace == namespace)
            && (name == nil || key.name == name)
    }
}

/// What happened lately, kept in memory for those who watch, so that one write reaches all of them without a read of
/// the store each.
///
/// It holds only what somebody watches, and only so much: a watcher that falls behind reads the log of the store.
final class EventFeed: Sendable {
    typealias WatcherID = UInt64

    /// How much of an event the watchers of an object need.
    enum Interest: Int, Sendable {
        case nothing
        case object
        /// The object before, too, for selectors that it may move into or out of.
        case objectAndPrevious
    }

    /// What a commit did to an object.
    struct Entry: Sendable {
        let key: ObjectKey
        let revision: Int64
        /// nil where nobody watched when the write was made.
        let event: StoreEvent?
    }

    enum Delivery: Sendable {
        /// Tell these; everything up to that revision is told then.
        case events([StoreEvent], through: Int64)
        /// Events are to be had from the log of the store only.
        case log
        /// The server ends.
        case closed
    }

    fileprivate struct Watcher {
        let filter: EventFilter
        let needsPrevious: Bool
        let signal: WatchSignal
        /// Events up to here may be missing from the feed.
        var floor: Int64
        /// Whether something for it came that it was not given yet.
        var hasNews: Bool
    }

    fileprivate struct State {
        var latest: Int64 = 0
        var recent: [StoreEvent] = []
        var bytes = 0
        /// Events up to here were dropped for want of space.
        var floor: Int64 = 0
        var watchers: [String: [WatcherID: Watcher]] = [:]
        var nextID: WatcherID = 0
        var isClosed = false
    }

    private let state = Mutex(State())
    private let byteLimit: Int

    init(byteLimit: Int = 8 << 20) { self.byteLimit = byteLimit }

    /// - Parameter revision: the last one that the store holds.
    func start(at revision: Int64) { state.withLock { ($0.latest, $0.floor) = (revision, revision) } }

    /// All watchers end, and none begins.
    func close() {
        let signals = state.withLock { state in
            state.isClosed = true
            return state.watchers.values.flatMap { $0.values.map(\.signal) }
        }
        for signal in signals { signal.raise(.stop) }
    }
}

// MARK: - Writers

extension EventFeed {
    func interest(in key: ObjectKey) -> Interest {
        state.withLock { state in
            var interest = Interest.nothing
            for watcher in (state.watchers[key.resource] ?? [:]).values where watcher.filter.admits(key) {
                if watcher.needsPrevious { return .objectAndPrevious }
                interest = .object
            }
            return interest
        }
    }

    /// Called after each commit, in the order of the commits.
    func publish(_ entries: [Entry]) {
        let signals = state.withLock { state -> [WatchSignal] in
            guard let last = entries.last else { return [] }
            state.latest = last.revision
            var signals: [WatchSignal] = []
            for resource in Set(entries.map(\.key.resource)) {
                for (id, watcher) in state.watchers[resource] ?? [:] {
                    guard state.watchers[resource]?[id]?.note(entries) == true else { continue }
                    signals.append(watcher.signal)
                }
            }
            state.append(entries.compactMap(\.event), byteLimit: byteLimit)
            return signals
        }
        for signal in signals { signal.raise(.news) }
    }
}

extension EventFeed.Watcher {
    /// - Returns: whether something in it is for this watcher.
    fileprivate mutating func note(_ entries: [EventFeed.Entry]) -> Bool {
        var isConcerned = false
        for entry in entries where filter.admits(entry.key) {
            isConcerned = true
            let isComplete =
                entry.event.map { !needsPrevious || $0.kind == .added || $0.previous != nil } ?? false
            if isComplete { continue }
            // It came to watch while the write was made.
            floor = max(floor, entry.revision)
        }
        hasNews = hasNews || isConcerned
        return isConcerned
    }
}

extension EventFeed.State {
    fileprivate mutating func append(_ events: [StoreEvent], byteLimit: Int) {
        recent += events
        bytes += events.reduce(0) { $0 + $1.size }
        while bytes > byteLimit, !recent.isEmpty {
            // Half at a time, so that the cost of moving the rest is small for each event.
            let dropped = recent.prefix((recent.count + 1) / 2)
            bytes -= dropped.reduce(0) { $0 + $1.size }
            floor = max(floor, dropped.last?.object.revision ?? 0)
            recent.removeFirst(dropped.count)
        }
    }
}

// MARK: - Watchers

extension EventFeed {
    /// - Parameters:
    ///   - revision: what the watcher knows already.
    ///   - needsPrevious: whether it chooses by what can change.
    func subscribe(_ filter: EventFilter, after revision: Int64, needsPrevious: Bool, signal: WatchSignal) -> WatcherID
    {
        state.withLock { state in
            let id = state.nextID
            state.nextID += 1
            state.watchers[filter.resource, default: [:]][id] = Watcher(
                filter: filter, needsPrevious: needsPrevious, signal: signal, floor: state.latest,
                hasNews: revision < state.latest)
            return id
        }
    }

    func unsubscribe(_ id: WatcherID, _ filter: EventFilter) {
        state.withLock { state in
            state.watchers[filter.resource]?[id] = nil
            if state.watchers[filter.resource]?.isEmpty == true { state.watchers[filter.resource] = nil }
            guard state.watchers.isEmpty else { return }
            (state.recent, state.bytes, state.floor) = ([], 0, state.latest)
        }
    }

    /// What the watcher was not told yet.
    ///
    /// - Parameters:
    ///   - revision: what it was told up to.
    ///   - bytes: about how much it takes at once.
    func deliver(to id: WatcherID, _ filter: EventFilter, after revision: Int64, bytes: Int) -> Delivery {
        state.withLock { state in
            guard !state.isClosed, var watcher = state.watchers[filter.resource]?[id] else { return .closed }
            guard watcher.hasNews else { return .events([], through: max(revision, state.latest)) }
            guard revision >= watcher.floor, revision >= state.floor else { return .log }
            var (events, size) = ([StoreEvent](), 0)
            for event in state.recent[state.firstIndex(after: revision)...] where filter.admits(event.object.key) {
                if size >= bytes, let last = events.last { return .events(events, through: last.object.revision) }
                size += event.size
                events.append(event)
            }
            watcher.hasNews = false
            state.watchers[filter.resource]?[id] = watcher
            return .events(events, through: max(revision, state.latest))
        }
    }

    /// For tests: how many watch.
    var watcherCount: Int { state.withLock { $0.watchers.values.reduce(0) { $0 + $1.count } } }
}

extension EventFeed.State {
    fileprivate func firstIndex(after revision: Int64) -> Int {
        var (low, high) = (0, recent.count)
        while low < high {
            let middle = (low + high) / 2
            if recent[middle].object.revision > revision { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
