internal import GRDB

extension Store {
    /// How long lists can be continued and watches resumed.
    static let kept = Duration.seconds(300)

    /// Forgets the revisions that were replaced longer ago than `kept`.
    ///
    /// The work grows with what was written since the last time, not with what is stored.
    func compact() async throws {
        let bound = (clock.now() - Self.kept).microseconds
        try await pool.write { database in
            let oldest = try Self.compactedRevision(database)
            let newest = try Int64.fetchOne(
                database,
                sql: """
                    SELECT revision FROM revision WHERE revision > ? AND written <= ? ORDER BY revision DESC LIMIT 1
                    """, arguments: [oldest, bound])
            guard let newest else { return }
            // What a kept row replaced is out of reach of every list at `newest` or later; so is the row of a deletion.
            try database.execute(
                sql: """
                    DELETE FROM revision WHERE revision IN
                    (SELECT previous FROM revision WHERE revision > ? AND revision <= ? AND previous IS NOT NULL)
                    """, arguments: [oldest, newest])
            try database.execute(
                sql: "DELETE FROM revision WHERE revision > ? AND revision <= ? AND event = ?",
                arguments: [oldest, newest, EventKind.deleted.rawValue])
            try database.execute(
                sql: "INSERT OR REPLACE INTO setting (name, value) VALUES ('compacted', ?)", arguments: [String(newest)]
            )
        }
    }

    /// Lists and events can be had from this revision on.
    static func compactedRevision(_ database: Database) throws -> Int64 {
        let value = try String.fetchOne(
            database.cachedStatement(sql: "SELECT value FROM setting WHERE name = 'compacted'"))
        return value.flatMap { Int64($0) } ?? 0
    }
}
