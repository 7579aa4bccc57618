internal import OrderedJSON

/// What the store holds of a resource, brought up to date from what was written since it was last looked at.
struct Informer {
    /// What became of an object.
    struct Difference {
        let key: ObjectKey
        let old: JSON?
        /// nil: it is gone.
        let new: JSON?
    }

    let store: Store
    let filter: EventFilter
    private(set) var objects: [ObjectKey: JSON] = [:]
    /// What is known up to; nil before the first look.
    private(set) var revision: Int64?

    init(_ store: Store, _ resource: String) {
        self.store = store
        filter = EventFilter(resource: resource)
    }

    /// - Returns: what is different from the last time. Of several changes to an object the last one counts.
    mutating func refresh() async throws -> [Difference] {
        var before: [ObjectKey: JSON] = [:]
        var changed: Set<ObjectKey> = []
        do {
            guard var revision else { return try await list() }
            while true {
                let (events, through) = try await store.events(after: revision, filter)
                for event in events {
                    let key = event.object.key
                    if changed.insert(key).inserted { before[key] = objects[key] }
                    if event.kind == .deleted {
                        objects.removeValue(forKey: key)
                    } else {
                        objects[key] = try event.object.json()
                    }
                }
                self.revision = through
                if through == revision || events.isEmpty { break }
                revision = through
            }
        } catch ListFailure.compacted {
            return try await list()
        }
        return changed.map { Difference(key: $0, old: before[$0], new: objects[$0]) }
    }

    private mutating func list() async throws -> [Difference] {
        var query = ListQuery(resource: filter.resource)
        let start = try await store.list(query)
        var (stored, unread) = (start.objects, start.unread)
        query.revision = start.revision
        while let position = unread {
            query.after = position
            let batch = try await store.more(query)
            stored += batch.objects
            unread = batch.unread
        }
        let before = objects
        objects = [:]
        for object in stored { objects[object.key] = try object.json() }
        revision = start.revision
        return Set(before.keys).union(objects.keys).compactMap { key in
            before[key] == objects[key] ? nil : Difference(key: key, old: before[key], new: objects[key])
        }
    }
}
