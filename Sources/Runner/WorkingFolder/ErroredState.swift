internal import LocalFiles

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// A state that an engine wrote to a file because it could not save it: the only record of what it changed.
enum ErroredState {
    /// Copies it out of a working folder to where the user finds it.
    ///
    /// - Returns: the path of the copy; nil where the engine left no such file.
    @discardableResult
    static func rescue(_ path: String, environment: String, folders: UserFolders) throws(FileError) -> String? {
        guard FileKind(of: path) == .file else { return nil }
        let folder = "\(folders.state)/errored"
        try PrivateFile.createFolder(folder)
        let destination = "\(folder)/\(environment)-\(time(nil)).tfstate"
        try PrivateFile.write(try PrivateFile.read(path), to: destination)
        return destination
    }
}
