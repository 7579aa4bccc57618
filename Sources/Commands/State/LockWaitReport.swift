internal import LocalFiles
internal import StateStorage
internal import Synchronization

/// Says on a terminal who it is that a command waits for.
final class LockWaitReport: Sendable {
    private let last = Mutex<String?>(nil)

    /// - Returns: what to say now; nil where it was said before, or is not worth it yet.
    func line(_ lock: HeldLock, waited: Duration) -> String? {
        guard waited >= .seconds(1) else { return nil }
        return last.withLock { last in
            guard last != lock.id else { return nil }
            last = lock.id
            return "waiting for the lock of environment \(lock.environment), held by \(lock.summary)"
        }
    }
}

extension StateStore {
    /// The same store, which reports waits for locks on standard error where that is a terminal.
    func reportingLockWaits() -> StateStore {
        guard Terminal.standardErrorColumns != nil else { return self }
        let report = LockWaitReport()
        var store = self
        store.onLockWait = { lock, waited in
            if let line = report.line(lock, waited: waited) { printMessage(line) }
        }
        return store
    }
}
