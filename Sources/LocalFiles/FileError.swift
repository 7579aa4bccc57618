internal import SystemPackage

/// A system call on a file that failed: which file, what was tried, and the system's number for why.
public struct FileError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The file, as it was given.
    public let path: String
    /// What was tried, as a verb: `open`, `write`, `lock`.
    public let action: String
    /// The `errno` value.
    public let number: Int32

    /// Whether what was to be made is there already.
    public var exists: Bool { number == Errno.fileExists.rawValue }

    public init(path: String, action: String, number: Int32) {
        self.path = path
        self.action = action
        self.number = number
    }

    public var description: String { "cannot \(action) \(path): \(Errno(rawValue: number))" }
}
