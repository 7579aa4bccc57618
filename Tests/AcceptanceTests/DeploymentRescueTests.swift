import CLibrary
import KubernetesAPI
import LocalFiles
import OrderedJSON
import Synchronization
import TerraformState
import TestScopes
import Testing

/// A deployment's files go with its pod, so that a state which it could not save must be elsewhere by then.
@Suite(
    .enabled(if: Program.onPath("terraform", home: "/") != nil, "terraform is not on PATH"), .timeLimit(.minutes(20)))
struct DeploymentRescueTests {
    private static let environment = DeploymentPlace.environment

    /// Submits a module whose engine waits in the middle of its apply, and waits until it does.
    ///
    /// - Returns: the deployment, and the file that lets the engine go on.
    private func submitSlowly(_ place: DeploymentPlace) async throws -> (deployment: String, go: String) {
        let (home, started, go) = (place.cluster.home, "\(place.cluster.home)/started", "\(place.cluster.home)/go")
        try write(["module/main.tf": SlowModule.text(started: started, until: go)], below: home)
        let deployment = try await place.submit("module")
        while !exists(started) { try await Task.sleep(for: .milliseconds(20)) }
        return (deployment, go)
    }

    /// Runs a command that a message names, its output to a file.
    private func carryOut(_ command: Substring, _ place: DeploymentPlace) async throws -> ProgramResult {
        let words = command.split(separator: " ").dropFirst().prefix { $0 != ">" }.map(String.init)
        return try await place.cluster.stowage.run(words + ["--kubeconfig", place.cluster.runnerKubeconfig])
    }

    private func change(_ cluster: RunnerCluster, holder: String?) async throws {
        try await cluster.asAdministrator { client in
            let name = "lock-tfstate-default-\(Self.environment)"
            var lease = try await client.get(.lease, namespace: RunnerCluster.namespace, name: name)
            lease["spec"]?["holderIdentity"] = holder.map(JSON.string)
            _ = try await client.update(.lease, namespace: RunnerCluster.namespace, lease)
        }
    }

    @Test func aStateThatTheStoreRefusesIsInSecretsOfTheDeployment() async throws {
        try await DeploymentPlace.with { place in
            let cluster = place.cluster
            let (deployment, go) = try await submitSlowly(place)
            // Somebody took the lock away, and has it.
            try await change(cluster, holder: "another")
            try PrivateFile.write("", to: go)
            let waited = try await place.stowage(["deployments", "wait", deployment])
            #expect(waited.status == 75, "\(waited)")
            let known = try await place.shown(deployment)
            let message = try #require(known["error"]?["message"]?.string)
            let log = try await place.stowage(["deployments", "logs", deployment])
            #expect(log.output.contains(message.split(separator: "\n").last ?? "?"), "\(log)")
            let commands = try #require(
                message.firstMatch(of: #/`(stowage [^`]*)`, and save it with `(stowage [^`]*)`/#))
            let secrets = known["unsavedSecrets"]?.array?.compactMap(\.string) ?? []
            #expect(secrets.count == 1 && message.contains("Secret(s) \(secrets[0]) of namespace"), "\(message)")

            // It stays when the Job goes with all that it owns.
            try await cluster.asAdministrator { client in
                try await client.delete(.job, namespace: "jobs", name: deployment, propagationPolicy: "Background")
                while try await client.list(.secret, namespace: "jobs").all().contains(where: {
                    $0.objectName?.hasPrefix(deployment) == true
                }) { try await Task.sleep(for: .milliseconds(50)) }
            }
            let fetched = try await carryOut(commands.1, place)
            #expect(fetched.status == 0, "\(fetched)")
            #expect(try JSON(parsing: fetched.output)["resources"]?.array?.count == 1, "\(fetched)")
            let file = String(commands.2.split(separator: " ")[4])
            try write([file: fetched.output], below: cluster.home)
            let push = commands.2.replacing(file, with: "\(cluster.home)/\(file)")
            let refused = try await carryOut(push[...], place)
            #expect(refused.status == 75, "\(refused)")
            try await change(cluster, holder: nil)
            let pushed = try await carryOut(push[...], place)
            #expect(pushed.status == 0, "\(pushed)")
            let pulled = try await cluster.stowage(
                "state", "pull", "--kubeconfig", cluster.runnerKubeconfig, Self.environment)
            #expect(pulled.output == fetched.output)
            let unknown = try await cluster.stowage(
                "deployments", "state", "--kubeconfig", cluster.runnerKubeconfig,
                "b41bf32b-b337-43a4-8d65-1d565c5e25be")
            #expect(unknown.status == 65, "\(unknown)")
        }
    }

    /// With a deployment whose pod comes to the cluster by a proxy.
    private func withProxy(
        _ configuration: FaultProxy.Configuration = FaultProxy.Configuration(),
        _ body: @escaping @Sendable (DeploymentPlace, FaultProxy) async throws -> Void
    ) async throws {
        try await RunnerCluster.with { cluster in
            let account = "\(cluster.home)/account"
            try PrivateFile.createFolder(account)
            var configuration = configuration
            configuration.access = try ProxyAccess(tokenFile: "\(account)/token")
            try PrivateFile.write(try ProxyAccess.authority(), to: "\(account)/ca.crt")
            try await cluster.asUser(of: cluster.runnerKubeconfig) { client in
                try await FaultProxy.with(client, configuration) { proxy, port in
                    try await DeploymentPlace.with(
                        cluster,
                        variables: [
                            ("KUBERNETES_SERVICE_HOST", "127.0.0.1"), ("KUBERNETES_SERVICE_PORT", "\(port)"),
                            (ClusterConnection.serviceAccountVariable, account),
                        ]
                    ) { try await body($0, proxy) }
                }
            }
        }
    }

    /// Writes of a state that are to be refused, from a moment on.
    private final class Refusal: Sendable {
        private let state = Mutex((isOn: false, bodies: [[UInt8]]()))
        /// Of what was refused.
        var bodies: [[UInt8]] { state.withLock { $0.bodies } }

        func turnOn() { state.withLock { $0.isOn = true } }

        func meets(_ request: APIRequest) -> Bool {
            guard request.verb == .put, request.path.contains("/secrets/tfstate-") else { return false }
            return state.withLock { state in
                if state.isOn { state.bodies.append(request.body ?? []) }
                return state.isOn
            }
        }
    }

    @Test func aStateThatTheClusterRefusesIsThereByteForByte() async throws {
        let refusal = Refusal()
        var configuration = FaultProxy.Configuration()
        configuration.rewrite = { request in
            guard refusal.meets(request) else { return request }
            // Where the ServiceAccount has no right.
            var request = request
            request.path = "/api/v1/namespaces/default/secrets/x"
            return request
        }
        try await withProxy(configuration) { place, _ in
            let cluster = place.cluster
            let (deployment, go) = try await submitSlowly(place)
            refusal.turnOn()
            try PrivateFile.write("", to: go)
            let waited = try await place.stowage(["deployments", "wait", deployment])
            #expect(waited.status == 77, "\(waited)")
            let known = try await place.shown(deployment)
            let message = known["error"]?["message"]?.string
            #expect(message?.contains("is in Secret(s) stowage-unsaved-") == true, "\(known.text)")
            let fetched = try await cluster.stowage(
                "deployments", "state", "--kubeconfig", cluster.runnerKubeconfig, deployment)
            #expect(fetched.status == 0, "\(fetched)")
            // Both the engine and Stowage tried to write it.
            let sent = try refusal.bodies.map { body in
                try Gzip.decompress(
                    try Base64.decode(try JSON(parsing: body)["data"]?["tfstate"]?.string ?? ""), limit: 1 << 20)
            }
            #expect(sent.count >= 2 && sent.last == Array(fetched.output.utf8), "\(fetched)")
            let doctor = try await cluster.stowage("doctor", "--kubeconfig", cluster.runnerKubeconfig, Self.environment)
            #expect(doctor.output.contains("deployment \(deployment) could not save its state"), "\(doctor)")
        }
    }

    @Test func aClusterThatDoesNotAnswerIsAskedUntilItDoes() async throws {
        try await withProxy { place, proxy in
            let cluster = place.cluster
            let (deployment, go) = try await submitSlowly(place)
            proxy.plan(FaultSchedule(seed: 1, rate: 1, faults: [.droppedBefore]))
            try PrivateFile.write("", to: go)
            while try await !place.stowage(["deployments", "logs", deployment]).output.contains("is in this Pod only") {
                try await Task.sleep(for: .milliseconds(200))
            }
            proxy.heal()
            let waited = try await place.stowage(["deployments", "wait", deployment])
            #expect(waited.status == 69, "\(waited)")
            let known = try await place.shown(deployment)
            let message = known["error"]?["message"]?.string
            #expect(message?.contains("Stowage did, as serial") == true, "\(known.text)")
            let pulled = try await cluster.stowage(
                "state", "pull", "--kubeconfig", cluster.runnerKubeconfig, Self.environment)
            #expect(pulled.output.contains(#""name": "slow""#), "\(pulled)")
            #expect(try await place.locks() == [])
        }
    }
}
