internal import FoundationEssentials
internal import GRDB
internal import OrderedJSON
internal import Synchronization

extension Store {
    /// Makes all changes, in their order, each at a revision of its own; or none of them.
    ///
    /// - Returns: the objects as they are now, those that were deleted with the revision of their deletion.
    /// - Throws: `StoreConflict` when an object is not what the change was made from.
    @discardableResult
    func apply(_ changes: [Change], requiring requirements: [Requirement] = []) async throws -> [StoredObject] {
        let now = clock.now()
        let objects = try await pool.write { database in
            for requirement in requirements {
                guard try Self.revision(of: requirement.key, database) == requirement.revision else {
                    throw StoreConflict.requirement(requirement.key)
                }
            }
            var writer = RevisionWriter(database: database, next: try Self.currentRevision(database) + 1, now: now)
            for change in changes { try writer.write(change) }
            return writer.objects
        }
        latestRevisions.withLock { latest in
            for object in objects {
                latest[object.key.resource] = max(latest[object.key.resource] ?? 0, object.revision)
            }
        }
        return objects
    }

    /// The revision of the object that is there; nil where there is none.
    static func revision(of key: ObjectKey, _ database: Database) throws -> Int64? {
        try Int64.fetchOne(
            database.cachedStatement(
                sql: "SELECT revision FROM live WHERE resource = ? AND namespace = ? AND name = ?"),
            arguments: [key.resource, key.namespace, key.name])
    }
}

/// Appends to the log within one transaction.
private struct RevisionWriter {
    let database: Database
    var next: Int64
    let now: Timestamp
    var objects: [StoredObject] = []

    mutating func write(_ change: Change) throws {
        switch change {
        case .create(let key, let draft):
            guard try Store.revision(of: key, database) == nil else { throw StoreConflict.exists(key) }
            try append(key, draft, .added, previous: nil)
        case .update(let key, let from, let draft):
            try require(key, at: from)
            try append(key, draft, .modified, previous: from)
        case .delete(let key, let from):
            try require(key, at: from)
            try delete(key, from)
        case .deleteContents(let namespace):
            let rows = try Row.fetchAll(
                database, sql: "SELECT resource, name, revision FROM live WHERE namespace = ?", arguments: [namespace])
            for row in rows { try delete(ObjectKey(resource: row[0], namespace: namespace, name: row[1]), row[2]) }
        }
    }

    private func require(_ key: ObjectKey, at revision: Int64) throws {
        guard let current = try Store.revision(of: key, database) else { throw StoreConflict.missing(key) }
        guard current == revision else { throw StoreConflict.changed(key, current: current) }
    }

    private mutating func append(_ key: ObjectKey, _ draft: ObjectDraft, _ event: EventKind, previous: Int64?) throws {
        let object = StoredObject(
            key: key, revision: next, metadata: draft.metadataBytes(at: next), content: draft.content)
        let labels = draft.labels.isEmpty ? nil : Data(JSON(sorted: draft.labels).bytes)
        try insert(object, event, previous: previous, labels: labels)
        try execute(
            "INSERT OR REPLACE INTO live (resource, namespace, name, revision) VALUES (?, ?, ?, ?)",
            [key.resource, key.namespace, key.name, next])
        if event == .modified { try removeLabels(key) }
        for (label, value) in draft.labels {
            try execute(
                "INSERT INTO label (resource, key, value, namespace, name) VALUES (?, ?, ?, ?, ?)",
                [key.resource, label, value, key.namespace, key.name])
        }
        objects.append(object)
        next += 1
    }

    /// The row of a deletion holds no content: that of the row before is as good, and is kept as long.
    private mutating func delete(_ key: ObjectKey, _ from: Int64) throws {
        let row = try Row.fetchOne(
            database, sql: "SELECT metadata, labels FROM revision WHERE revision = ?", arguments: [from])
        guard let row else { throw StoreConflict.missing(key) }
        var metadata = try JSON(parsing: Array(row[0] as Data))
        metadata["resourceVersion"] = .string(String(next))
        let object = StoredObject(key: key, revision: next, metadata: metadata.bytes, content: [])
        try insert(object, .deleted, previous: from, labels: row[1])
        try execute(
            "DELETE FROM live WHERE resource = ? AND namespace = ? AND name = ?",
            [key.resource, key.namespace, key.name])
        try removeLabels(key)
        objects.append(object)
        next += 1
    }

    private func insert(_ object: StoredObject, _ event: EventKind, previous: Int64?, labels: Data?) throws {
        try execute(
            """
            INSERT INTO revision (revision, resource, namespace, name, event, previous, written, labels, metadata, \
            content)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                object.revision, object.key.resource, object.key.namespace, object.key.name, event.rawValue, previous,
                now.microseconds, labels, Data(object.metadata), Data(object.content),
            ])
    }

    private func removeLabels(_ key: ObjectKey) throws {
        try execute(
            "DELETE FROM label WHERE resource = ? AND namespace = ? AND name = ?",
            [key.resource, key.namespace, key.name])
    }

    private func execute(_ sql: String, _ arguments: StatementArguments) throws {
        try database.cachedStatement(sql: sql).execute(arguments: arguments)
    }
}
