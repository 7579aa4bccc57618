/// Why something could not be done for, or with, a deployment.
public struct DeploymentError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What could not be done. More codes may come: switch over them with a default.
    public struct Code: Sendable, Hashable {
        private enum Kind { case unknown, ended, missingRight, variables, notStarted, inputs }
        private let kind: Kind

        /// There is no such deployment, or none any more.
        public static let unknown = Code(kind: .unknown)
        /// It has ended already.
        public static let ended = Code(kind: .ended)
        /// The cluster denies what is needed; the message names the verb.
        public static let missingRight = Code(kind: .missingRight)
        /// The variables cannot be sent.
        public static let variables = Code(kind: .variables)
        /// What makes up the deployment could not be made whole in the cluster.
        public static let notStarted = Code(kind: .notStarted)
        /// In the Pod: what the deployment was submitted with is not there, or not what it should be.
        public static let inputs = Code(kind: .inputs)
    }

    /// What could not be done.
    public let code: Code
    public let description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
