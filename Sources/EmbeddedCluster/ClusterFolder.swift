/// Where a cluster keeps what it knows. Every file in it is 0600, the folder 0700.
public struct ClusterFolder: Sendable, Hashable {
    /// Absolute, without a slash at the end.
    public let path: String

    public init(_ path: String) { self.path = path }

    init(ofStore path: String) { self.init(String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])) }

    /// The administrator's credential, and how to reach the server.
    public var kubeconfigPath: String { "\(path)/kubeconfig" }
    /// The SQLite database with every object of the cluster.
    public var storePath: String { "\(path)/store.sqlite" }
    /// What was written to the store and is not in its file yet.
    var storeLogPath: String { "\(storePath)-wal" }
    /// Held exclusively, with `LocalFiles.FileLock`, by the server that runs.
    public var instanceLockPath: String { "\(path)/instance.lock" }
    /// Held by those who join a running cluster; the server does not touch it.
    public var usersLockPath: String { "\(path)/users.lock" }
    /// Which process serves where: written when requests are answered, removed on a clean stop.
    public var instancePath: String { "\(path)/instance.json" }
    /// What the server in the background logs.
    public var logPath: String { "\(path)/cluster.log" }
    /// The log of the server that ran in the folder before.
    public var previousLogPath: String { "\(path)/cluster.log.1" }
    /// The certificate that clients verify the server with, as PEM.
    public var certificateAuthorityPath: String { "\(path)/ca.crt" }

    /// Programs that pods find whatever is installed.
    public var programsPath: String { "\(path)/bin" }
    /// A folder for each Pod that was run, by its uid.
    var podsPath: String { "\(path)/pods" }
    var certificateAuthorityKeyPath: String { "\(path)/ca.key" }
    var serverCertificatePath: String { "\(path)/server.crt" }
    var serverKeyPath: String { "\(path)/server.key" }
}
