internal import CLibrary

/// What can be done with a whole folder. Symbolic links are entries like any other and are never followed.
public enum FolderTree {
    /// The names of the entries, sorted, without `.` and `..`.
    public static func entries(of path: String) throws(FileError) -> [String] {
        guard let folder = opendir(path) else { throw FileError(path: path, action: "list", number: errno) }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Removes the file, link or folder with all that is in it; does nothing where there is none.
    public static func remove(_ path: String) throws(FileError) {
        if unlink(path) == 0 { return }
        switch errno {
        case ENOENT: return
        case EISDIR, EPERM: break
        default: throw FileError(path: path, action: "remove", number: errno)
        }
        // A folder that a program made read-only can still be emptied by its owner.
        chmod(path, 0o700)
        for name in try entries(of: path) { try remove("\(path)/\(name)") }
        guard rmdir(path) == 0 || errno == ENOENT else { throw FileError(path: path, action: "remove", number: errno) }
    }
}
