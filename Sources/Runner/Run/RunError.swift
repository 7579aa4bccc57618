/// Why a run did not start, or could not go on. An engine that fails is no error but an outcome.
public struct RunError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Why it did not start. More codes may come: switch over them with a default.
    public struct Code: Sendable, Hashable {
        private enum Kind {
            case module, engineMissing, engineAmbiguous, numericTail, workspace, options, relay, interrupted, timeLimit
            case plan, stalePlan
        }
        private let kind: Kind

        /// The module's folder is missing, is no folder, or has no configuration.
        public static let module = Code(kind: .module)
        /// The engine that was asked for, or any, is not there.
        public static let engineMissing = Code(kind: .engineMissing)
        /// Both engines are there, and which one is meant cannot be known.
        public static let engineAmbiguous = Code(kind: .engineAmbiguous)
        /// The environment's UUID is one that Terraform's backend refuses.
        public static let numericTail = Code(kind: .numericTail)
        /// `TF_WORKSPACE` asks for a workspace that Stowage does not keep.
        public static let workspace = Code(kind: .workspace)
        /// A variable of the user passes the engine an option that leads to another state.
        public static let options = Code(kind: .options)
        /// The loopback listener of the run failed.
        public static let relay = Code(kind: .relay)
        /// A signal came before an engine was started.
        public static let interrupted = Code(kind: .interrupted)
        /// The time that the run had was over before an engine was started.
        public static let timeLimit = Code(kind: .timeLimit)
        /// The saved plan cannot be read, is one of something else, or cannot be written.
        public static let plan = Code(kind: .plan)
        /// The state is no longer the one that was planned from.
        public static let stalePlan = Code(kind: .stalePlan)
    }

    /// Why it did not start.
    public let code: Code
    public let description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
