internal import KubernetesAPI

/// One watch: what is there, if that was asked for, and then what happens, as fast as it is asked for.
struct Watch {
    private enum Progress {
        /// What is there is being told; the query says where to go on.
        case state(ListQuery)
        /// All up to that revision is told.
        case told(Int64)
        case ended
    }

    private let store: Store
    private let scope: WatchScope
    private let hasBookmarks: Bool
    /// What is there must not be older.
    private let oldest: Int64
    private let signal: WatchSignal
    private let id: EventFeed.WatcherID
    private var progress: Progress
    private var raised: WatchSignal.Reason = []
    /// Events of about so many bytes are in memory for a watch whose client does not read.
    private static let batchBytes = 256 << 10

    /// - Parameters:
    ///   - query: what is watched, for the list of what is there.
    ///   - start: where to begin; `now` is `current`.
    ///   - current: the revision at which the watch was asked for.
    init(
        _ store: Store, _ scope: WatchScope, query: ListQuery, start: WatchOptions.Start, current: Int64,
        hasBookmarks: Bool, signal: WatchSignal
    ) {
        self.store = store
        self.scope = scope
        self.hasBookmarks = hasBookmarks
        self.signal = signal
        let told: Int64
        (told, oldest) =
            switch start {
            case .state(let oldest): (current, oldest)
            case .after(let revision): (revision, 0)
            case .now: (current, 0)
            }
        if case .state = start { progress = .state(query) } else { progress = .told(told) }
        id = store.feed.subscribe(scope.filter, after: told, needsPrevious: scope.needsPrevious, signal: signal)
    }

    /// To be called once, at the end.
    func end() { store.feed.unsubscribe(id, scope.filter) }

    /// What the client is to be told next, as soon as there is anything; nil when the watch is over.
    mutating func next() async throws -> [WatchEvent]? {
        while true {
            let events: [WatchEvent]?
            switch progress {
            case .ended: return nil
            case _ where raised.contains(.stop): return nil
            case .state(let query): events = try await state(query)
            case .told(let revision): events = try await happened(after: revision)
            }
            if let events {
                if !events.isEmpty { return events }
                continue
            }
            if let events = farewellOrBookmark() { return events }
            raised.formUnion(await signal.wait())
        }
    }

    /// After an error nothing more is told.
    mutating func fail(_ status: Status) -> [WatchEvent] {
        progress = .ended
        return [.error(status)]
    }

    private mutating func state(_ query: ListQuery) async throws -> [WatchEvent] {
        var query = query
        let (objects, unread): ([StoredObject], ListPosition?)
        if query.revision == nil {
            let start = try await store.list(query)
            guard start.revision >= oldest else { throw ListFailure.future(oldest, current: start.revision) }
            query.revision = start.revision
            (objects, unread) = (start.objects, start.unread)
        } else {
            (objects, unread) = try await store.more(query)
        }
        var events = try ListFilter(kind: scope.kind, fields: scope.fields).apply(objects).map(WatchEvent.added)
        if let unread {
            query.after = unread
            progress = .state(query)
        } else {
            let revision = query.revision ?? 0
            progress = .told(revision)
            if hasBookmarks { events.append(scope.bookmark(at: revision, endsState: true)) }
        }
        return events
    }

    /// - Returns: nil when nothing happened; empty when nothing did that is for the client.
    private mutating func happened(after revision: Int64) async throws -> [WatchEvent]? {
        let events: [StoreEvent]
        let through: Int64
        switch store.feed.deliver(to: id, scope.filter, after: revision, bytes: Self.batchBytes) {
        case .closed:
            progress = .ended
            return []
        case .events(let recent, let last): (events, through) = (recent, last)
        case .log:
            (events, through) = try await store.events(
                after: revision, scope.filter, needsPrevious: scope.needsPrevious, bytes: Self.batchBytes)
        }
        progress = .told(through)
        if events.isEmpty, through == revision { return nil }
        return try events.compactMap { try scope.event($0) }
    }

    /// When all is told: how far the watch is, when it is time to say so.
    private mutating func farewellOrBookmark() -> [WatchEvent]? {
        guard case .told(let revision) = progress else { return nil }
        let isOver = raised.contains(.timeout)
        let isDue = raised.contains(.bookmark) || isOver
        raised = []
        if isOver { progress = .ended }
        guard isDue else { return nil }
        return hasBookmarks ? [scope.bookmark(at: revision)] : isOver ? [] : nil
    }
}
