internal import KubernetesAPI
internal import LocalFiles
internal import Logging
internal import OrderedJSON

/// This machine as the one node of the cluster, and what its Pods share.
struct LocalNode: Sendable {
    static let name = "stowage"
    /// How many Pods run at once, as on a node that is configured for nothing else.
    static let podLimit = 110
    /// Pods that run when the server ends are killed after that, however long they may take otherwise.
    static let stopLimit = 20

    let store: Store
    let folder: ClusterFolder
    let logs: ContainerLogs
    let logger: Logger
    let kubelet: EventRecorder
    let scheduler: EventRecorder
    /// `https://127.0.0.1:PORT`
    let server: String
    let certificateAuthority: [UInt8]
    /// Of this process: where programs are looked for, and the language.
    let path: String
    let language: String

    var clock: ClusterClock { store.clock }

    init(
        store: Store, folder: ClusterFolder, logs: ContainerLogs, server: String, environment: [String: String],
        logger: Logger
    ) throws {
        self.store = store
        self.folder = folder
        self.logs = logs
        self.logger = logger
        self.server = server
        kubelet = EventRecorder(store, component: "kubelet", host: Self.name, logger: logger)
        scheduler = EventRecorder(store, component: "default-scheduler", logger: logger)
        certificateAuthority = try PrivateFile.read(folder.certificateAuthorityPath)
        path = environment["PATH"] ?? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        language = environment["LANG"] ?? "C.UTF-8"
    }

    /// What every process of a Pod has, whatever its container says.
    func variables(_ pod: JSON, _ folder: PodFolder, hasCredentials: Bool) -> [String: String] {
        var variables = [
            "PATH": path, "LANG": language, "HOME": folder.home, "TMPDIR": folder.temporary,
            "HOSTNAME": pod["spec"]?["hostname"]?.string ?? pod.objectName ?? "",
            LeftoverProcesses.marker: pod["metadata"]?["uid"]?.string ?? "",
        ]
        let address = server.drop { $0 != "/" }.drop { $0 == "/" }.split(separator: ":").map(String.init)
        if address.count == 2 {
            variables["KUBERNETES_SERVICE_HOST"] = address[0]
            variables["KUBERNETES_SERVICE_PORT"] = address[1]
            variables["KUBERNETES_SERVICE_PORT_HTTPS"] = address[1]
        }
        guard hasCredentials else { return variables }
        for name in ["KUBECONFIG", "KUBE_CONFIG_PATH"] { variables[name] = "\(folder.credentials)/kubeconfig" }
        variables[ClusterConnection.serviceAccountVariable] = folder.credentials
        return variables
    }
}
