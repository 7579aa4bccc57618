internal import CLibrary
internal import LocalFiles

/// Provider packages shared by all runs, also by runs at the same moment.
///
/// The engines' own plug-in cache is "not guaranteed to be concurrency safe", so each run gets a cache of its own whose
/// packages are links into the shared one, and what its `init` downloaded is moved over in one rename afterwards. Packages
/// lie at `HOST/NAMESPACE/TYPE/VERSION/PLATFORM`, as in the engines' cache; both must be on one file system.
struct PluginCache {
    private static let packageDepth = 5

    let shared: String
    /// The cache of this run.
    let own: String

    /// Fills the run's own cache with links to all shared packages.
    func prepare() throws {
        try PrivateFile.createFolder(shared)
        try PrivateFile.createFolder(own)
        for package in try Self.packages(below: shared) {
            try Self.link("\(shared)/\(package)", at: "\(own)/\(package)")
        }
    }

    /// Moves what this run added to the shared cache, and leaves links behind.
    func publish() throws {
        for package in try Self.packages(below: own) {
            let mine = "\(own)/\(package)"
            let theirs = "\(shared)/\(package)"
            // A link is ours into the shared cache, or one that the user's own mirror is reached by and nobody else's business.
            guard FileKind(of: mine) == .folder else { continue }
            try PrivateFile.createFolder(theirs.parentFolder)
            guard rename(mine, theirs) == 0 else {
                // Another run was first; this run goes on with its own copy, which it found good.
                if [EEXIST, ENOTEMPTY, EISDIR, ENOTDIR].contains(errno) { continue }
                throw FileError(path: theirs, action: "move a provider package to", number: errno)
            }
            try Self.link(theirs, at: mine)
        }
    }

    /// Paths relative to `folder` of the packages below it, as the engines lay them out.
    static func packages(below folder: String, depth: Int = packageDepth) throws -> [String] {
        guard depth > 0 else { return [""] }
        return try FolderTree.entries(of: folder).flatMap { name -> [String] in
            guard depth == 1 || PrivateFile.isFolder("\(folder)/\(name)") else { return [] }
            return try packages(below: "\(folder)/\(name)", depth: depth - 1).map {
                $0.isEmpty ? name : "\(name)/\($0)"
            }
        }
    }

    /// Makes a link, and the folders above it.
    static func link(_ target: String, at path: String) throws {
        try PrivateFile.createFolder(path.parentFolder)
        guard symlink(target, path) == 0 else { throw FileError(path: path, action: "link", number: errno) }
    }
}
