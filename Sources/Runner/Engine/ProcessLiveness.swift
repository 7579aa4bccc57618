internal import CLibrary
internal import LocalFiles

/// Whether a process of that number is at work. One that has ended and only waits to be reaped is not: in a container nobody may
/// ever reap it.
func isAtWork(_ process: Int32) -> Bool {
    guard kill(process, 0) == 0 || errno == EPERM else { return false }
    guard ProcessStatus(process)?.hasEnded == true else { return true }
    // A process whose first thread has ended looks like that, too.
    return (try? FolderTree.entries(of: "/proc/\(process)/task"))?.count ?? 0 > 1
}
