internal import KubernetesAPI
internal import OrderedJSON

/// Reaches a cluster of Google Kubernetes Engine by Google's own commands, as the service account of the configuration.
///
/// The audience is for a platform outside of Google's that takes on the service account by federation; here whoever is logged
/// in to `gcloud` does, by impersonation.
struct GKEProvider {
    let cluster: GKEClusterSettings
    let environment: [String: String]

    func connection(namespace: String, file: String) async throws -> ClusterConnection {
        let described = try await describe()
        let plugin = ProviderCommand(
            "gke-gcloud-auth-plugin", ["--impersonate_service_account=\(cluster.serviceAccount)"],
            environment: environment,
            installHint: "install it with: gcloud components install gke-gcloud-auth-plugin")
        return try ClusterConnection(
            server: described.server, certificateAuthority: described.certificateAuthority,
            proxy: cluster.proxyURL?.value,
            identity: .command(plugin, apiVersion: "client.authentication.k8s.io/v1beta1"),
            defaultNamespace: namespace, description: "GKE cluster \(cluster.name) of \(file)")
    }

    private func describe() async throws -> DescribedCluster {
        let command = ProviderCommand(
            "gcloud",
            [
                "container", "clusters", "describe", cluster.name, "--project=\(cluster.projectID)",
                "--location=\(cluster.location)", "--impersonate-service-account=\(cluster.serviceAccount)",
                "--format=json", "--quiet",
            ], environment: environment,
            installHint: "install the Google Cloud CLI, or pass --kubeconfig FILE")
        let answer = try await command.json()
        return try DescribedCluster(
            command: "gcloud container clusters describe", server: host(answer).map { "https://\($0)" },
            authority: answer["masterAuth"]?["clusterCaCertificate"]?.string)
    }

    /// Source: Google Kubernetes Engine API, `projects.locations.clusters`.
    private func host(_ answer: JSON) -> String? {
        guard cluster.internalIP == true else { return answer["endpoint"]?.string }
        return answer["controlPlaneEndpointsConfig"]?["ipEndpointsConfig"]?["privateEndpoint"]?.string
            ?? answer["privateClusterConfig"]?["privateEndpoint"]?.string
    }
}
