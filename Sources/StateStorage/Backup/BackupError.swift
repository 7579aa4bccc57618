/// Why a backup was not made, or cannot be used.
public struct BackupError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong. More codes may come: switch over them with a default.
    public struct Code: Sendable, Hashable {
        private enum Kind { case exists, notFile, inUse, foreign, nothing, unsound, notContained }
        private let kind: Kind

        /// There is a file already, and it was not said that it may be replaced.
        public static let exists = Code(kind: .exists)
        /// A folder or a device stands where the file should be.
        public static let notFile = Code(kind: .notFile)
        /// Another process makes a backup in the same file.
        public static let inUse = Code(kind: .inUse)
        /// Where the unfinished backup should be there is something else, or one of other states.
        public static let foreign = Code(kind: .foreign)
        /// There is no state to back up.
        public static let nothing = Code(kind: .nothing)
        /// The file is no backup, or not what its manifest says.
        public static let unsound = Code(kind: .unsound)
        /// The backup does not have the state that was asked for.
        public static let notContained = Code(kind: .notContained)
    }

    /// What is wrong.
    public let code: Code
    /// The backup's file.
    public let path: String
    /// What is wrong and what to do next.
    public let explanation: String

    init(_ code: Code, _ path: String, _ explanation: String) {
        self.code = code
        self.path = path
        self.explanation = explanation
    }

    public var description: String { "\(path) \(explanation)" }
}

/// Something that is wrong with a backup.
public struct BackupProblem: Sendable, Hashable, CustomStringConvertible {
    /// The name of the file in the archive; nil where it is about the archive.
    public let file: String?
    /// What is wrong, for people.
    public let explanation: String

    public var description: String { file.map { "\($0): \(explanation)" } ?? explanation }
}

/// How far work over many environments is: done, and of how many.
public typealias ProgressReport = @Sendable (_ done: Int, _ total: Int) -> Void
