import CLibrary
import KubernetesAPI
import OrderedJSON
import TestScopes
import Testing

/// The locks of `stowage run`, from outside: alive, left behind, and lost.
@Suite(
    .enabled(if: Program.onPath("terraform", home: "/") != nil, "terraform is not on PATH"), .timeLimit(.minutes(20)))
struct RunLockTests {
    private static let environment = StockTerraformTests.environment

    private func run(_ cluster: RunnerCluster, _ operation: String) -> [String] {
        [
            "run", operation, "--environment", Self.environment, "--kubeconfig", cluster.runnerKubeconfig,
            "\(cluster.home)/module",
        ]
    }

    private func state(_ cluster: RunnerCluster, _ command: String, _ arguments: String...) async throws
        -> ProgramResult
    {
        try await cluster.stowage.run(["state", command, "--kubeconfig", cluster.runnerKubeconfig] + arguments)
    }

    /// The one lock there is.
    private func lock(_ cluster: RunnerCluster) async throws -> JSON {
        let result = try await state(cluster, "locks", Self.environment, "-o", "json")
        #expect(result.status == 0, "\(result)")
        return try #require(try JSON(parsing: result.output).array?.first)
    }

    private func change(
        _ cluster: RunnerCluster, _ lease: String, _ change: @Sendable (inout JSON) -> Void
    ) async throws {
        try await cluster.asAdministrator { client in
            var object = try await client.get(.lease, namespace: RunnerCluster.namespace, name: lease)
            change(&object)
            _ = try await client.update(.lease, namespace: RunnerCluster.namespace, object)
        }
    }

    @Test func theLockOfAKilledRunIsAnOrphanAndTakenOver() async throws {
        try await RunnerCluster.with { cluster in
            let started = "\(cluster.home)/started"
            try write(["module/main.tf": SlowModule.text(started: started)], below: cluster.home)
            _ = try await cluster.stowage.whileRunning(run(cluster, "apply")) { process in
                while !exists(started) { try await Task.sleep(for: .milliseconds(10)) }
                let lock = try await lock(cluster)
                #expect(lock["verdict"] == "alive", "\(lock)")
                #expect(lock["evidence"]?.string?.contains("renewed its Lease") == true, "\(lock)")
                let refused = try await state(cluster, "unlock", Self.environment, "--orphaned")
                #expect(refused.status == 75, "\(refused)")
                let second = try await cluster.stowage.run(run(cluster, "plan"))
                #expect(second.status == 75, "\(second)")
                #expect(second.errors.contains("so it is at work"), "\(second)")
                kill(process, SIGKILL)
            }
            // The engine and what it started are in a session of their own, which outlives the run.
            if let engine = Int32(try text(of: started).dropLast()) { kill(-engine, SIGKILL) }
            try await change(cluster, "stowage-run-\(Self.environment)") {
                $0["spec"]?["renewTime"] = "2026-01-01T00:00:00.000000Z"
            }
            let orphan = try await lock(cluster)
            #expect(orphan["verdict"] == "orphaned", "\(orphan)")
            #expect(orphan["evidence"]?.string?.contains("stopped renewing") == true, "\(orphan)")
            try write(["module/main.tf": StockTerraformTests.module], below: cluster.home)
            let next = try await cluster.stowage.run(run(cluster, "apply"))
            #expect(next.status == 0, "\(next)")
            #expect(next.errors.contains("took over the lock of environment \(Self.environment) from "), "\(next)")
            #expect(next.errors.contains("its run stopped renewing its Lease"), "\(next)")
            #expect(try await state(cluster, "unlock", Self.environment, "--orphaned").status == 64)
        }
    }

    @Test func aRunThatLostItsLockWritesNoState() async throws {
        try await RunnerCluster.with { cluster in
            let (started, go) = ("\(cluster.home)/started", "\(cluster.home)/go")
            try write(["module/main.tf": SlowModule.text(started: started, until: go)], below: cluster.home)
            let result = try await cluster.stowage.whileRunning(run(cluster, "apply")) { _ in
                while !exists(started) { try await Task.sleep(for: .milliseconds(10)) }
                try await change(cluster, "lock-tfstate-default-\(Self.environment)") {
                    $0["spec"]?["holderIdentity"] = "another"
                }
                try write(["go": ""], below: cluster.home)
            }
            #expect(result.status == 75, "\(result)")
            #expect(result.errors.contains("was lost"), "\(result)")
            let kept = try #require(result.errors.firstMatch(of: #/It is in (\S+\.tfstate),/#)).1
            #expect(try JSON(parsing: try text(of: String(kept)))["resources"]?.array?.count == 1)
            let pulled = try await state(cluster, "pull", Self.environment)
            #expect(try pulled.status == 65 || JSON(parsing: pulled.output)["resources"] == [], "\(pulled)")
            #expect(try await lock(cluster)["id"] == "another")
        }
    }
}
