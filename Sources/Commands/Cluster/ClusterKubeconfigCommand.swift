internal import ArgumentParser
internal import EmbeddedCluster
internal import KubernetesAPI
internal import LocalFiles
internal import OrderedJSON

struct ClusterKubeconfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kubeconfig",
        abstract: "Print a kubeconfig of the cluster: the administrator's, or one for a ServiceAccount.",
        discussion: """
            What is printed is a credential: keep it in a file that only you can read.

              umask 077
              stowage cluster kubeconfig \\
                --service-account humanitec-runner/humanitec-runner > runner.kubeconfig
            """)

    @OptionGroup var folderOptions: ClusterFolderOptions

    @Option(help: ArgumentHelp("A ServiceAccount, whose new token the kubeconfig gets.", valueName: "namespace/name"))
    var serviceAccount: String?

    @Option(help: ArgumentHelp("How long the ServiceAccount's token is good, in seconds.", valueName: "seconds"))
    var expirationSeconds = 3600

    @OptionGroup(title: "Output") var global: GlobalOptions

    func run() async throws {
        let folder = ClusterFolder(ClusterFolder.path(folderOptions.dir, environment: processEnvironment()))
        try await folder.waitUntilReady()
        guard let serviceAccount else {
            print(String(decoding: try PrivateFile.read(folder.kubeconfigPath), as: UTF8.self), terminator: "")
            return
        }
        let parts = serviceAccount.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else {
            throw UsageError(description: "--service-account '\(serviceAccount)' is not NAMESPACE/NAME")
        }
        print(try await kubeconfig(namespace: parts[0], name: parts[1], folder), terminator: "")
    }

    private func kubeconfig(namespace: String, name: String, _ folder: ClusterFolder) async throws -> String {
        let connection = try Kubeconfig.load(paths: [folder.kubeconfigPath])
            .connection(context: nil, environment: processEnvironment())
        let request: JSON = [
            "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest",
            "spec": ["expirationSeconds": .number(JSONNumber(expirationSeconds))],
        ]
        let answer = try await withKubernetesClient(connection, logger: global.logger("stowage.cluster")) { client in
            try await client.create(
                .serviceAccount, namespace: namespace, subresourceOf: (name: name, subresource: "token"), request)
        }
        guard let token = answer["status"]?["token"]?.string else {
            throw CommandError(status: .software, description: "the cluster gave no token for \(namespace)/\(name)")
        }
        return EmbeddedCluster.kubeconfig(
            server: connection.server,
            certificateAuthority: String(
                decoding: try PrivateFile.read(folder.certificateAuthorityPath), as: UTF8.self),
            user: name, token: token, namespace: namespace)
    }
}
