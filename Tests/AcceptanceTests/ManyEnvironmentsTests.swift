import KubernetesAPI
import OrderedJSON
import StateStorage
import TestScopes
import Testing

/// A namespace with the states of a thousand environments, of which a run may read one.
@Suite(.enabled(if: Program.onPath("terraform", home: "/") != nil, "terraform is not on PATH"))
struct ManyEnvironmentsTests {
    private static let environments = 1_000
    private static let stateSize = 100_000

    @Test func aRunTransfersNoOtherState() async throws {
        try await RunnerCluster.with { cluster in
            let module = "\(cluster.home)/module"
            try write(["main.tf": StockTerraformTests.module], below: module)
            let alone = try await bytesServed(cluster, module)
            try await seed(cluster)
            let among = try await bytesServed(cluster, module)
            // Neither grows with the number of environments; what differs is the length of a few numbers.
            #expect(among < alone + 1_000, "\(alone) bytes alone, \(among) among \(Self.environments)")
            #expect(among < Self.stateSize)
        }
    }

    /// What the cluster sends during one `stowage run plan`, TLS included.
    private func bytesServed(_ cluster: RunnerCluster, _ module: String) async throws -> Int {
        let kubeconfig = try text(of: cluster.runnerKubeconfig)
        let server = try #require(kubeconfig.firstMatch(of: #/https:\/\/127\.0\.0\.1:(\d+)/#))
        let port = try #require(Int(server.1))
        return try await CountingProxy.with(to: port) { proxy, proxyPort in
            let proxied = "\(cluster.home)/proxied"
            try write(
                ["proxied": kubeconfig.replacing("127.0.0.1:\(port)", with: "127.0.0.1:\(proxyPort)")],
                below: cluster.home)
            let result = try await cluster.stowage(
                "run", "plan", "--environment", StockTerraformTests.environment, "--kubeconfig", proxied, module)
            #expect(result.status == 0, "\(result)")
            return proxy.bytesServed
        }
    }

    private func seed(_ cluster: RunnerCluster) async throws {
        let payload = Base64.encode([UInt8](repeating: 0x78, count: Self.stateSize))
        try await cluster.asAdministrator { client in
            try await withThrowingTaskGroup { group in
                for writer in 0..<8 {
                    group.addTask {
                        for number in stride(from: writer, to: Self.environments, by: 8) {
                            let digits = String(number)
                            let tail = String(repeating: "0", count: 11 - digits.count) + digits + "a"
                            let names = StateNames(try EnvironmentID("00000000-0000-4000-8000-\(tail)"))
                            let secret: JSON = [
                                "metadata": [
                                    "name": .string(names.secret), "labels": JSON(sorted: names.labels),
                                    "annotations": ["encoding": "gzip"],
                                ],
                                "data": ["tfstate": .string(payload)],
                            ]
                            _ = try await client.create(.secret, namespace: RunnerCluster.namespace, secret)
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}
