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
        try await write { writer, database in
            for requirement in requirements {
                guard try Self.revision(of: requirement.key, database) == requirement.revision else {
                    throw StoreConflict.requirement(requirement.key)
                }
            }
            for change in changes { try writer.write(change) }
            return writer.objects
        }
    }

    /// Makes those of the changes that can be made, all at once; an object that is not what its change was made from stays
    /// as it is.
    ///
    /// - Returns: the objects that stay.
    func applyWhatHolds(_ changes: [Change]) async throws -> [ObjectKey] {
        try await write { writer, _ in
            var conflicts: [ObjectKey] = []
            for change in changes {
                // Found before anything of the change is made.
                do { try writer.write(change) } catch is StoreConflict { conflicts.append(change.key) }
            }
            return conflicts
        }
    }

    private func write<T: Sendable>(
        _ body: @Sendable @escaping (inout RevisionWriter, Database) throws -> T
    ) async throws -> T {
        let (now, feed) = (clock.now(), feed)
        return try await pool.write { database in
            var writer = RevisionWriter(
                database: database, feed: feed, next: try Self.currentRevision(database) + 1, now: now)
            let result = try body(&writer, database)
            let (entries, aftermath) = (writer.entries, writer.aftermath)
            // Here rather than after the transaction, where the order of two writes is not certain any more.
            database.afterNextTransaction { _ in self.announce(entries, aftermath) }
            return result
        }
    }

    private func announce(_ entries: [EventFeed.Entry], _ aftermath: Aftermath) {
        latestRevisions.withLock { latest in
            for entry in entries { latest[entry.key.resource] = entry.revision }
        }
        feed.publish(entries)
        self.aftermath.add(aftermath)
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
    let feed: EventFeed
    var next: Int64
    let now: Timestamp
    private(set) var objects: [StoredObject] = []
    /// What those who watch are told.
    private(set) var entries: [EventFeed.Entry] = []
    private(set) var aftermath = Aftermath()

    init(database: Database, feed: EventFeed, next: Int64, now: Timestamp) {
        self.database = database
        self.feed = feed
        self.next = next
        self.now = now
    }

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
        var hadOwners = false
        if event == .modified {
            try removeLabels(key)
            hadOwners = try Store.removeOwners(of: key, database)
        }
        try Store.insertOwners(draft.metadata, of: key, database)
        if draft.metadata["ownerReferences"] != nil { aftermath.owned.insert(key) }
        if draft.metadata["deletionTimestamp"] != nil {
            try Store.insertEnding(key, database)
            aftermath.movesEndings = true
        } else if hadOwners {
            aftermath.movesEndings = try aftermath.movesEndings || Store.hasEndings(database)
        }
        for (label, value) in draft.labels {
            try execute(
                "INSERT INTO label (resource, key, value, namespace, name) VALUES (?, ?, ?, ?, ?)",
                [key.resource, label, value, key.namespace, key.name])
        }
        try note(object, event, labels: draft.labels, from: previous)
    }

    /// The row of a deletion holds no content: that of the row before is as good, and is kept as long.
    private mutating func delete(_ key: ObjectKey, _ from: Int64) throws {
        let row = try Row.fetchOne(
            database, sql: "SELECT metadata, labels FROM revision WHERE revision = ?", arguments: [from])
        guard let row else { throw StoreConflict.missing(key) }
        var metadata = try JSON(parsing: Array(row[0] as Data))
        metadata["resourceVersion"] = .string(String(next))
        let object = StoredObject(key: key, revision: next, metadata: metadata.bytes, content: [])
        let labels = row[1] as Data?
        try insert(object, .deleted, previous: from, labels: labels)
        try execute(
            "DELETE FROM live WHERE resource = ? AND namespace = ? AND name = ?",
            [key.resource, key.namespace, key.name])
        try removeLabels(key)
        _ = try Store.removeOwners(of: key, database)
        if let uid = metadata["uid"]?.string, try Store.isOwner(uid, database) { aftermath.goneOwners.insert(uid) }
        try Store.removeEnding(key, database)
        // It may be what the deletion of its owner, or of its namespace, waits for.
        aftermath.movesEndings = try aftermath.movesEndings || Store.hasEndings(database)
        try note(object, .deleted, labels: try Store.labels(labels), from: from)
    }

    /// Goes on to the next revision.
    private mutating func note(
        _ object: StoredObject, _ kind: EventKind, labels: [String: String], from previous: Int64?
    ) throws {
        objects.append(object)
        let interest = feed.interest(in: object.key)
        let event = try interest == .nothing ? nil : self.event(object, kind, labels, from: previous, interest)
        entries.append(EventFeed.Entry(key: object.key, revision: object.revision, event: event))
        next += 1
    }

    private func event(
        _ object: StoredObject, _ kind: EventKind, _ labels: [String: String], from previous: Int64?,
        _ interest: EventFeed.Interest
    ) throws -> StoreEvent? {
        guard let previous, kind == .deleted || interest == .objectAndPrevious else {
            return StoreEvent(
                kind: kind, object: object, labels: labels, previous: nil,
                previousLabels: kind == .added ? nil : labels)
        }
        let statement = try database.cachedStatement(
            sql: "SELECT metadata, content, labels FROM revision WHERE revision = ?")
        guard let row = try Row.fetchOne(statement, arguments: [previous]) else { return nil }
        let content = Array(row[1] as Data)
        let previousLabels = try Store.labels(row[2])
        if kind == .deleted {
            let last = StoredObject(
                key: object.key, revision: object.revision, metadata: object.metadata, content: content)
            return StoreEvent(
                kind: kind, object: last, labels: labels, previous: nil, previousLabels: previousLabels)
        }
        let before = StoredObject(
            key: object.key, revision: previous, metadata: Array(row[0] as Data), content: content)
        return StoreEvent(
            kind: kind, object: object, labels: labels, previous: before, previousLabels: previousLabels)
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
