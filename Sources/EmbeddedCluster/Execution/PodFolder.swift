/// Where a Pod's files lie: below the cluster's folder, by the Pod's uid.
struct PodFolder: Sendable, Hashable {
    let path: String

    init(_ cluster: ClusterFolder, uid: String) { path = "\(cluster.podsPath)/\(uid)" }

    /// The home of its processes, and where they start.
    var home: String { "\(path)/home" }
    var temporary: String { "\(path)/tmp" }
    /// What its ServiceAccount may use to reach the cluster: `token`, `ca.crt`, `namespace`, `kubeconfig`.
    var credentials: String { "\(path)/serviceaccount" }
    var volumes: String { "\(path)/volumes" }
    var logs: String { "\(path)/logs" }
    /// The processes that were started, for the server that comes after one that was killed.
    var processes: String { "\(path)/processes" }

    func volume(_ name: String) -> String { "\(volumes)/\(name)" }
    func logs(of container: String) -> String { "\(logs)/\(container)" }

    /// What is of no use any more when its processes have ended; the logs stay as long as the Pod.
    var working: [String] { [home, temporary, credentials, volumes, processes] }
}
