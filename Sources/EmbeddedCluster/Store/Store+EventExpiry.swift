internal import GRDB
internal import KubernetesAPI

extension Store {
    /// How long an Event is kept after it was last written.
    static let eventLifetime = Duration.seconds(3600)

    /// Deletes the Events whose time is over.
    func expireEvents() async throws {
        let bound = (clock.now() - Self.eventLifetime).microseconds
        let expired = try await pool.read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT o.namespace, o.name, o.revision FROM live AS o
                    CROSS JOIN revision AS r ON r.revision = o.revision
                    WHERE o.resource = ? AND r.written <= ? LIMIT 1000
                    """, arguments: [ResourceKind.event.qualifiedResource, bound]
            ).map { (key: Self.eventKey($0[0], $0[1]), revision: $0[2] as Int64) }
        }
        for event in expired {
            do {
                try await apply([.delete(event.key, from: event.revision)])
            } catch is StoreConflict {
                // Somebody wrote it again, which gives it another hour, or deleted it.
            }
        }
    }

    private static func eventKey(_ namespace: String, _ name: String) -> ObjectKey {
        ObjectKey(resource: ResourceKind.event.qualifiedResource, namespace: namespace, name: name)
    }
}
