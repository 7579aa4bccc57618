import KubernetesAPI
import OrderedJSON
import TestScopes
import Testing

/// `stowage state move`, with exactly the documented Role in both namespaces, and what stock Terraform makes of it.
@Suite(.enabled(if: Program.onPath("terraform", home: "/") != nil, "terraform is not on PATH"))
struct StateMoveTests {
    private static let environment = StockTerraformTests.environment
    private static let other = "elsewhere"

    private func terraform(_ cluster: RunnerCluster, _ folder: String, namespace: String) throws -> Program {
        try cluster.stockTerraform(
            in: folder, for: Self.environment, namespace: namespace, module: StockTerraformTests.module)
    }

    @Test func enginesFindAMovedStateThereAndStopHere() async throws {
        try await RunnerCluster.with { cluster in
            try await cluster.addNamespace(Self.other)
            let here = try terraform(cluster, "here", namespace: RunnerCluster.namespace)
            for arguments in [["init"], ["apply", "-auto-approve"]] {
                let result = try await here.run(arguments + ["-input=false", "-no-color"])
                #expect(result.status == 0, "\(result)")
            }
            func stowage(_ arguments: String...) async throws -> ProgramResult {
                try await cluster.stowage.run(arguments + ["--kubeconfig", cluster.runnerKubeconfig])
            }
            let before = try await stowage("state", "pull", Self.environment)
            let moved = try await stowage("state", "move", Self.environment, "--to-namespace", Self.other, "-o", "json")
            #expect(moved.status == 0, "\(moved)")
            #expect(try JSON(parsing: moved.output).array?.first?["moved"] == true)
            let after = try await stowage("state", "pull", Self.environment, "-n", Self.other)
            #expect(after.output == before.output)

            let there = try terraform(cluster, "there", namespace: Self.other)
            #expect(try await there("init", "-input=false").status == 0)
            let plan = try await there("plan", "-input=false", "-no-color", "-detailed-exitcode")
            #expect(plan.status == 0, "\(plan)")

            // Whoever looks where it was is told where it is, and none begins anew.
            let fresh = try terraform(cluster, "fresh", namespace: RunnerCluster.namespace)
            for stopped in [
                try await here("plan", "-input=false", "-no-color"),
                try await here("apply", "-auto-approve", "-input=false", "-no-color"),
                try await fresh("init", "-input=false", "-no-color"),
            ] {
                #expect(stopped.status == 1, "\(stopped)")
                #expect(stopped.errors.contains("moved to namespace \(Self.other)"), "\(stopped)")
            }
            let run = try await stowage(
                "run", "plan", "--environment", Self.environment, "\(cluster.home)/here")
            for stopped in [run] + [
                try await stowage("state", "pull", Self.environment),
                try await stowage("state", "show", Self.environment),
                try await stowage("state", "diff", Self.environment),
            ] {
                #expect(stopped.status == 65, "\(stopped)")
                #expect(stopped.errors.contains("moved to namespace \(Self.other)"), "\(stopped)")
            }
            let list = try await stowage("state", "list")
            #expect(!list.output.contains(Self.environment))
            #expect(list.errors.contains("moved to namespace \(Self.other)"), "\(list)")

            #expect(try await there("apply", "-auto-approve", "-input=false", "-var", "who=there").status == 0)
            let back = try await stowage(
                "state", "move", Self.environment, "-n", Self.other, "--to-namespace", RunnerCluster.namespace,
                "--to-kubeconfig", cluster.runnerKubeconfig)
            #expect(back.status == 0, "\(back)")
            let again = try await here("plan", "-input=false", "-no-color", "-detailed-exitcode", "-var", "who=there")
            #expect(again.status == 0, "\(again)")
        }
    }
}
