internal import CLibrary

/// Where a user's programs keep their files.
///
/// Source: XDG Base Directory Specification. A variable that is empty or no absolute path counts as not set, as it says.
public struct UserFolders: Sendable, Hashable {
    /// What can be made again: provider plug-ins, working folders of runs.
    public let cache: String
    /// What is kept: the embedded cluster.
    public let data: String
    /// What is kept but belongs to this machine only, such as states that could not be saved.
    public let state: String

    /// - Parameter environment: the environment variables of the process.
    public init(environment: [String: String]) {
        func absolute(_ name: String) -> String? {
            environment[name].flatMap { $0.hasPrefix("/") ? $0 : nil }
        }
        // A process may have no home, as in a pod. A name with the user's number, in a folder that everyone may write to, is
        // safe only with the check of `PrivateFile.createFolder` that the folder is the user's own.
        let home = absolute("HOME") ?? "\(absolute("TMPDIR") ?? "/tmp")/stowage-\(geteuid())"
        cache = (absolute("XDG_CACHE_HOME") ?? "\(home)/.cache") + "/stowage"
        data = (absolute("XDG_DATA_HOME") ?? "\(home)/.local/share") + "/stowage"
        state = (absolute("XDG_STATE_HOME") ?? "\(home)/.local/state") + "/stowage"
    }
}
