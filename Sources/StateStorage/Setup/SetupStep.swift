/// What a set-up did, or would do, to one object.
public struct SetupStep: Sendable, Hashable {
    /// What was done to an object, or would be.
    public enum Action: String, Sendable, Hashable {
        /// It was not there; it was there and something was different.
        case created, changed
        /// Deleted and created anew, because what differed cannot be changed.
        case replaced
        /// It was there, as it shall be.
        case unchanged
    }

    /// The object, as it shall be.
    public let object: SetupObject
    /// What was done to it, or would be.
    public let action: Action
    /// What is different afterwards, a line each, with `+` for what was added and `-` for what was taken away.
    public let differences: [String]
    /// Whether the cluster itself checked a change that was not made.
    public internal(set) var isCheckedByCluster = false
}

/// What became of a set-up.
public struct SetupResult: Sendable {
    /// One for each object, in the order in which they are made.
    public let steps: [SetupStep]
    /// What whoever asked for it must know.
    public let notes: [String]
    /// Nothing was changed; the steps are what would be.
    public let isDryRun: Bool
}

/// Why a set-up was not made. Nothing was changed.
public struct SetupError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What stands in the way. More codes may come: switch over them with a default.
    public struct Code: Sendable, Hashable {
        private enum Kind { case namespaceMissing, differs }
        private let kind: Kind

        /// The namespace is not there, and was not to be made.
        public static let namespaceMissing = Code(kind: .namespaceMissing)
        /// An object of that name is there and grants something else.
        public static let differs = Code(kind: .differs)
    }

    /// What stands in the way.
    public let code: Code
    public let description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
