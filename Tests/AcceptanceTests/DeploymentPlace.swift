import KubernetesAPI
import LocalFiles
import OrderedJSON
import TestScopes

/// What tests of deployments work with: an embedded cluster, and somebody who has the rights of deploy/submitter.yaml and no
/// others.
struct DeploymentPlace: Sendable {
    static let environment = StockTerraformTests.environment
    private static let jobs = "jobs"

    let cluster: RunnerCluster
    /// The submitter's.
    let kubeconfig: String
    let configuration: String

    /// - Parameter variables: further ones of the pod's container.
    static func with(
        variables: [(name: String, value: String)] = [],
        _ body: @escaping @Sendable (DeploymentPlace) async throws -> Void
    ) async throws {
        try await RunnerCluster.with { try await with($0, variables: variables, body) }
    }

    /// The same in a cluster that is there.
    static func with(
        _ cluster: RunnerCluster, variables: [(name: String, value: String)] = [],
        _ body: @escaping @Sendable (DeploymentPlace) async throws -> Void
    ) async throws {
        let place = DeploymentPlace(
            cluster: cluster, kubeconfig: "\(cluster.home)/submitter",
            configuration: "\(cluster.home)/runner-config.yaml")
        let further = variables.map {
            "\n          - name: \($0.name)\n            value: \"\($0.value)\""
        }.joined()
        try write(
            [
                "empty-mirror.rc":
                    "provider_installation {\n  filesystem_mirror {\n    path = \"\(cluster.home)/none\"\n  }\n}\n",
                "runner-config.yaml": AgentConfiguration.head
                    + """
                      job:
                        namespace: \(jobs)
                        service_account: runner
                        pod_template:
                          spec:
                            containers:
                            - name: main
                              env:
                              - name: TF_CLI_CONFIG_FILE
                                value: \(cluster.home)/empty-mirror.rc
                    state_storage_configuration:
                      type: kubernetes
                      namespace: \(RunnerCluster.namespace)
                    """.replacing("/empty-mirror.rc\nstate", with: "/empty-mirror.rc\(further)\nstate"),
            ], below: cluster.home)
        try await cluster.asAdministrator { client in
            _ = try await client.create(.namespace, namespace: nil, ["metadata": ["name": .string(jobs)]])
            _ = try await client.create(.serviceAccount, namespace: jobs, ["metadata": ["name": "runner"]])
            var binding = RunnerCluster.documentedRoleBinding
            binding["metadata"] = ["name": "jobs"]
            binding["subjects"] = [["kind": "ServiceAccount", "name": "runner", "namespace": .string(jobs)]]
            _ = try await client.create(.roleBinding, namespace: RunnerCluster.namespace, binding)
        }
        try await place.apply("deploy/submitter.yaml")
        let result = try await cluster.stowage(
            "cluster", "kubeconfig", "--dir", cluster.folder, "--service-account", "\(jobs)/stowage-submitter")
        try PrivateFile.write(result.output, to: place.kubeconfig)
        try await body(place)
    }

    /// With the real kubectl, where there is one: the manifests are for it.
    func apply(_ manifest: String) async throws {
        guard var kubectl = Program.onPath("kubectl", home: cluster.home) else { throw ProgramMissing(name: "kubectl") }
        kubectl.environment["KUBECONFIG"] = cluster.adminKubeconfig
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let applied = try await kubectl("apply", "--namespace", Self.jobs, "-f", "/\(root)/\(manifest)")
        guard applied.status == 0 else { throw ProgramFailure(result: applied) }
    }

    func stowage(_ arguments: [String], kubeconfig: String? = nil) async throws -> ProgramResult {
        try await cluster.stowage.run(
            arguments.prefix(arguments.first == "deployments" ? 2 : 1)
                + ["--config", configuration, "--kubeconfig", kubeconfig ?? self.kubeconfig]
                + arguments.dropFirst(arguments.first == "deployments" ? 2 : 1))
    }

    func deploy(_ module: String, environment: String = Self.environment, _ more: [String] = []) async throws
        -> ProgramResult
    {
        try await stowage(["deploy", "--environment", environment] + more + ["\(cluster.home)/\(module)"])
    }

    /// The UUID of a deployment that nobody follows.
    func submit(_ module: String, _ more: [String] = []) async throws -> String {
        let result = try await deploy(module, more)
        guard result.status == 0 else { throw ProgramFailure(result: result) }
        return String(result.output.dropLast())
    }

    /// As the administrator sees it.
    func shown(_ deployment: String) async throws -> JSON {
        let result = try await stowage(
            ["deployments", "show", "-o", "json", deployment], kubeconfig: cluster.adminKubeconfig)
        return try JSON(parsing: result.output)
    }

    /// The locks of the environment.
    func locks() async throws -> JSON {
        try JSON(
            parsing: try await cluster.stowage(
                "state", "locks", "-o", "json", "--kubeconfig", cluster.runnerKubeconfig, Self.environment
            ).output)
    }
}
