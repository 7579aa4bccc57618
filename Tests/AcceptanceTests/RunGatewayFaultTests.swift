import OrderedJSON
import TestScopes
import Testing

/// What becomes of a run whose engine comes to its state by a gateway, when the cluster goes away while it is at work.
@Suite(
    .enabled(if: Program.onPath("terraform", home: "/") != nil, "terraform is not on PATH"), .timeLimit(.minutes(20)))
struct RunGatewayFaultTests {
    private static let environment = StockTerraformTests.environment

    /// An apply in the middle of which the cluster is stopped.
    ///
    /// - Parameter afterwards: once the engine goes on to save what it did.
    private func applyWhileTheClusterStops(
        _ cluster: RunnerCluster, _ afterwards: @escaping @Sendable () async throws -> Void
    ) async throws -> ProgramResult {
        let (started, go) = ("\(cluster.home)/started", "\(cluster.home)/go")
        try write(["module/main.tf": SlowModule.text(started: started, until: go)], below: cluster.home)
        return try await cluster.stowage.whileRunning([
            "run", "apply", "--backend", "gateway", "--environment", Self.environment, "--kubeconfig",
            cluster.runnerKubeconfig, "\(cluster.home)/module",
        ]) { _ in
            while !exists(started) { try await Task.sleep(for: .milliseconds(10)) }
            let stopped = try await cluster.stowage("cluster", "stop", "--dir", cluster.folder)
            #expect(stopped.status == 0, "\(stopped)")
            try write(["go": ""], below: cluster.home)
            try await afterwards()
        }
    }

    @Test func aClusterThatComesBackIsWaitedFor() async throws {
        try await RunnerCluster.with(port: try await lastingPort()) { cluster in
            let result = try await applyWhileTheClusterStops(cluster) { try await cluster.start() }
            #expect(result.status == 0, "\(result)")
            let pulled = try await cluster.stowage(
                "state", "pull", Self.environment, "--kubeconfig", cluster.runnerKubeconfig)
            #expect(pulled.output.contains(#""name": "slow""#), "\(pulled)")
        }
    }

    @Test func aClusterThatStaysAwayIsToldAndTheStateKept() async throws {
        try await RunnerCluster.with { cluster in
            let result = try await applyWhileTheClusterStops(cluster) {}
            #expect(result.status == 69, "\(result)")
            #expect(result.errors.contains("the cluster stopped answering"), "\(result)")
            let kept = try #require(result.errors.firstMatch(of: #/It is in (\S+\.tfstate),/#)).1
            #expect(try JSON(parsing: try text(of: String(kept)))["resources"]?.array?.count == 1)
        }
    }
}
