import CLibrary
import KubernetesAPI
import LocalFiles
import OrderedJSON
import TestScopes
import Testing

/// Plans that are saved and applied later, with the real terraform.
@Suite(.enabled(if: Program.onPath("terraform", home: "/") != nil, "terraform is not on PATH"))
struct SavedPlanAcceptanceTests {
    private static let environment = StockTerraformTests.environment

    private func run(
        _ cluster: RunnerCluster, _ operation: String, _ options: String..., environment: String = environment,
        module: String = "module"
    ) async throws -> ProgramResult {
        try await cluster.stowage.run(
            ["run", operation, "--environment", environment, "--kubeconfig", cluster.runnerKubeconfig] + options
                + ["\(cluster.home)/\(module)"])
    }

    @Test(arguments: ["kubernetes", "gateway"])
    func isAppliedFromAnotherCopyOfTheModuleWithItsVariables(_ backend: String) async throws {
        try await RunnerCluster.with { cluster in
            try write(
                ["module/main.tf": StockTerraformTests.module, "elsewhere/copy/main.tf": StockTerraformTests.module],
                below: cluster.home)
            let file = "\(cluster.home)/next.plan"
            let plan = try await run(
                cluster, "plan", "--out", file, "--var", "who=planned", "--backend", backend)
            #expect(plan.status == 0, "\(plan)")
            #expect(plan.errors.contains("1 to add, 0 to change, 0 to destroy"), "\(plan)")
            #expect(plan.errors.contains("saved to \(file)"), "\(plan)")
            var information = stat()
            #expect(stat(file, &information) == 0 && information.st_mode & 0o777 == 0o600)

            let apply = try await run(cluster, "apply", "--plan", file, module: "elsewhere/copy")
            #expect(apply.status == 0, "\(apply)")
            #expect(apply.output.contains(#"greeting = "Hello, planned!""#), "\(apply)")
            #expect(apply.errors.contains("succeeded: 1 added, 0 changed, 0 destroyed"), "\(apply)")

            let again = try await run(cluster, "apply", "--plan", file)
            #expect(again.status == 65, "\(again)")
            #expect(
                again.errors.firstMatch(
                    of: #/starts from (serial \d+ of lineage \S+|no state), .* is at serial \d+ of/#) != nil)
            #expect(again.output == "", "no engine was started: \(again)")
        }
    }

    @Test func aDestroyPlanDestroys() async throws {
        try await RunnerCluster.with { cluster in
            try write(["module/main.tf": StockTerraformTests.module], below: cluster.home)
            let file = "\(cluster.home)/next.plan"
            #expect(try await run(cluster, "apply").status == 0)
            let plan = try await run(cluster, "plan", "--destroy", "--out", file)
            #expect(plan.errors.contains("0 to add, 0 to change, 1 to destroy"), "\(plan)")
            let apply = try await run(cluster, "apply", "--plan", file)
            #expect(apply.errors.contains("succeeded: 0 added, 0 changed, 1 destroyed"), "\(apply)")
        }
    }

    @Test func aStalePlanIsRefusedBeforeAnEngineStarts() async throws {
        try await RunnerCluster.with { cluster in
            try write(["module/main.tf": StockTerraformTests.module], below: cluster.home)
            let file = "\(cluster.home)/next.plan"
            #expect(try await run(cluster, "apply").status == 0)
            #expect(try await run(cluster, "plan", "--out", file, "--var", "who=late").status == 0)
            #expect(try await run(cluster, "apply", "--var", "who=first").status == 0)
            let stale = try await run(cluster, "apply", "--plan", file)
            #expect(stale.status == 65, "\(stale)")
            #expect(stale.output == "", "\(stale)")
            let value = try await run(cluster, "plan", "--var", "who=first", "--detailed-exitcode")
            #expect(value.status == 0, "the stale plan changed nothing: \(value)")
        }
    }

    @Test func aPlanOfSomethingElseIsRefused() async throws {
        try await RunnerCluster.with { cluster in
            try write(["module/main.tf": StockTerraformTests.module], below: cluster.home)
            let file = "\(cluster.home)/next.plan"
            #expect(try await run(cluster, "plan", "--out", file).status == 0)
            let other = "11111111-b337-93a4-ad65-1d565c5e25be"
            let result = try await run(cluster, "apply", "--plan", file, environment: other)
            #expect(result.status == 64, "\(result)")
            #expect(result.errors.contains(Self.environment) && result.errors.contains(other), "\(result)")

            let named = try await run(cluster, "apply", "--plan", file, "--namespace", "default")
            #expect(named.status == 64, "\(named)")
            try write(["no.plan": "x"], below: cluster.home)
            #expect(try await run(cluster, "apply", "--plan", "\(cluster.home)/no.plan").status == 64)
            #expect(try await run(cluster, "apply", "--plan", "\(cluster.home)/missing").status == 74)
            #expect(try await run(cluster, "apply", "--plan", file, "--target", "terraform_data.greeting").status == 64)
            #expect(try await run(cluster, "plan", "--out", "\(cluster.home)/none/x").status == 64)
        }
    }

    @Test func aSecretOfAPlanIsInNoLog() async throws {
        try await RunnerCluster.with { cluster in
            try write(
                [
                    "module/main.tf": """
                    variable "password" { sensitive = true }
                    resource "terraform_data" "x" { input = var.password }
                    """
                ], below: cluster.home)
            let file = "\(cluster.home)/next.plan"
            let plan = try await run(
                cluster, "plan", "--out", file, "--var", "password=hunter2", "--log-level", "trace")
            #expect(plan.status == 0, "\(plan)")
            let apply = try await run(cluster, "apply", "--plan", file, "--log-level", "trace")
            #expect(apply.status == 0, "\(apply)")
            for result in [plan, apply] {
                #expect(!result.output.contains("hunter2") && !result.errors.contains("hunter2"))
            }
        }
    }
}
