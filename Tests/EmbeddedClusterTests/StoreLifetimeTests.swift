@testable import EmbeddedCluster
import GRDB
import LocalFiles
import Synchronization
import TestScopes
import Testing

/// A clock that is set by hand.
final class HandClock: Sendable {
    private let time = Mutex(Timestamp(seconds: 1_800_000_000))

    var clock: ClusterClock { ClusterClock { self.time.withLock { $0 } } }
    func advance(_ duration: Duration) { time.withLock { $0 = $0 + duration } }
}

@Suite struct StoreLifetimeTests {
    @Test func forgetsWhatWasReplacedLongAgo() async throws {
        let hand = HandClock()
        try await withTestStore(clock: hand.clock) { store in
            let first = try await store.add("a")
            try await store.add("gone")
            let second = try await store.apply([.update(key("a"), from: first, draft("a", value: "w"))])[0].revision
            let gone = try #require(try await store.object(key("gone")))
            let deletion = try await store.apply([.delete(gone.key, from: gone.revision)])[0].revision
            var query = ListQuery(resource: "secrets")
            query.revision = first

            try await store.compact()
            #expect(try await store.list(query).objects.map(\.revision) == [first])

            hand.advance(.seconds(200))
            let recent = try await store.add("recent")
            hand.advance(.seconds(200))
            try await store.compact()
            await #expect(throws: ListFailure.compacted(first, oldest: deletion)) { try await store.list(query) }
            await #expect(throws: ListFailure.compacted(first, oldest: deletion)) {
                try await store.events(after: first, EventFilter(resource: "secrets"))
            }
            // What is there now, and what is young enough, is untouched.
            query.revision = deletion
            #expect(try await store.list(query).objects.map(\.revision) == [second])
            query.revision = nil
            #expect(try await store.list(query).objects.map(\.revision) == [second, recent])
            #expect(
                try await store.events(after: deletion, EventFilter(resource: "secrets")).events.map(\.object.revision)
                    == [recent])
            let rows = try await store.pool.read { try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM revision") }
            #expect(rows == 2)
        }
    }

    @Test func revisionsNeverRepeatEvenWhenAllWasDeletedAndCompacted() async throws {
        let hand = HandClock()
        try await withTestStore(clock: hand.clock) { store in
            let first = try await store.add("a")
            let last = try await store.apply([.delete(key("a"), from: first)])[0].revision
            hand.advance(.seconds(600))
            try await store.compact()
            #expect(try await store.add("a") == last + 1)
        }
    }

    @Test func isThereAgainAfterReopening() async throws {
        try await withTemporaryFolder { folder in
            let path = "\(folder)/store.sqlite"
            let store = try await Store.open(path)
            let revision = try await store.add("a", labels: ["x": "y"])
            try store.close()
            // Everything is in the file itself, so that it can be copied alone.
            #expect(try !exists("\(path)-wal") || PrivateFile.read("\(path)-wal").isEmpty)
            let again = try await Store.open(path)
            #expect(try await again.object(key("a"))?.revision == revision)
            #expect(try await again.add("b") == revision + 1)
            try again.close()
        }
    }

    @Test func writesSurviveAProcessThatNeverCloses() async throws {
        try await withTemporaryFolder { folder in
            let path = "\(folder)/store.sqlite"
            let store = try await Store.open(path)
            try await store.add("a")
            // What a killed process leaves: the files as they are at this moment.
            for suffix in ["", "-wal"] {
                try PrivateFile.write(try PrivateFile.read(path + suffix), to: "\(folder)/copy.sqlite\(suffix)")
            }
            let copy = try await Store.open("\(folder)/copy.sqlite")
            #expect(try await copy.object(key("a")) != nil)
            try copy.close()
            try store.close()
        }
    }

    @Test func syncsEveryWriteToDisk() async throws {
        try await withTestStore { store in
            let modes = try await store.pool.writeWithoutTransaction { database in
                (
                    try Int.fetchOne(database, sql: "PRAGMA synchronous"),
                    try String.fetchOne(database, sql: "PRAGMA journal_mode")
                )
            }
            #expect(modes.0 == 2)
            #expect(modes.1 == "wal")
        }
    }

    @Test func refusesAStoreOfANewerProgram() async throws {
        try await withTemporaryFolder { folder in
            let path = "\(folder)/store.sqlite"
            let store = try await Store.open(path)
            try await store.pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA user_version = 99") }
            try store.close()
            let error = await #expect(throws: EmbeddedClusterError.self) { _ = try await Store.open(path) }
            #expect(error?.code == .storeNewer)
            #expect(error?.description.contains(path) == true)
        }
    }

    @Test func refusesADatabaseOfSomethingElse() async throws {
        try await withTemporaryFolder { folder in
            let path = "\(folder)/store.sqlite"
            let queue = try DatabaseQueue(path: path)
            try await queue.write { try $0.execute(sql: "CREATE TABLE t (x)") }
            try queue.close()
            let error = await #expect(throws: EmbeddedClusterError.self) { _ = try await Store.open(path) }
            #expect(error?.code == .storeForeign)
        }
    }

    @Test func namesACorruptFile() async throws {
        try await withTemporaryFolder { folder in
            let path = "\(folder)/store.sqlite"
            try PrivateFile.write([UInt8](repeating: 0x55, count: 10_000), to: path)
            let error = await #expect(throws: EmbeddedClusterError.self) { _ = try await Store.open(path) }
            #expect(error?.code == .storeCorrupt)
            #expect(error?.description.contains(path) == true)
        }
    }

    @Test func namesAFileWithDamagedPages() async throws {
        try await withTemporaryFolder { folder in
            let path = "\(folder)/store.sqlite"
            let store = try await Store.open(path)
            for number in 0..<50 { try await store.add("s\(number)", value: String(repeating: "x", count: 3000)) }
            try store.close()
            var bytes = try PrivateFile.read(path)
            for index in 4096 * 3..<min(bytes.count, 4096 * 30) { bytes[index] = UInt8(truncatingIfNeeded: index &* 7) }
            try PrivateFile.write(bytes, to: path)
            let error = await #expect(throws: EmbeddedClusterError.self) { _ = try await Store.open(path) }
            #expect(error?.code == .storeCorrupt)
        }
    }
}
