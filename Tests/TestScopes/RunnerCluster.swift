public import KubernetesAPI
internal import LocalFiles
internal import Logging
public import OrderedJSON

/// An embedded cluster run by the built program, with a namespace prepared as the documentation of the state storage says.
public struct RunnerCluster: Sendable {
    public static let namespace = "humanitec-runner"

    /// A folder for everything of the test, which is also the home of the programs that it runs.
    public let home: String
    public let stowage: Program
    public var folder: String { "\(home)/cluster" }
    /// The administrator's kubeconfig.
    public var adminKubeconfig: String { "\(folder)/kubeconfig" }
    /// The kubeconfig of a ServiceAccount whose Role is exactly the documented one.
    public var runnerKubeconfig: String { "\(home)/runner" }

    /// Starts it, prepares it, gives it to the body, and stops it.
    ///
    /// - Parameter port: where it is to be whenever it is started again; see ``lastingPort()``. Without one it may be elsewhere then.
    public static func with<T: Sendable>(
        port: Int? = nil, _ body: (RunnerCluster) async throws -> T
    ) async throws -> T {
        try await withTemporaryFolder { home in
            let cluster = RunnerCluster(home: home, stowage: try Program.stowage(home: home))
            do {
                try await cluster.start(port: port)
                try await cluster.prepare()
                let result = try await body(cluster)
                try await cluster.stop()
                return result
            } catch {
                try? await cluster.stop()
                throw error
            }
        }
    }

    /// In a task of its own: a test that is cancelled, as one is that takes too long, leaves no cluster behind either.
    private func stop() async throws {
        _ = try await Task { try await stowage("cluster", "stop", "--dir", folder) }.value
    }

    public func start(port: Int? = nil) async throws {
        let place = port.map { ["--port", "\($0)"] } ?? []
        let result = try await stowage.run(["cluster", "start", "--dir", folder, "--detach"] + place)
        guard result.status == 0 else { throw ProgramFailure(result: result) }
    }

    /// Asks as the administrator.
    public func asAdministrator<T: Sendable>(_ body: (KubernetesClient) async throws -> T) async throws -> T {
        try await asUser(of: adminKubeconfig, body)
    }

    public func asUser<T: Sendable>(
        of kubeconfig: String, _ body: (KubernetesClient) async throws -> T
    ) async throws -> T {
        let connection = try Kubeconfig.load(paths: [kubeconfig]).connection(context: nil, environment: [:])
        return try await withKubernetesClient(
            connection, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, body)
    }

    private func prepare() async throws {
        let namespace = Self.namespace
        try await asAdministrator { client in
            _ = try await client.create(.namespace, namespace: nil, ["metadata": ["name": .string(namespace)]])
            _ = try await client.create(
                .serviceAccount, namespace: namespace, ["metadata": ["name": "humanitec-runner"]])
            _ = try await client.create(.role, namespace: namespace, Self.documentedRole)
            _ = try await client.create(.roleBinding, namespace: namespace, Self.documentedRoleBinding)
        }
        try await writeKubeconfig(ofServiceAccount: "humanitec-runner", to: runnerKubeconfig)
    }

    /// Makes another namespace, where the ServiceAccount of the first has the documented Role, too.
    public func addNamespace(_ name: String) async throws {
        try await asAdministrator { client in
            _ = try await client.create(.namespace, namespace: nil, ["metadata": ["name": .string(name)]])
            _ = try await client.create(.role, namespace: name, Self.documentedRole)
            var binding = Self.documentedRoleBinding
            binding["subjects"] = [
                ["kind": "ServiceAccount", "name": "humanitec-runner", "namespace": .string(Self.namespace)]
            ]
            _ = try await client.create(.roleBinding, namespace: name, binding)
        }
    }

    /// A kubeconfig with a token of a ServiceAccount of the namespace.
    public func writeKubeconfig(ofServiceAccount name: String, to path: String) async throws {
        let result = try await stowage(
            "cluster", "kubeconfig", "--dir", folder, "--service-account", "\(Self.namespace)/\(name)")
        guard result.status == 0 else { throw ProgramFailure(result: result) }
        try PrivateFile.write(result.output, to: path)
    }

    /// The Role of the documentation page, to the letter.
    public static let documentedRole: JSON = [
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role",
        "metadata": ["name": "humanitec-runner-kubernetes-stage-storage"],
        "rules": [
            ["apiGroups": [""], "resources": ["secrets"], "verbs": ["create", "get", "list", "update"]],
            ["apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": ["create", "get", "update"]],
        ],
    ]

    public static let documentedRoleBinding: JSON = [
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
        "metadata": ["name": "humanitec-runner-kubernetes-stage-storage"],
        "roleRef": [
            "apiGroup": "rbac.authorization.k8s.io", "kind": "Role",
            "name": "humanitec-runner-kubernetes-stage-storage",
        ],
        "subjects": [["kind": "ServiceAccount", "name": "humanitec-runner"]],
    ]
}

/// A program of a test's set-up that failed.
public struct ProgramFailure: Error, CustomStringConvertible {
    public let result: ProgramResult

    public init(result: ProgramResult) { self.result = result }

    public var description: String { "\(result)" }
}
