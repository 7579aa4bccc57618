internal import FoundationEssentials
internal import GRDB
internal import OrderedJSON

extension Store {
    /// What happened to a resource after a revision, in order.
    ///
    /// - Parameter namespace: nil for all.
    /// - Throws: `ListFailure.compacted` when the log no longer reaches back so far.
    func events(
        after revision: Int64, resource: String, namespace: String? = nil, limit: Int = 100
    ) async throws -> [StoreEvent] {
        try await pool.read { database in
            try Self.requireKept(revision, database)
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT r.event, r.namespace, r.name, r.revision, r.labels, r.metadata, p.labels,
                    CASE r.event WHEN \(EventKind.deleted.rawValue) THEN p.content ELSE r.content END
                    FROM revision AS r LEFT JOIN revision AS p ON p.revision = r.previous
                    WHERE r.revision > ? AND r.resource = ? AND (? IS NULL OR r.namespace = ?)
                    ORDER BY r.revision LIMIT ?
                    """, arguments: [revision, resource, namespace, namespace, limit])
            return try rows.map { try Self.event($0, resource) }
        }
    }

    private static func event(_ row: Row, _ resource: String) throws -> StoreEvent {
        let kind = EventKind(rawValue: row[0]) ?? .modified
        let object = StoredObject(
            key: ObjectKey(resource: resource, namespace: row[1], name: row[2]), revision: row[3],
            metadata: Array(row[5] as Data), content: Array(row[7] as Data? ?? Data()))
        return StoreEvent(
            kind: kind, object: object, labels: try labels(row[4]),
            previousLabels: kind == .added ? nil : try labels(row[6]))
    }

    private static func labels(_ data: Data?) throws -> [String: String] {
        try data.map { try JSON(parsing: Array($0)).strings ?? [:] } ?? [:]
    }
}
