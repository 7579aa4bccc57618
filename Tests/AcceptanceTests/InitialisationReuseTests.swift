import LocalFiles
import TestScopes
import Testing

/// `init` is left out where it would find nothing new, and only there.
@Suite(.enabled(if: Program.onPath("terraform", home: "/") != nil, "terraform is not on PATH"))
struct InitialisationReuseTests {
    private static let environment = StockTerraformTests.environment
    private static let module = """
        variable "value" { default = "first" }
        module "part" { source = "./part" }
        resource "terraform_data" "x" { input = var.value }
        """

    private func run(
        _ cluster: RunnerCluster, _ operation: String, environment: String = environment, _ arguments: String...
    ) async throws -> ProgramResult {
        let result = try await cluster.stowage.run(
            ["run", operation, "--environment", environment, "--kubeconfig", cluster.runnerKubeconfig] + arguments
                + ["\(cluster.home)/module"])
        #expect(result.status == 0, "\(result)")
        return result
    }

    private func initialised(_ result: ProgramResult) -> Bool { result.output.contains("Initializing the backend") }

    private func writeModule(_ cluster: RunnerCluster, part: String = "locals {}") throws {
        try write(["module/main.tf": Self.module, "module/part/main.tf": part], below: cluster.home)
    }

    @Test(arguments: ["kubernetes", "gateway"])
    func theNextRunOfAModuleGoesWithoutIt(_ backend: String) async throws {
        try await RunnerCluster.with { cluster in
            try writeModule(cluster)
            #expect(initialised(try await run(cluster, "apply", "--backend", backend)))
            let second = try await run(cluster, "apply", "--backend", backend, "--var", "value=second")
            #expect(!initialised(second), "\(second)")
            #expect(second.output.contains("0 added, 1 changed, 0 destroyed"), "\(second)")
            // Another state has another initialisation, and so has another configuration.
            #expect(
                initialised(
                    try await run(
                        cluster, "plan", environment: "11111111-b337-93a4-ad65-1d565c5e25be", "--backend", backend)))
            try writeModule(cluster, part: "output \"x\" { value = 1 }")
            #expect(initialised(try await run(cluster, "plan", "--backend", backend)))
            #expect(!initialised(try await run(cluster, "destroy", "--backend", backend)))
        }
    }

    @Test func oneThatDoesNotFitIsMadeAgain() async throws {
        try await RunnerCluster.with { cluster in
            try writeModule(cluster)
            _ = try await run(cluster, "apply")
            let folder = "\(cluster.home)/.cache/stowage/initialisations"
            let name = try #require(try FolderTree.entries(of: folder).first)
            // As if the engine had noted another backend than the one that it is given.
            let kept = try text(of: "\(folder)/\(name)")
            try PrivateFile.write(
                kept.replacing(#"\"secret_suffix\": \""#, with: #"\"secret_suffix\": \"other-"#).replacing(
                    #"\"hash\": "#, with: #"\"hash\": 1"#), to: "\(folder)/\(name)")
            let damaged = try await run(cluster, "plan")
            #expect(initialised(damaged), "\(damaged)")
            #expect(damaged.errors.contains("init is run again"), "\(damaged)")
            #expect(!initialised(try await run(cluster, "plan")))
        }
    }

    @Test func oneThatCannotBeReadIsMadeAgain() async throws {
        try await RunnerCluster.with { cluster in
            try writeModule(cluster)
            _ = try await run(cluster, "apply")
            let folder = "\(cluster.home)/.cache/stowage/initialisations"
            let name = try #require(try FolderTree.entries(of: folder).first)
            try PrivateFile.write("{", to: "\(folder)/\(name)")
            #expect(initialised(try await run(cluster, "plan")))
        }
    }

    @Test func whatAnotherInitCannotMendIsNotTriedTwice() async throws {
        try await RunnerCluster.with { cluster in
            try writeModule(cluster)
            _ = try await run(cluster, "apply")
            let result = try await cluster.stowage(
                "run", "plan", "--environment", Self.environment, "--kubeconfig", cluster.runnerKubeconfig,
                "--var-file", "\(cluster.home)/missing.tfvars", "\(cluster.home)/module")
            #expect(result.status == 1, "\(result)")
            let said = result.output + result.errors
            #expect(said.ranges(of: "Failed to read variables file").count == 1, "\(result)")
            #expect(!initialised(try await run(cluster, "plan")))
        }
    }
}
