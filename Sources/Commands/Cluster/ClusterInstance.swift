internal import CLibrary
internal import EmbeddedCluster
internal import KubernetesAPI
internal import LocalFiles
internal import Logging
internal import OrderedJSON

/// The server that runs from a folder, as it wrote itself down when it was ready.
struct ClusterInstance: Equatable {
    let processIdentifier: Int32
    let server: String
    let startedAt: String
    private let kubeconfigPath: String

    /// nil where none is written down.
    init?(folder: ClusterFolder) {
        guard let bytes = try? PrivateFile.read(folder.instancePath), let json = try? JSON(parsing: bytes),
            let processIdentifier = json["pid"]?.int.flatMap({ Int32(exactly: $0) }),
            let server = json["server"]?.string
        else { return nil }
        self.processIdentifier = processIdentifier
        self.server = server
        startedAt = json["startedAt"]?.string ?? ""
        kubeconfigPath = folder.kubeconfigPath
    }

    /// Whether it answers requests now.
    func answers() async -> Bool {
        guard let kubeconfig = try? Kubeconfig.load(paths: [kubeconfigPath]),
            let connection = try? kubeconfig.connection(context: nil, environment: [:]), connection.server == server
        else { return false }
        let quiet = Logger(label: "stowage.cluster") { _ in SwiftLogNoOpLogHandler() }
        let answer = try? await withKubernetesClient(connection, logger: quiet, retry: .never) { client in
            try await client.send(APIRequest(.get, "/readyz")).status
        }
        return answer == 200
    }

    func terminate() { kill(processIdentifier, SIGTERM) }
}
