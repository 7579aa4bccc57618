internal import CLibrary
internal import Synchronization

/// The process that requests come from, and that one of them can be the end of.
public final class Victim: Sendable {
    private let identifier = Mutex<Int32?>(nil)

    public init() {}

    public func `is`(_ process: Int32) { identifier.withLock { $0 = process } }

    /// Kills it, as soon as it is known, with no time to clean up.
    public func kill() async {
        while true {
            if let process = identifier.withLock({ $0 }) { return sendKill(to: process) }
            await Task.yield()
        }
    }
}

private func sendKill(to process: Int32) { _ = kill(process, SIGKILL) }
