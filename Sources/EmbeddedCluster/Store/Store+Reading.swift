internal import FoundationEssentials
internal import GRDB
internal import KubernetesAPI
internal import OrderedJSON

extension Store {
    /// The object as it is now; nil where there is none.
    func object(_ key: ObjectKey) async throws -> StoredObject? {
        // A single statement reads one snapshot, and needs no transaction for that.
        try await pool.unsafeRead { try Self.object(key, $0) }
    }

    static func object(_ key: ObjectKey, _ database: Database) throws -> StoredObject? {
        let statement = try database.cachedStatement(
            sql: """
                SELECT r.metadata, r.content, r.revision
                FROM live AS o CROSS JOIN revision AS r ON r.revision = o.revision
                WHERE o.resource = ? AND o.namespace = ? AND o.name = ?
                """)
        return try Row.fetchOne(statement, arguments: [key.resource, key.namespace, key.name]).map {
            StoredObject(key: key, revision: $0[2], metadata: Array($0[0] as Data), content: Array($0[1] as Data))
        }
    }

    /// The object as it is now, without its content.
    func metadata(_ key: ObjectKey) async throws -> StoredObject? {
        try await pool.read { database in
            let statement = try database.cachedStatement(
                sql: """
                    SELECT r.metadata, r.revision FROM live AS o CROSS JOIN revision AS r ON r.revision = o.revision
                    WHERE o.resource = ? AND o.namespace = ? AND o.name = ?
                    """)
            return try Row.fetchOne(statement, arguments: [key.resource, key.namespace, key.name]).map {
                StoredObject(key: key, revision: $0[1], metadata: Array($0[0] as Data), content: [])
            }
        }
    }

    /// Reads at most this much of a list into memory at a time.
    private static let batchBytes = 256 << 10
    private static let batchCount = 500

    /// Begins a list: where it ends, and its first objects, all of one snapshot.
    func list(_ query: ListQuery) async throws -> ListStart {
        try await pool.read { database in
            let current = try Self.currentRevision(database)
            let revision = query.revision ?? current
            guard revision <= current else { throw ListFailure.future(revision, current: current) }
            try Self.requireKept(revision, database)
            let reader = ListReader(database: database, revision: revision, isNewest: revision == current)
            let end = try query.limit.map { try reader.end(of: query, limit: $0) }
            let (objects, unread) = try reader.batch(query, count: Self.batchCount, bytes: Self.batchBytes)
            return ListStart(
                revision: revision, objects: objects, unread: unread, continuation: end?.continuation,
                remaining: end?.remaining)
        }
    }

    /// Goes on with a list.
    ///
    /// - Parameter query: the one it began with, at its revision, after what was read, with what is left of its limit.
    func more(_ query: ListQuery) async throws -> (objects: [StoredObject], unread: ListPosition?) {
        try await pool.read { database in
            let revision = try query.revision ?? Self.currentRevision(database)
            try Self.requireKept(revision, database)
            return try ListReader(database: database, revision: revision)
                .batch(query, count: Self.batchCount, bytes: Self.batchBytes)
        }
    }

    /// All objects of a resource in a namespace, for resources of which there are few.
    func objects(_ resource: String, in namespace: String) async throws -> [StoredObject] {
        var query = ListQuery(resource: resource, namespace: namespace)
        let start = try await list(query)
        var (objects, unread) = (start.objects, start.unread)
        query.revision = start.revision
        while let position = unread {
            query.after = position
            let batch = try await more(query)
            objects += batch.objects
            unread = batch.unread
        }
        return objects
    }

    /// The objects of several lists, all of one moment, for resources of which there are few.
    func objects(of queries: [ListQuery]) async throws -> [[StoredObject]] {
        try await pool.read { database in
            let reader = ListReader(database: database, revision: try Self.currentRevision(database))
            return try queries.map { try reader.batch($0, count: .max, bytes: .max).0 }
        }
    }

    static func requireKept(_ revision: Int64, _ database: Database) throws {
        let oldest = try compactedRevision(database)
        guard revision >= oldest else { throw ListFailure.compacted(revision, oldest: oldest) }
    }
}

/// Reads a list within one snapshot.
private struct ListReader {
    let database: Database
    let revision: Int64
    /// Whether nothing at all was written after the revision.
    var isNewest = false

    /// Whether what is there now is what was there at the revision, which is much the faster to read.
    private func isCurrent(_ query: ListQuery) throws -> Bool {
        if isNewest { return true }
        return try
            !(Bool.fetchOne(
                database.cachedStatement(
                    sql: "SELECT EXISTS (SELECT 1 FROM revision WHERE revision > ? AND resource = ?)"),
                arguments: [revision, query.resource]) ?? false)
    }

    func batch(_ query: ListQuery, count: Int, bytes: Int) throws -> ([StoredObject], ListPosition?) {
        let body = query.metadataOnly ? "x''" : "r.content"
        var (objects, size) = ([StoredObject](), 0)
        var unread: ListPosition?
        try forEach(query, columns: "r.namespace, r.name, r.labels, r.revision, r.metadata, \(body)") { row in
            if objects.count == query.limit { return false }
            if objects.count == count || size >= bytes, let last = objects.last {
                unread = ListPosition(namespace: last.key.namespace, name: last.key.name)
                return false
            }
            let object = StoredObject(
                key: ObjectKey(resource: query.resource, namespace: row[0], name: row[1]), revision: row[3],
                metadata: Array(row[4] as Data), content: Array(row[5] as Data))
            size += object.metadata.count + object.content.count
            objects.append(object)
            return true
        }
        return (objects, unread)
    }

    /// Where a page of that many ends, if more comes after it, and how many come.
    func end(of query: ListQuery, limit: Int) throws -> (continuation: ListPosition?, remaining: Int?) {
        let isCounted = query.selector.requirements.isEmpty && query.name == nil
        var (seen, continuation) = (0, ListPosition?.none)
        try forEach(query, columns: "r.namespace, r.name, r.labels") { row in
            seen += 1
            if seen == limit { continuation = ListPosition(namespace: row[0], name: row[1]) }
            return isCounted || seen <= limit
        }
        return seen > limit ? (continuation, isCounted ? seen - limit : nil) : (nil, nil)
    }

    /// - Parameter body: called with each row in order, until it returns false.
    private func forEach(_ query: ListQuery, columns: String, _ body: (Row) throws -> Bool) throws {
        let isCurrent = try isCurrent(query)
        let statement =
            try isCurrent
            ? ListSQL(live: query, columns: columns, driver: driver(of: query))
            : ListSQL(at: revision, query, columns: columns)
        let prepared =
            try statement.isUsual
            ? database.cachedStatement(sql: statement.sql) : database.makeStatement(sql: statement.sql)
        let rows = try Row.fetchCursor(prepared, arguments: statement.arguments)
        let isFiltered = !isCurrent || !ListSQL.states(query.selector)
        while let row = try rows.next() {
            if isFiltered, !query.selector.matches(try labels(in: row)) { continue }
            guard try body(row) else { return }
        }
    }

    private func labels(in row: Row) throws -> [String: String] {
        guard let data = row[2] as Data? else { return [:] }
        return try JSON(parsing: Array(data)).strings ?? [:]
    }

    /// The label that the fewest objects carry, if it is far from all of them; the first that hardly any carry.
    private func driver(of query: ListQuery) throws -> (key: String, value: String)? {
        let labels = query.selector.equalities.prefix(20)
        let statement = try database.cachedStatement(
            sql: """
                SELECT COUNT(*) FROM (SELECT 1 FROM label WHERE resource = ? AND key = ? AND value = ? LIMIT ?)
                """)
        func count(_ label: (key: String, value: String), upTo bound: Int) throws -> Int {
            try Int.fetchOne(statement, arguments: [query.resource, label.key, label.value, bound]) ?? 0
        }
        let (few, bound) = (8, 200)
        for label in labels where try count(label, upTo: few) < few { return label }
        var best: (label: (key: String, value: String), count: Int)?
        for label in labels {
            let count = try count(label, upTo: bound)
            if count < best?.count ?? bound { best = (label, count) }
        }
        return best?.label
    }
}
