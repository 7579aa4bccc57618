/// Why a module cannot be sent to a deployment, or what was sent cannot be used.
public struct BundleError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong. More codes may come: switch over them with a default.
    public struct Code: Sendable, Hashable {
        private enum Kind { case module, outside, link, tooLarge, changed, damaged }
        private let kind: Kind

        /// The module, or the folder that bounds the bundle, is none.
        public static let module = Code(kind: .module)
        /// The module refers to something outside of the bundle.
        public static let outside = Code(kind: .outside)
        /// A symbolic link leads out of what is sent.
        public static let link = Code(kind: .link)
        /// All of it together is more than a deployment is sent.
        public static let tooLarge = Code(kind: .tooLarge)
        /// A file changed while it was read.
        public static let changed = Code(kind: .changed)
        /// What arrived is not what was sent, or was made to do harm.
        public static let damaged = Code(kind: .damaged)
    }

    /// What is wrong.
    public let code: Code
    public let description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
