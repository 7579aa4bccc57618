/// A kubeconfig, or the folder of a service account, that does not say how to reach a cluster.
public struct KubeconfigError: Error, Sendable, CustomStringConvertible {
    /// What is wrong. More codes may come: switch over them with a default.
    public struct Code: Sendable, Hashable {
        private enum Kind {
            case fileMissing, unreadable, invalid, noContext, unknownContext, unknownCluster, unknownUser, contradiction
            case unsupported, notInCluster
        }
        private let kind: Kind

        /// A file that is named, the kubeconfig itself or one that it names, does not exist.
        public static let fileMissing = Code(kind: .fileMissing)
        /// A file exists and cannot be read.
        public static let unreadable = Code(kind: .unreadable)
        /// Not YAML, or YAML that is no kubeconfig.
        public static let invalid = Code(kind: .invalid)
        /// No context was asked for and no file has a `current-context`.
        public static let noContext = Code(kind: .noContext)
        /// The context that was asked for is in none of the files.
        public static let unknownContext = Code(kind: .unknownContext)
        /// The context names a cluster that is in none of the files.
        public static let unknownCluster = Code(kind: .unknownCluster)
        /// The context names a user who is in none of the files.
        public static let unknownUser = Code(kind: .unknownUser)
        /// Two settings that cannot both be meant.
        public static let contradiction = Code(kind: .contradiction)
        /// Something that kubeconfigs may say and that this program cannot do.
        public static let unsupported = Code(kind: .unsupported)
        /// The in-cluster configuration was asked for outside of a cluster.
        public static let notInCluster = Code(kind: .notInCluster)
    }

    /// What is wrong.
    public let code: Code
    /// The file that is at fault, with line and column where they are known: `/home/x/.kube/config:7:5`.
    public let file: String?
    /// The key that is at fault, such as `users[name=admin].user.token`.
    public let key: String?
    /// What is wrong and what to do, without file and key. Never a value that could be a secret.
    public let message: String

    init(_ code: Code, file: String?, key: String?, _ message: String) {
        self.code = code
        self.file = file
        self.key = key
        self.message = message
    }

    public var description: String { [file, key, message].compactMap(\.self).joined(separator: ": ") }
}
