internal import FoundationEssentials
internal import GRDB
internal import OrderedJSON

extension Store {
    /// What happened to objects after a revision, in order.
    ///
    /// - Parameters:
    ///   - bytes: about how much is read at once.
    ///   - needsPrevious: whether the objects before are read, too.
    /// - Returns: the events, and the revision that they lead up to.
    /// - Throws: `ListFailure.compacted` when the log no longer reaches back so far.
    func events(
        after revision: Int64, _ filter: EventFilter, needsPrevious: Bool = false, bytes: Int = 1 << 20
    ) async throws -> (events: [StoreEvent], through: Int64) {
        try await pool.read { database in
            try Self.requireKept(revision, database)
            let previousContent = needsPrevious ? "p.content" : "NULL"
            let rows = try Row.fetchCursor(
                database,
                sql: """
                    SELECT r.event, r.namespace, r.name, r.revision, r.labels, r.metadata, p.labels,
                    p.revision, p.metadata,
                    CASE r.event WHEN \(EventKind.deleted.rawValue) THEN p.content ELSE r.content END,
                    CASE r.event WHEN \(EventKind.modified.rawValue) THEN \(previousContent) END
                    FROM revision AS r LEFT JOIN revision AS p ON p.revision = r.previous
                    WHERE r.revision > ? AND r.resource = ? AND (? IS NULL OR r.namespace = ?)
                    AND (? IS NULL OR r.name = ?)
                    ORDER BY r.revision
                    """,
                arguments: [
                    revision, filter.resource, filter.namespace, filter.namespace, filter.name, filter.name,
                ])
            var (events, size) = ([StoreEvent](), 0)
            while let row = try rows.next() {
                if size >= bytes, let last = events.last { return (events, last.object.revision) }
                let event = try Self.event(row, filter.resource)
                size += event.size
                events.append(event)
            }
            return (events, max(revision, try Self.currentRevision(database)))
        }
    }

    private static func event(_ row: Row, _ resource: String) throws -> StoreEvent {
        let kind = EventKind(rawValue: row[0]) ?? .modified
        let key = ObjectKey(resource: resource, namespace: row[1], name: row[2])
        let previous = (row[10] as Data?).map { content in
            StoredObject(key: key, revision: row[7], metadata: Array(row[8] as Data), content: Array(content))
        }
        return StoreEvent(
            kind: kind,
            object: StoredObject(
                key: key, revision: row[3], metadata: Array(row[5] as Data),
                content: Array(row[9] as Data? ?? Data())),
            labels: try labels(row[4]), previous: previous, previousLabels: kind == .added ? nil : try labels(row[6]))
    }

    static func labels(_ data: Data?) throws -> [String: String] {
        try data.map { try JSON(parsing: Array($0)).strings ?? [:] } ?? [:]
    }
}
