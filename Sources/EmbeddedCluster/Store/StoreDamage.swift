internal import GRDB

extension DatabaseError {
    /// Whether the file, or what SQLite keeps beside it, had no room to grow.
    var isDiskFull: Bool { resultCode == .SQLITE_FULL || extendedResultCode == .SQLITE_IOERR_SHMSIZE }

    /// Whether the file does not hold what SQLite wrote to it.
    var isDamage: Bool {
        switch resultCode {
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: true
        default: extendedResultCode == .SQLITE_IOERR_SHORT_READ
        }
    }
}
