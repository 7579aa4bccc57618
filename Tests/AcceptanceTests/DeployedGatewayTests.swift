import KubernetesAPI
import LocalFiles
import OrderedJSON
import TestScopes
import Testing

/// deploy/gateway.yaml: its Role is enough, and its Pod serves the real terraform.
@Suite(
    .enabled(
        if: ["terraform", "kubectl", "openssl"].allSatisfy { Program.onPath($0, home: "/") != nil },
        "terraform, kubectl or openssl is not on PATH"), .timeLimit(.minutes(20)))
struct DeployedGatewayTests {
    private static let environment = StockTerraformTests.environment

    @Test func servesAsItIsDeployed() async throws {
        try await RunnerCluster.with { cluster in
            let documents = try Self.documents()
            var kubectl = try #require(Program.onPath("kubectl", home: cluster.home))
            kubectl.environment["KUBECONFIG"] = cluster.adminKubeconfig
            try await certificate(cluster, kubectl)
            try write(
                [
                    "known.yaml": documents.filter { $0.kind.contains("Role") || $0.kind == "ServiceAccount" }
                        .map(\.text).joined(separator: "---\n"),
                    "pod.yaml": try #require(documents.first { $0.kind == "Deployment" }.map { Self.pod(of: $0.text) }),
                ], below: cluster.home)
            for file in ["known.yaml", "pod.yaml"] {
                let applied = try await kubectl("apply", "-n", RunnerCluster.namespace, "-f", "\(cluster.home)/\(file)")
                #expect(applied.status == 0, "\(applied)")
            }
            let port = try await port(kubectl)
            let address = "https://127.0.0.1:\(port)/v1/environments/\(Self.environment)/state"
            let backend = """
                terraform {
                  backend "http" {
                    address                   = "\(address)"
                    lock_address              = "\(address)"
                    unlock_address            = "\(address)"
                    username                  = "stowage"
                    client_ca_certificate_pem = <<EOT
                \(try text(of: "\(cluster.home)/tls.crt"))EOT
                  }
                }

                """
            try write(["stock/main.tf": backend + StockTerraformTests.module], below: cluster.home)
            let token = try await cluster.stowage(
                "gateway", "token", "create", Self.environment, "--kubeconfig", cluster.runnerKubeconfig)
            var terraform = try #require(
                Program.onPath("terraform", home: cluster.home, folder: "\(cluster.home)/stock"))
            terraform.environment["TF_HTTP_PASSWORD"] = String(token.output.dropLast())
            try await terraform.initialise()
            let applied = try await terraform("apply", "-auto-approve", "-no-color")
            #expect(applied.status == 0, "\(applied)")
            let list = try await cluster.stowage("state", "list", "--kubeconfig", cluster.runnerKubeconfig)
            #expect(list.output.contains(Self.environment), "\(list)")
            let deleted = try await kubectl("delete", "pod", "stowage-gateway", "-n", RunnerCluster.namespace)
            #expect(deleted.status == 0, "\(deleted)")
        }
    }

    private func certificate(_ cluster: RunnerCluster, _ kubectl: Program) async throws {
        let openssl = try #require(Program.onPath("openssl", home: cluster.home))
        let (certificate, key) = ("\(cluster.home)/tls.crt", "\(cluster.home)/tls.key")
        let made = try await openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
            "-subj",
            "/CN=gateway", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate)
        #expect(made.status == 0, "\(made)")
        let created = try await kubectl(
            "create", "secret", "tls", "stowage-gateway-tls", "-n", RunnerCluster.namespace, "--cert", certificate,
            "--key", key)
        #expect(created.status == 0, "\(created)")
    }

    /// Read off the Pod's log, as it says it when it listens.
    private func port(_ kubectl: Program) async throws -> String {
        while true {
            let pod = try await kubectl("get", "pod", "stowage-gateway", "-n", RunnerCluster.namespace, "-o", "json")
            let phase = try JSON(parsing: pod.output)["status"]?["phase"]?.string
            let logs = try await kubectl("logs", "stowage-gateway", "-n", RunnerCluster.namespace)
            if let match = logs.output.firstMatch(of: #/https://\S+?:(\d+)/v1/environments/#) { return String(match.1) }
            try #require(phase != "Failed" && phase != "Succeeded", "\(pod) \(logs)")
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    private static func documents() throws -> [(kind: String, text: String)] {
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        return try text(of: "/\(root)/deploy/gateway.yaml").split(separator: "---\n").compactMap { document in
            document.firstMatch(of: #/(?m)^kind: (\w+)$/#).map { (kind: String($0.1), text: String(document)) }
        }
    }

    /// The Deployment's Pod. The embedded cluster knows no images, and its Pods share the ports of the machine.
    private static func pod(of deployment: String) -> String {
        let lines = deployment.split(separator: "\n", omittingEmptySubsequences: false)
        let template = lines.drop { $0 != "  template:" }.dropFirst().map { String($0.dropFirst(4)) }
        return "apiVersion: v1\nkind: Pod\n"
            + template.joined(separator: "\n")
            .replacing("metadata:\n", with: "metadata:\n  name: stowage-gateway\n", maxReplacements: 1)
            .replacing("    image:", with: "    command: [stowage]\n    image:")
            .replacing("0.0.0.0:8460", with: "127.0.0.1:0")
            .replacing("/tls/tls", with: "$(STOWAGE_VOLUME_TLS)/tls")
    }
}
