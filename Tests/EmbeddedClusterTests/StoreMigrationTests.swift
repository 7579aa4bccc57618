@testable import EmbeddedCluster
import Foundation
import GRDB
import OrderedJSON
import TestScopes
import Testing

@Suite struct StoreMigrationTests {
    /// A store as the first release made it.
    private static func makeFirstVersion(_ path: String) throws {
        let database = try DatabaseQueue(path: path)
        try database.writeWithoutTransaction { database in
            try database.execute(
                sql: """
                    CREATE TABLE revision (
                        revision INTEGER PRIMARY KEY AUTOINCREMENT,
                        resource TEXT NOT NULL,
                        namespace TEXT NOT NULL,
                        name TEXT NOT NULL,
                        event INTEGER NOT NULL,
                        previous INTEGER,
                        written INTEGER NOT NULL,
                        labels BLOB,
                        metadata BLOB NOT NULL,
                        content BLOB NOT NULL
                    ) STRICT;
                    CREATE INDEX revision_of_object ON revision (resource, namespace, name, revision);
                    CREATE TABLE live (
                        resource TEXT NOT NULL,
                        namespace TEXT NOT NULL,
                        name TEXT NOT NULL,
                        revision INTEGER NOT NULL,
                        PRIMARY KEY (resource, namespace, name)
                    ) STRICT, WITHOUT ROWID;
                    CREATE INDEX live_in_namespace ON live (namespace);
                    CREATE TABLE label (
                        resource TEXT NOT NULL,
                        key TEXT NOT NULL,
                        value TEXT NOT NULL,
                        namespace TEXT NOT NULL,
                        name TEXT NOT NULL,
                        PRIMARY KEY (resource, key, value, namespace, name)
                    ) STRICT, WITHOUT ROWID;
                    CREATE INDEX label_of_object ON label (resource, namespace, name, key);
                    CREATE TABLE token (
                        hash BLOB PRIMARY KEY,
                        holder TEXT NOT NULL,
                        namespace TEXT NOT NULL,
                        name TEXT NOT NULL,
                        uid TEXT NOT NULL,
                        identifier TEXT NOT NULL,
                        expires INTEGER
                    ) STRICT, WITHOUT ROWID;
                    CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
                    PRAGMA application_id = \(0x7374_7767);
                    PRAGMA user_version = 1;
                    """)
            for (name, metadata) in [
                ("plain", #"{"name":"plain","uid":"1"}"#),
                ("child", #"{"name":"child","uid":"2","ownerReferences":[{"uid":"o1"},{"uid":"o2"}]}"#),
                ("held", #"{"name":"held","uid":"3","deletionTimestamp":"2026-11-23T00:00:00Z","finalizers":["a/b"]}"#),
            ] {
                try database.execute(
                    sql: """
                        INSERT INTO revision (resource, namespace, name, event, written, metadata, content)
                        VALUES ('secrets', 'ns', ?, 1, 0, ?, ?)
                        """, arguments: [name, Data(metadata.utf8), Data("}".utf8)])
                try database.execute(
                    sql: "INSERT INTO live (resource, namespace, name, revision) VALUES ('secrets', 'ns', ?, ?)",
                    arguments: [name, database.lastInsertedRowID])
            }
        }
        try database.close()
    }

    private static func version(_ path: String) throws -> Int? {
        let database = try DatabaseQueue(path: path)
        defer { try? database.close() }
        return try database.read { try Int.fetchOne($0, sql: "PRAGMA user_version") }
    }

    @Test func theFirstVersionIsBroughtUpToDate() async throws {
        try await withTemporaryFolder { folder in
            let path = "\(folder)/store.sqlite"
            try Self.makeFirstVersion(path)
            let store = try await Store.open(path)
            #expect(try await store.currentRevision() == 3)
            #expect(try await store.names(ListQuery(resource: "secrets")) == ["child", "held", "plain"])
            for uid in ["o1", "o2"] { #expect(try await store.dependents(of: uid) == [key("child")]) }
            #expect(try await store.endingObjects() == [key("held")])
            try store.close()
            #expect(try Self.version(path) == StoreSchema.version)
            // Once and for all.
            let again = try await Store.open(path)
            #expect(try await again.ownedObjects() == [key("child")])
            try again.close()
        }
    }

    @Test func aMigrationThatFailsChangesNothing() async throws {
        try await withTemporaryFolder { folder in
            let path = "\(folder)/store.sqlite"
            try Self.makeFirstVersion(path)
            let database = try DatabaseQueue(path: path)
            try await database.write {
                try $0.execute(
                    sql: "UPDATE revision SET metadata = ? WHERE name = 'child'",
                    arguments: [
                        Data(#"{"ownerReferences":"#.utf8)
                    ])
            }
            try database.close()
            await #expect(throws: (any Error).self) { _ = try await Store.open(path) }
            #expect(try Self.version(path) == 1)
        }
    }

    @Test func ownersAndEndingsAreKeptUpToDate() async throws {
        try await withTestStore { store in
            func draft(_ owners: [String], isEnding: Bool = false) -> ObjectDraft {
                var metadata: JSON = ["name": "a", "uid": "u", "resourceVersion": ""]
                metadata["ownerReferences"] = .array(owners.map { ["uid": .string($0)] })
                if isEnding { metadata["deletionTimestamp"] = "2026-11-23T00:00:00Z" }
                return ObjectDraft(["metadata": metadata])
            }
            var revision = try await store.apply([.create(key("a"), draft(["x", "y"]))])[0].revision
            #expect(try await store.dependents(of: "x") == [key("a")])
            revision = try await store.apply([.update(key("a"), from: revision, draft(["y"], isEnding: true))])[0]
                .revision
            #expect(try await store.dependents(of: "x") == [])
            #expect(try await store.dependents(of: "y") == [key("a")])
            #expect(try await store.endingObjects() == [key("a")])
            try await store.apply([.delete(key("a"), from: revision)])
            #expect(try await store.ownedObjects() == [])
            #expect(try await store.endingObjects() == [])
        }
    }
}
