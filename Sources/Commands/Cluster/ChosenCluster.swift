internal import EmbeddedCluster
internal import KubernetesAPI
internal import Logging
internal import Runner

/// Opens a client of the cluster that was chosen, for as long as the body lasts.
func withChosenCluster<T: Sendable>(
    _ choice: ClusterChoice, environment: [String: String], logger: Logger,
    _ body: (KubernetesClient) async throws -> T
) async throws -> T {
    switch choice {
    case .inCluster:
        let connection = try ClusterConnection.inCluster(environment: environment)
        return try await withKubernetesClient(connection, logger: logger, body)
    case .runner(let runner):
        let connection = try await runner.configuration.connection(environment: environment, file: runner.path)
        return try await withKubernetesClient(connection, logger: logger, body)
    case .kubeconfig(let paths, let context):
        let connection = try Kubeconfig.load(paths: paths).connection(context: context, environment: environment)
        return try await withKubernetesClient(connection, logger: logger, body)
    case .embedded(let folder):
        let folder = ClusterFolder(folder)
        return try await withJoinedCluster(folder, executable: try executablePath()) {
            let connection = try Kubeconfig.load(paths: [folder.kubeconfigPath])
                .connection(context: nil, environment: environment)
            return try await withKubernetesClient(connection, logger: logger, body)
        }
    }
}
