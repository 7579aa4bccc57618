internal import FoundationEssentials
internal import GRDB
internal import OrderedJSON

/// An owner as an object's metadata name it.
struct OwnerReference: Sendable, Hashable {
    let apiVersion: String
    let kind: String
    let name: String
    let uid: String
    /// Whether a deletion of the owner that waits for its dependents waits for this one.
    let blocksDeletion: Bool

    /// - Parameter metadata: of the dependent.
    static func all(in metadata: JSON) -> [OwnerReference] {
        (metadata["ownerReferences"]?.array ?? []).map { reference in
            OwnerReference(
                apiVersion: reference["apiVersion"]?.string ?? "", kind: reference["kind"]?.string ?? "",
                name: reference["name"]?.string ?? "", uid: reference["uid"]?.string ?? "",
                blocksDeletion: reference["blockOwnerDeletion"]?.bool ?? false)
        }
    }
}

extension Store {
    /// Lists of keys are read so many at a time.
    static let keyPage = 200

    /// The objects that name the owner, in order, a page of them.
    func dependents(of uid: String, after key: ObjectKey? = nil) async throws -> [ObjectKey] {
        try await keys("SELECT resource, namespace, name FROM owner WHERE uid = ?", [uid], after: key)
    }

    /// The objects that name any owner, in order, a page of them.
    func ownedObjects(after key: ObjectKey? = nil) async throws -> [ObjectKey] {
        try await keys("SELECT DISTINCT resource, namespace, name FROM owner WHERE 1", [], after: key)
    }

    /// The objects whose deletion has begun, in order, a page of them.
    func endingObjects(after key: ObjectKey? = nil) async throws -> [ObjectKey] {
        try await keys("SELECT resource, namespace, name FROM ending WHERE 1", [], after: key)
    }

    /// What lies in a namespace, in order, a page of it.
    func contents(of namespace: String, after key: ObjectKey? = nil) async throws -> [ObjectKey] {
        try await keys("SELECT resource, namespace, name FROM live WHERE namespace = ?", [namespace], after: key)
    }

    private func keys(_ sql: String, _ arguments: StatementArguments, after key: ObjectKey?) async throws -> [ObjectKey]
    {
        try await pool.read { database in
            let rows = try Row.fetchAll(
                database,
                sql: """
                    \(sql) AND (resource, namespace, name) > (?, ?, ?)
                    ORDER BY resource, namespace, name LIMIT \(Self.keyPage)
                    """,
                arguments: arguments + [key?.resource ?? "", key?.namespace ?? "", key?.name ?? ""])
            return rows.map { ObjectKey(resource: $0[0], namespace: $0[1], name: $0[2]) }
        }
    }
}

// MARK: - Within a transaction

extension Store {
    static func insertOwners(_ metadata: JSON, of key: ObjectKey, _ database: Database) throws {
        guard metadata["ownerReferences"] != nil else { return }
        let statement = try database.cachedStatement(
            sql: "INSERT OR IGNORE INTO owner (uid, resource, namespace, name) VALUES (?, ?, ?, ?)")
        for owner in OwnerReference.all(in: metadata) {
            try statement.execute(arguments: [owner.uid, key.resource, key.namespace, key.name])
        }
    }

    /// - Returns: whether there were any.
    static func removeOwners(of key: ObjectKey, _ database: Database) throws -> Bool {
        try database.cachedStatement(sql: "DELETE FROM owner WHERE resource = ? AND namespace = ? AND name = ?")
            .execute(arguments: [key.resource, key.namespace, key.name])
        return database.changesCount > 0
    }

    static func isOwner(_ uid: String, _ database: Database) throws -> Bool {
        try Bool.fetchOne(
            database.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM owner WHERE uid = ?)"), arguments: [uid])
            ?? false
    }

    static func insertEnding(_ key: ObjectKey, _ database: Database) throws {
        try database.cachedStatement(
            sql: "INSERT OR IGNORE INTO ending (resource, namespace, name) VALUES (?, ?, ?)"
        )
        .execute(arguments: [key.resource, key.namespace, key.name])
    }

    static func removeEnding(_ key: ObjectKey, _ database: Database) throws {
        try database.cachedStatement(sql: "DELETE FROM ending WHERE resource = ? AND namespace = ? AND name = ?")
            .execute(arguments: [key.resource, key.namespace, key.name])
    }

    static func hasEndings(_ database: Database) throws -> Bool {
        try Bool.fetchOne(database.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM ending)")) ?? false
    }
}
