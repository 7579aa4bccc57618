internal import FoundationEssentials
internal import GRDB
internal import OrderedJSON

extension Store {
    /// Brings a store from an older version, or from nothing, to this program's, as a whole or not at all.
    static func migrate(_ database: Database, from version: Int) throws {
        guard version < StoreSchema.version else { return }
        try database.inTransaction {
            for (index, statements) in StoreSchema.versions.enumerated() where index >= version {
                try database.execute(sql: statements)
            }
            if 1...2 ~= version { try indexOwnersAndEndings(database) }
            try database.execute(sql: "PRAGMA application_id = \(StoreSchema.applicationID)")
            try database.execute(sql: "PRAGMA user_version = \(StoreSchema.version)")
            return .commit
        }
    }

    /// Fills the tables that are new in version 3.
    private static func indexOwnersAndEndings(_ database: Database) throws {
        let rows = try Row.fetchCursor(
            database,
            sql: """
                SELECT o.resource, o.namespace, o.name, r.metadata
                FROM live AS o CROSS JOIN revision AS r ON r.revision = o.revision
                WHERE instr(r.metadata, CAST('"ownerReferences"' AS BLOB))
                OR instr(r.metadata, CAST('"deletionTimestamp"' AS BLOB))
                """)
        while let row = try rows.next() {
            let key = ObjectKey(resource: row[0], namespace: row[1], name: row[2])
            let metadata = try JSON(parsing: Array(row[3] as Data))
            try insertOwners(metadata, of: key, database)
            if metadata["deletionTimestamp"] != nil { try insertEnding(key, database) }
        }
    }
}
