/// A request that did not do what was asked: why, to which object, of which cluster. Never carries a secret.
public struct KubernetesError: Error, Sendable, CustomStringConvertible {
    /// Why a request failed. More codes may come: switch over them with a default.
    public struct Code: Sendable, Hashable {
        private enum Kind {
            case unreachable, untrusted, unauthorized, forbidden, notFound, alreadyExists, conflict, expired, invalid
            case tooLarge, tooManyRequests, server, badResponse, credentials, missingResourceVersion
        }
        private let kind: Kind

        /// No answer: refused, timed out, lost on the way, a name that does not resolve.
        public static let unreachable = Code(kind: .unreachable)
        /// The server, or the proxy before it, did not prove who it is; nothing was sent.
        public static let untrusted = Code(kind: .untrusted)
        /// 401: the cluster does not know who asks.
        public static let unauthorized = Code(kind: .unauthorized)
        /// 403: it knows, and says no.
        public static let forbidden = Code(kind: .forbidden)
        /// 404: there is no such object, or no such kind.
        public static let notFound = Code(kind: .notFound)
        /// 409 to a create.
        public static let alreadyExists = Code(kind: .alreadyExists)
        /// 409 to a change of an object that somebody else changed in between.
        public static let conflict = Code(kind: .conflict)
        /// 410: what a list or a watch wanted to go on from is gone.
        public static let expired = Code(kind: .expired)
        /// 400 or 422, or a request that was refused before it was sent.
        public static let invalid = Code(kind: .invalid)
        /// 413: the object is larger than the cluster takes.
        public static let tooLarge = Code(kind: .tooLarge)
        /// 429: the cluster has no time now, even after what was tried again.
        public static let tooManyRequests = Code(kind: .tooManyRequests)
        /// 5xx.
        public static let server = Code(kind: .server)
        /// An answer that is not what the Kubernetes API answers.
        public static let badResponse = Code(kind: .badResponse)
        /// Credentials could not be obtained: a token file, an exec plug-in.
        public static let credentials = Code(kind: .credentials)
        /// An update without `metadata.resourceVersion`, which would overwrite whatever is there; it was not sent.
        public static let missingResourceVersion = Code(kind: .missingResourceVersion)
    }

    /// Why it failed.
    public let code: Code
    /// What the server said; nil when it said nothing, or nothing that is a `Status`.
    public let status: Status?
    /// Which object of which cluster: `GET secrets/x in namespace y at https://...`.
    public let target: String
    /// What happened, in a few words, without the target.
    public let cause: String
    /// Whether the cluster may have done what was asked although no answer came back. Whoever created or changed
    /// something must read it before trying again.
    public let mayHaveHappened: Bool

    /// For transports and for tests that stand in for a cluster.
    public init(_ code: Code, status: Status? = nil, target: String, cause: String, mayHaveHappened: Bool = false) {
        self.code = code
        self.status = status
        self.target = target
        self.cause = cause
        self.mayHaveHappened = mayHaveHappened
    }

    public var description: String {
        let subject = target.isEmpty ? cause : "\(target): \(cause)"
        return advice.map { "\(subject); \($0)" } ?? subject
    }

    private var advice: String? {
        switch code {
        case .unreachable where mayHaveHappened:
            "it is not known whether the request was carried out: read the object before trying again"
        case .unreachable:
            "check that the cluster is running and that its address and proxy are right"
        case .untrusted:
            "check certificate-authority-data, tls-server-name and proxy-url of the cluster in the kubeconfig"
        case .unauthorized:
            "the credentials are missing, wrong or expired: check the user of the context in the kubeconfig"
        case .forbidden: "ask for a Role that allows this"
        case .conflict: "somebody else changed the object: read it again"
        case .expired: "list again from the start"
        case .tooManyRequests: "the cluster is overloaded: try again later"
        case .server: "the cluster has a problem: try again, and look at its own logs if that does not help"
        case .badResponse: "check that the address is that of a Kubernetes API server"
        case .missingResourceVersion: "read the object, change it and write it back"
        default: nil
        }
    }
}
