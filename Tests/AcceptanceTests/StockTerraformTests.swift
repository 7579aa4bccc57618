import KubernetesAPI
import LocalFiles
import OrderedJSON
import TestScopes
import Testing

/// The real terraform, from outside: by itself with its own backend, and through `stowage run`.
@Suite(.enabled(if: Program.onPath("terraform", home: "/") != nil, "terraform is not on PATH"))
struct StockTerraformTests {
    static let environment = "4b41bf32-b337-93a4-ad65-1d565c5e25be"
    static let module = """
        variable "who" { default = "world" }
        resource "terraform_data" "greeting" { input = "Hello, ${var.who}!" }
        output "greeting" { value = terraform_data.greeting.output }
        """

    private func run(_ cluster: RunnerCluster, _ operation: String, _ arguments: String...) async throws
        -> ProgramResult
    {
        let module = "\(cluster.home)/module"
        try write(["main.tf": Self.module], below: module)
        return try await cluster.stowage.run(
            ["run", operation, "--environment", Self.environment, "--kubeconfig", cluster.runnerKubeconfig] + arguments
                + [module])
    }

    @Test func worksByItselfWithTheDocumentedRole() async throws {
        try await RunnerCluster.with { cluster in
            let terraform = try cluster.stockTerraform(for: Self.environment, module: Self.module)
            for arguments in [["init"], ["plan"], ["apply", "-auto-approve"]] {
                let result = try await terraform.run(arguments + ["-input=false", "-no-color"])
                #expect(result.status == 0, "\(arguments) \(result)")
            }
            #expect(try await terraform("output", "-raw", "greeting").output == "Hello, world!")
            let state = try JSON(parsing: try await terraform("state", "pull").output)
            #expect(state["version"] == 4)
            #expect(state["resources"]?.array?.count == 1)
            #expect(try await terraform("destroy", "-auto-approve", "-no-color").status == 0)
            #expect(try JSON(parsing: try await terraform("state", "pull").output)["resources"] == [])
        }
    }

    @Test func worksThroughStowageRun() async throws {
        try await RunnerCluster.with { cluster in
            let plan = try await run(cluster, "plan")
            #expect(plan.status == 0, "\(plan)")
            #expect(plan.output.contains("1 to add"))
            let apply = try await run(cluster, "apply", "--var", "who=it's $HOME \"you\"")
            #expect(apply.status == 0, "\(apply)")
            #expect(apply.output.contains(#"greeting = "Hello, it's $HOME \"you\"!""#), "\(apply)")

            // The one Secret that kubectl would show, as the documentation page shows it.
            let secrets = try await cluster.asAdministrator {
                try await $0.list(.secret, namespace: RunnerCluster.namespace, labelSelector: "tfstate=true").all()
            }
            #expect(secrets.compactMap(\.objectName) == ["tfstate-default-\(Self.environment)"])
            #expect(secrets.first?["type"] == "Opaque")
            #expect(secrets.first?["data"]?.object?.keys == ["tfstate"])

            let destroy = try await run(cluster, "destroy", "--quiet")
            #expect(destroy.status == 0, "\(destroy)")
            #expect(destroy.output.contains("1 destroyed"))
            #expect(!destroy.output.contains("Initializing"))
            #expect(try FolderTree.entries(of: "\(cluster.home)/module") == ["main.tf"])
            #expect(try FolderTree.entries(of: "\(cluster.home)/.cache/stowage/runs") == [])
        }
    }

    @Test func eachReadsWhatTheOtherWrote() async throws {
        try await RunnerCluster.with { cluster in
            #expect(try await run(cluster, "apply", "--var", "who=stowage").status == 0)
            let terraform = try cluster.stockTerraform(for: Self.environment, module: Self.module)
            #expect(try await terraform("init", "-input=false").status == 0)
            let written = try JSON(parsing: try await terraform("state", "pull").output)
            #expect(written["outputs"]?["greeting"]?["value"] == "Hello, stowage!")
            #expect(try await terraform("apply", "-auto-approve", "-var", "who=terraform").status == 0)
            let plan = try await run(cluster, "plan", "--var", "who=terraform")
            #expect(plan.status == 0)
            #expect(plan.output.contains("No changes."), "\(plan)")
        }
    }

    @Test func aTokenWithoutTheRoleChangesNothing() async throws {
        try await RunnerCluster.with { cluster in
            try await cluster.asAdministrator {
                _ = try await $0.create(
                    .serviceAccount, namespace: RunnerCluster.namespace, ["metadata": ["name": "nobody"]])
            }
            let nobody = "\(cluster.home)/nobody"
            try await cluster.writeKubeconfig(ofServiceAccount: "nobody", to: nobody)
            let terraform = try await cluster.stockTerraform(
                for: Self.environment, kubeconfig: nobody, module: Self.module)("init", "-input=false", "-no-color")
            #expect(terraform.status == 1)
            #expect(terraform.errors.contains("secrets is forbidden"), "\(terraform)")

            let module = "\(cluster.home)/module"
            try write(["main.tf": Self.module], below: module)
            let stowage = try await cluster.stowage(
                "run", "apply", "--environment", Self.environment, "--kubeconfig", nobody, module)
            #expect(stowage.status == 77, "\(stowage)")
            #expect(stowage.output.isEmpty)

            let count = try await cluster.asAdministrator {
                let secrets = try await $0.list(.secret, namespace: RunnerCluster.namespace).all()
                return secrets.count + (try await $0.list(.lease, namespace: RunnerCluster.namespace).all().count)
            }
            #expect(count == 0)
        }
    }
}
