internal import CLibrary
internal import SystemPackage

/// An advisory lock on a file, held until `release()` or until the process ends, however it ends.
///
/// Source: flock(2). The kernel drops the lock when the last descriptor of the open file is closed, so a killed process
/// leaves none behind. Descriptors are opened close-on-exec: a child does not inherit the lock.
public struct FileLock: ~Copyable, Sendable {
    /// Who else may hold the lock at the same time.
    public enum Mode: Sendable {
        /// Others that share it.
        case shared
        /// Nobody.
        case exclusive

        fileprivate var operation: Int32 { self == .shared ? LOCK_SH : LOCK_EX }
    }

    private let descriptor: FileDescriptor

    private init(descriptor: FileDescriptor) { self.descriptor = descriptor }

    deinit {
        // A child that was forked a moment ago has the descriptor, and so the lock, until it starts its own program.
        flock(descriptor.rawValue, LOCK_UN)
        try? descriptor.close()
    }

    /// Takes the lock if nobody holds one that excludes it; nil otherwise. Creates the file, mode 0600, if it is missing.
    public static func attempt(_ path: String, _ mode: Mode) throws(FileError) -> FileLock? {
        let descriptor = try open(path)
        guard flock(descriptor.rawValue, mode.operation | LOCK_NB) == 0 else {
            let number = errno
            try? descriptor.close()
            if number == EWOULDBLOCK { return nil }
            throw FileError(path: path, action: "lock", number: number)
        }
        return FileLock(descriptor: descriptor)
    }

    /// Waits for the lock, trying every 20 ms, until it is held or the task is cancelled.
    ///
    /// Polling rather than a blocking call keeps the wait cancellable and off the cooperative pool.
    public static func waiting(_ path: String, _ mode: Mode) async throws -> FileLock {
        while true {
            if let lock = try attempt(path, mode) { return lock }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Releases the lock now rather than at the end of the scope.
    public consuming func release() {}

    private static func open(_ path: String) throws(FileError) -> FileDescriptor {
        do {
            return try FileDescriptor.open(
                FilePath(path), .readWrite, options: [.create, .closeOnExec], permissions: [.ownerReadWrite])
        } catch let error as Errno {
            throw FileError(path: path, action: "open", number: error.rawValue)
        } catch {
            throw FileError(path: path, action: "open", number: EIO)
        }
    }
}
