public import OrderedJSON

/// What a `runner-config.yaml` says: where deployments run and where state is kept.
///
/// Values come from a validated file, so that every name, address, certificate and key in them is usable.
public struct RunnerConfiguration: Sendable, Hashable {
    /// The file's own `description`; nil when it has none.
    public var summary: String?
    /// Which runner it is, and how its cluster is reached.
    public var runner: RunnerSettings
    /// What the Jobs of deployments are like.
    public var job: JobSettings
    /// Where the states are.
    public var stateStorage: StateStorageSettings

    public init(
        summary: String? = nil, runner: RunnerSettings, job: JobSettings, stateStorage: StateStorageSettings
    ) {
        self.summary = summary
        self.runner = runner
        self.job = job
        self.stateStorage = stateStorage
    }
}

/// The types of runners that there are.
public enum RunnerType: String, Sendable, CaseIterable {
    /// Any cluster, by its address.
    case kubernetes
    /// Google Kubernetes Engine.
    case gke = "kubernetes-gke"
    /// Amazon's Elastic Kubernetes Service.
    case eks = "kubernetes-eks"
    /// An agent in the cluster itself: whoever reads the file is there, too.
    case agent = "kubernetes-agent"
    /// Known, and not Kubernetes-based: nothing here runs it.
    case serverlessECS = "serverless-ecs"

    /// Those that run deployments as Jobs of a cluster.
    static let kubernetesBased: [RunnerType] = [.kubernetes, .gke, .eks, .agent]
}

/// The settings of `runner_configuration` that depend on its type.
public enum RunnerSettings: Sendable, Hashable {
    /// `kubernetes`
    case kubernetes(KubernetesClusterSettings)
    /// `kubernetes-gke`
    case gke(GKEClusterSettings)
    /// `kubernetes-eks`
    case eks(EKSClusterSettings)
    /// `kubernetes-agent`, with its Ed25519 public key as PEM.
    case agent(publicKey: String)

    /// As `runner_configuration.type` says it.
    public var type: RunnerType {
        switch self {
        case .kubernetes: .kubernetes
        case .gke: .gke
        case .eks: .eks
        case .agent: .agent
        }
    }
}

/// A cluster that is named by its address.
public struct KubernetesClusterSettings: Sendable, Hashable {
    /// How the cluster knows who asks.
    public enum Authentication: Sendable, Hashable {
        /// A client certificate and its key, both PEM.
        case clientCertificate(certificate: String, key: SensitiveText)
        /// A ServiceAccount's token.
        case serviceAccountToken(SensitiveText)
    }

    /// `https://host[:port][/path]`
    public var server: String
    /// One or more certificates as PEM.
    public var certificateAuthority: String
    /// `http://[user:password@]host:port` or `socks5://host:port`.
    public var proxyURL: SensitiveText?
    /// How the cluster knows who asks.
    public var authentication: Authentication

    public init(
        server: String, certificateAuthority: String, proxyURL: SensitiveText? = nil, authentication: Authentication
    ) {
        self.server = server
        self.certificateAuthority = certificateAuthority
        self.proxyURL = proxyURL
        self.authentication = authentication
    }
}

/// A cluster of Google Kubernetes Engine.
public struct GKEClusterSettings: Sendable, Hashable {
    /// The cluster's name.
    public var name: String
    /// The project that the cluster belongs to.
    public var projectID: String
    /// A region or a zone.
    public var location: String
    /// `http://[user:password@]host:port` or `socks5://host:port`; nil for the direct way.
    public var proxyURL: SensitiveText?
    /// Whether the cluster is reached at its internal address; nil when the file does not say, which is false.
    public var internalIP: Bool?
    /// The workload identity provider by which a platform outside of Google's takes on the service account.
    public var audience: String
    /// The email address of the Google service account that acts on the cluster.
    public var serviceAccount: String

    public init(
        name: String, projectID: String, location: String, proxyURL: SensitiveText? = nil, internalIP: Bool? = nil,
        audience: String, serviceAccount: String
    ) {
        self.name = name
        self.projectID = projectID
        self.location = location
        self.proxyURL = proxyURL
        self.internalIP = internalIP
        self.audience = audience
        self.serviceAccount = serviceAccount
    }
}

/// A cluster of Amazon's Elastic Kubernetes Service.
public struct EKSClusterSettings: Sendable, Hashable {
    /// The cluster's name.
    public var name: String
    /// The region that the cluster is in, such as `eu-central-1`.
    public var region: String
    /// The IAM role that acts on the cluster.
    public var roleARN: String
    /// What the role's session is called; nil leaves it to us.
    public var sessionName: String?
    /// The region whose token service is asked for the role; nil takes the cluster's.
    public var stsRegion: String?

    public init(
        name: String, region: String, roleARN: String, sessionName: String? = nil, stsRegion: String? = nil
    ) {
        self.name = name
        self.region = region
        self.roleARN = roleARN
        self.sessionName = sessionName
        self.stsRegion = stsRegion
    }
}

/// The Job that a deployment becomes.
public struct JobSettings: Sendable, Hashable {
    /// Where the Jobs are.
    public var namespace: String
    /// What the Jobs' Pods run as, in their namespace.
    public var serviceAccount: String
    /// A PodTemplateSpec that is merged over the Job's own.
    public var podTemplate: JSON?

    public init(namespace: String, serviceAccount: String, podTemplate: JSON? = nil) {
        self.namespace = namespace
        self.serviceAccount = serviceAccount
        self.podTemplate = podTemplate
    }
}

/// Where state is kept.
public enum StateStorageSettings: Sendable, Hashable {
    /// Secrets of this namespace, and by which backend engines come to them.
    case kubernetes(namespace: String, backend: StateBackend = .kubernetes)

    /// Where the Secrets and Leases of the states are.
    public var namespace: String {
        switch self {
        case .kubernetes(let namespace, _): namespace
        }
    }

    /// By which backend engines come to their state.
    public var backend: StateBackend {
        switch self {
        case .kubernetes(_, let backend): backend
        }
    }
}

/// A text that is never printed by accident: all descriptions of it, also in what holds it, hide it.
public struct SensitiveText: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// What stands in its place.
    public static let hidden = "(sensitive)"

    /// The text itself, for the one place that needs it.
    public let value: String

    public init(_ value: String) { self.value = value }

    public var description: String { Self.hidden }
    public var debugDescription: String { Self.hidden }
    /// Empty, so that no dump shows the text.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
