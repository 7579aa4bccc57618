import AsyncHTTPClient
import CLibrary
import KubernetesAPI
import NIOCore
import StateGateway
import StateStorage
import TestScopes
import Testing

/// The gateway of a soak: one process for all of its time, between the engines and a cluster whose answers go wrong.
struct SoakGateway: Sendable {
    let port: Int
    let tokens: GatewayTokens
    private let way: SoakWay

    /// - Parameter body: is given nil where no program of the soak uses a gateway.
    static func with(
        _ soak: Soak, _ cluster: RunnerCluster, _ body: @escaping @Sendable (SoakGateway?) async throws -> Void
    ) async throws {
        guard soak.actions.contains(.gateway) else { return try await body(nil) }
        try await SoakWay.with(soak, cluster, name: "gateway") { way in
            let port = try await lastingPort()
            let tokens = GatewayTokens(client: way.client, namespace: RunnerCluster.namespace)
            let result = try await cluster.stowage.whileRunning([
                "gateway", "--listen", "127.0.0.1:\(port)", "--kubeconfig", way.kubeconfig, "-n",
                RunnerCluster.namespace,
            ]) { process in
                defer { end(process) }
                try await waitUntilReady(port)
                try await body(SoakGateway(port: port, tokens: tokens, way: way))
            }
            try #require(result.status == 0, "the gateway ended with \(result.status): \(result.errors.suffix(2_000))")
        }
    }

    private static func waitUntilReady(_ port: Int) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            let request = HTTPClientRequest(url: "http://127.0.0.1:\(port)/")
            if (try? await HTTPClient.shared.execute(request, timeout: .seconds(5))) != nil { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        Issue.record("the gateway does not listen")
    }

    /// From now on its requests meet faults.
    func beginFaults(seed: UInt64) { way.proxy.plan(way.faults(seed: seed)) }

    private static func end(_ process: Int32) { _ = kill(process, SIGTERM) }

    /// Makes Terraform keep its state here.
    func backend(_ environment: EnvironmentID) -> String {
        let address = "http://127.0.0.1:\(port)/v1/environments/\(environment)/state"
        return """
            terraform {
              backend "http" {
                address        = "\(address)"
                lock_address   = "\(address)"
                unlock_address = "\(address)"
                username       = "stowage"
              }
            }
            """
    }
}
