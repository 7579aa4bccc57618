internal import CLibrary
public import LocalFiles
internal import StateStorage

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
        let destination = "\(folder)/\(environment)-\(time(nil))-\(UInt64.random(in: 0 ... .max).hexadecimal).tfstate"
        try PrivateFile.write(try PrivateFile.read(path), to: destination)
        return destination
    }
}

/// A state that an engine wrote to a file, and that could not be copied to where the user would look for it.
public struct UnrescuedStateError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Where the state is. The folder is kept until the copy succeeds.
    public let path: String
    /// Why it could not be copied.
    public let reason: FileError

    public var description: String {
        "the engine could not save the state, and its file could not be copied (\(reason)); it is the only record of what "
            + "was changed, and stays at \(path): copy it now"
    }
}
