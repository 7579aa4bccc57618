internal import CLibrary
internal import LocalFiles

/// Files that can be made again, and go when nobody has used them for long. When that was is their time of modification.
enum KeptFiles {
    private static let (day, longestUnused) = (86_400, 30 * 86_400)

    /// Notes that a file is used: once a day is enough.
    static func noteUse(of path: String) {
        guard let age = age(of: path), age > day else { return }
        utimensat(AT_FDCWD, path, nil, 0)
    }

    /// Removes those of a folder that were not used for 30 days. What cannot be removed stays.
    static func sweep(_ folder: String) {
        for name in (try? FolderTree.entries(of: folder)) ?? [] {
            let path = "\(folder)/\(name)"
            if let age = age(of: path), age > longestUnused { unlink(path) }
        }
    }

    /// In seconds; nil for what is no file.
    private static func age(of path: String) -> Int? {
        var information = stat()
        guard lstat(path, &information) == 0, information.st_mode & S_IFMT == S_IFREG else { return nil }
        return time(nil) - information.modified.tv_sec
    }
}
