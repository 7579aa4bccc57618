internal import CLibrary
internal import LocalFiles

/// Whether a process of that number is at work. One that has ended and only waits to be reaped is not: in a container nobody may
/// ever reap it. Source: proc(5).
func isAtWork(_ process: Int32) -> Bool {
    guard kill(process, 0) == 0 || errno == EPERM else { return false }
    guard let bytes = try? PrivateFile.read("/proc/\(process)/stat") else { return true }
    // The name may hold anything, parentheses included.
    let text = String(decoding: bytes, as: UTF8.self)
    let state = text.lastIndex(of: ")").flatMap { text[text.index(after: $0)...].first { $0 != " " } }
    guard state == "Z" || state == "X" else { return true }
    // A process whose first thread has ended looks like that, too.
    return (try? FolderTree.entries(of: "/proc/\(process)/task"))?.count ?? 0 > 1
}
