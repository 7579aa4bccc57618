import CLibrary
import KubernetesAPI
import LocalFiles
import OrderedJSON
import TestScopes
import Testing

/// What `stowage run` hands on to the engine, and what it says at the end.
@Suite(.enabled(if: Program.onPath("terraform", home: "/") != nil, "terraform is not on PATH"))
struct RunOptionsTests {
    private static let environment = StockTerraformTests.environment
    private static let two = """
        resource "terraform_data" "one" { input = "1" }
        resource "terraform_data" "two" { input = "2" }
        """

    private func run(
        _ cluster: RunnerCluster, _ operation: String, _ options: [String] = [], engine: [String] = []
    ) async throws -> ProgramResult {
        try await cluster.stowage.run(
            ["run", operation, "--environment", Self.environment, "--kubeconfig", cluster.runnerKubeconfig] + options
                + ["\(cluster.home)/module"] + (engine.isEmpty ? [] : ["--"] + engine))
    }

    @Test func theLastLineHasCountsAndSerials() async throws {
        try await RunnerCluster.with { cluster in
            try write(["module/main.tf": Self.two], below: cluster.home)
            let plan = try await run(cluster, "plan")
            let planned =
                #/stowage: plan of environment \S+ succeeded: 2 to add, 0 to change, 0 to destroy;.* \d+\.\d s\n$/#
            #expect(plan.errors.firstMatch(of: planned) != nil, "\(plan)")
            let apply = try await run(cluster, "apply")
            let applied =
                #/stowage: apply of environment \S+ succeeded: 2 added, 0 changed, 0 destroyed; serial \d+( -> \d+)?; \d+\.\d s\n$/#
            #expect(apply.errors.firstMatch(of: applied) != nil, "\(apply)")
            #expect(apply.output.contains("Apply complete!"), "\(apply)")
            #expect(!apply.output.contains("\u{1B}"), "\(apply)")
            let destroy = try await run(cluster, "destroy", ["--quiet"])
            #expect(destroy.status == 0, "\(destroy)")
            #expect(destroy.errors == "", "\(destroy)")
        }
    }

    @Test func theDetailedExitCodeIsTheEngines() async throws {
        try await RunnerCluster.with { cluster in
            try write(["module/main.tf": Self.two], below: cluster.home)
            let changes = try await run(cluster, "plan", ["--detailed-exitcode"])
            #expect(changes.status == 2, "\(changes)")
            #expect(changes.errors.contains("succeeded: 2 to add"), "\(changes)")
            #expect(try await run(cluster, "plan").status == 0)
            #expect(try await run(cluster, "apply").status == 0)
            let none = try await run(cluster, "plan", ["--detailed-exitcode"])
            #expect(none.status == 0, "\(none)")
            #expect(none.errors.contains("succeeded: 0 to add"), "\(none)")
            try write(["module/main.tf": "output \"x\" { value = nonsense }"], below: cluster.home)
            let failure = try await run(cluster, "plan", ["--detailed-exitcode"])
            #expect(failure.status == 1, "\(failure)")
            #expect(try await run(cluster, "apply", ["--detailed-exitcode"]).status == 64)
        }
    }

    @Test func targetReplaceAndRefreshReachTheEngine() async throws {
        try await RunnerCluster.with { cluster in
            try write(["module/main.tf": Self.two], below: cluster.home)
            let one = try await run(cluster, "apply", ["--target", "terraform_data.one", "--parallelism", "1"])
            #expect(one.errors.contains("succeeded: 1 added, 0 changed, 0 destroyed"), "\(one)")
            let both = try await run(cluster, "apply", ["--replace", "terraform_data.one"])
            #expect(both.errors.contains("succeeded: 2 added, 0 changed, 1 destroyed"), "\(both)")
            let still = try await run(cluster, "plan", ["--refresh=false"])
            #expect(!still.output.contains("Refreshing state"), "\(still)")
            #expect(try await run(cluster, "plan").output.contains("Refreshing state"))
            let destroy = try await run(cluster, "plan", ["--destroy"])
            #expect(destroy.errors.contains("0 to add, 0 to change, 2 to destroy"), "\(destroy)")
        }
    }

    @Test func whatFollowsTwoDashesIsTheEngines() async throws {
        try await RunnerCluster.with { cluster in
            try write(["module/main.tf": Self.two], below: cluster.home)
            let target = try await run(cluster, "plan", engine: ["-target=terraform_data.two", "-compact-warnings"])
            #expect(target.errors.contains("1 to add"), "\(target)")
            let unknown = try await run(cluster, "plan", engine: ["-nonsense"])
            #expect(unknown.status == 1, "\(unknown)")
            for refused in ["-state=elsewhere", "-lock=false", "-var=a=hunter2", "elsewhere.tfplan"] {
                let result = try await run(cluster, "apply", engine: [refused])
                #expect(result.status == 64, "\(refused) \(result)")
                #expect(!result.errors.contains("hunter2") && !result.errors.contains("elsewhere.tfplan"), "\(result)")
            }
        }
    }

    @Test func aMissingVariableFailsAndIsNotAskedFor() async throws {
        try await RunnerCluster.with { cluster in
            try write(
                ["module/main.tf": "variable \"who\" {}\noutput \"who\" { value = var.who }"], below: cluster.home)
            for operation in ["plan", "apply", "destroy"] {
                let result = try await run(cluster, operation)
                #expect(result.status == 1, "\(result)")
                #expect(result.errors.contains("No value for required variable"), "\(result)")
            }
        }
    }
}
