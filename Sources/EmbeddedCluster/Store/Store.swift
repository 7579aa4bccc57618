internal import CLibrary
internal import GRDB
internal import LocalFiles
internal import Synchronization

/// Everything a cluster keeps, in one SQLite file. It knows objects and revisions, and nothing of what kinds mean.
///
/// A write that was acknowledged is on disk (write-ahead log, `synchronous = FULL`). Readers see a snapshot and never
/// wait for the writer. Only one process has a store open: the server holds the lock of its folder.
final class Store: Sendable {
    let pool: DatabasePool
    let path: String
    let clock: ClusterClock
    /// The latest revision that wrote to a resource, for caches that must know when they are out of date.
    let latestRevisions = Mutex<[String: Int64]>([:])
    /// What was written lately, for those who watch.
    let feed = EventFeed()
    /// What writes leave to be done.
    let aftermath = AftermathQueue()

    let knownTokens = KnownTokens()

    /// Opens the store, and makes it where there is none.
    static func open(_ path: String, clock: ClusterClock = .system) async throws -> Store {
        do {
            // SQLite would make the file readable for others, and gives its log the mode of the file.
            if access(path, F_OK) != 0 { try PrivateFile.write([], to: path) }
            let store = Store(
                pool: try DatabasePool(path: path, configuration: configuration), path: path, clock: clock)
            try await store.prepare()
            store.feed.start(at: try await store.currentRevision())
            return store
        } catch let error as DatabaseError {
            if error.isDamage { throw EmbeddedClusterError.storeCorrupt(path, error.message ?? "corrupt") }
            if error.isDiskFull { throw EmbeddedClusterError.diskFull(path) }
            throw EmbeddedClusterError.folderUnusable(path, error)
        } catch let error as FileError {
            throw EmbeddedClusterError.folderUnusable(path, error)
        }
    }

    private init(pool: DatabasePool, path: String, clock: ClusterClock) {
        self.pool = pool
        self.path = path
        self.clock = clock
    }

    /// Nothing can be read or written afterwards.
    func close() throws {
        // The pool closes its writer first, and the readers that come after cannot empty the log.
        try? pool.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
        try pool.close()
    }

    private static var configuration: Configuration {
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        configuration.label = "stowage.store"
        configuration.maximumReaderCount = 4
        configuration.prepareDatabase { database in
            // Deleted Secrets leave no trace in the file where that costs nothing.
            try database.execute(sql: "PRAGMA secure_delete = FAST; PRAGMA cache_size = -4096")
        }
        return configuration
    }

    private func prepare() async throws {
        let path = path
        try await pool.writeWithoutTransaction { database in
            // The pool itself sets NORMAL, under which a power failure may undo the last writes.
            try database.execute(sql: "PRAGMA synchronous = FULL")
            let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
            let application = try Int.fetchOne(database, sql: "PRAGMA application_id") ?? 0
            let tables = try Int.fetchOne(database, sql: "SELECT COUNT(*) FROM sqlite_schema") ?? 0
            guard tables == 0 || application == StoreSchema.applicationID else {
                throw EmbeddedClusterError.storeForeign(path)
            }
            guard version <= StoreSchema.version else {
                throw EmbeddedClusterError.storeNewer(path, version: version, known: StoreSchema.version)
            }
            if tables > 0 { try Self.check(database, path) }
            try Self.migrate(database, from: version)
        }
    }

    /// Above this size only the tables that lead to the objects are checked at start, so that it stays fast.
    private static let thoroughlyCheckedPages = 16_384

    private static func check(_ database: Database, _ path: String) throws {
        let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
        let checks =
            pages <= thoroughlyCheckedPages
            ? ["PRAGMA quick_check(1)"] : ["PRAGMA quick_check('live')", "PRAGMA quick_check('label')"]
        for check in checks {
            let answer = try String.fetchOne(database, sql: check) ?? ""
            guard answer == "ok" else { throw EmbeddedClusterError.storeCorrupt(path, answer) }
        }
    }
}

extension Store {
    /// The revision of the last write to the resource by this process; 0 before the first.
    func latestRevision(of resource: String) -> Int64 { latestRevision(of: [resource]) }

    /// The latest of several resources.
    func latestRevision(of resources: [String]) -> Int64 {
        latestRevisions.withLock { latest in resources.reduce(0) { max($0, latest[$1] ?? 0) } }
    }

    func setting(_ name: String) async throws -> String? {
        try await pool.read {
            try String.fetchOne($0, sql: "SELECT value FROM setting WHERE name = ?", arguments: [name])
        }
    }

    func set(_ name: String, _ value: String) async throws {
        try await pool.write {
            try $0.execute(sql: "INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)", arguments: [name, value])
        }
    }

    /// The revision of the last write; 0 for a store that was never written to.
    func currentRevision() async throws -> Int64 { try await pool.read { try Self.currentRevision($0) } }

    static func currentRevision(_ database: Database) throws -> Int64 {
        let statement = try database.cachedStatement(sql: "SELECT seq FROM sqlite_sequence WHERE name = 'revision'")
        return try Int64.fetchOne(statement) ?? 0
    }
}
