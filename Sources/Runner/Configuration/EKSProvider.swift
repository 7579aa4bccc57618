internal import KubernetesAPI
internal import OrderedJSON

/// Reaches a cluster of Amazon's Elastic Kubernetes Service by the `aws` command, in the role of the configuration.
///
/// The role is assumed first, since `aws eks` knows neither a session's name nor another region for it. What that gives is
/// handed on to the next command in its environment and kept nowhere.
struct EKSProvider: Sendable {
    private static let installHint = "install the AWS CLI, version 2, or pass --kubeconfig FILE"
    private static let sessionName = "stowage"

    let cluster: EKSClusterSettings
    let environment: [String: String]

    func connection(namespace: String, file: String) async throws -> ClusterConnection {
        let role = try await assumeRole()
        let described = try await describe(role)
        let token = command(
            ["eks", "get-token", "--cluster-name", cluster.name, "--region", cluster.region], environment)
        return try ClusterConnection(
            server: described.server, certificateAuthority: described.certificateAuthority, proxy: nil,
            identity: .command(token, apiVersion: "client.authentication.k8s.io/v1beta1") { try await assumeRole() },
            defaultNamespace: namespace, description: "EKS cluster \(cluster.name) of \(file)")
    }

    /// The environment variables that make a command act in the role.
    private func assumeRole() async throws -> [String: String] {
        let command = command(
            [
                "sts", "assume-role", "--role-arn", cluster.roleARN, "--role-session-name",
                cluster.sessionName ?? Self.sessionName, "--region", cluster.stsRegion ?? cluster.region,
            ], environment)
        let credentials = try await command.json()["Credentials"]
        guard let key = credentials?["AccessKeyId"]?.string, let secret = credentials?["SecretAccessKey"]?.string,
            let session = credentials?["SessionToken"]?.string
        else { throw ProviderCommandError("the command 'aws sts assume-role' told no credentials") }
        return ["AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret, "AWS_SESSION_TOKEN": session]
    }

    private func describe(_ role: [String: String]) async throws -> DescribedCluster {
        let command = command(
            ["eks", "describe-cluster", "--name", cluster.name, "--region", cluster.region],
            environment.merging(role) { $1 })
        let answer = try await command.json()["cluster"]
        return try DescribedCluster(
            command: "aws eks describe-cluster", server: answer?["endpoint"]?.string,
            authority: answer?["certificateAuthority"]?["data"]?.string)
    }

    private func command(_ arguments: [String], _ environment: [String: String]) -> ProviderCommand {
        // The credentials in these variables go before a profile in AWS_PROFILE.
        ProviderCommand(
            "aws", arguments + ["--output", "json"], environment: environment.merging(["AWS_PAGER": ""]) { $1 },
            installHint: Self.installHint)
    }
}
