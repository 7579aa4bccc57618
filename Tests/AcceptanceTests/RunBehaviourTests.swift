import CLibrary
import KubernetesAPI
import LocalFiles
import OrderedJSON
import TestScopes
import Testing

/// What `stowage run` promises around the engine.
@Suite(.enabled(if: Program.onPath("terraform", home: "/") != nil, "terraform is not on PATH"))
struct RunBehaviourTests {
    private static let environment = StockTerraformTests.environment

    private func run(
        _ cluster: RunnerCluster, _ operation: String, in module: String, _ arguments: String...
    ) async throws -> ProgramResult {
        try await cluster.stowage.run(
            ["run", operation, "--environment", Self.environment, "--kubeconfig", cluster.runnerKubeconfig] + arguments
                + [module])
    }

    @Test func theModuleFindsEverythingAndTheFolderIsNotWrittenTo() async throws {
        try await RunnerCluster.with { cluster in
            let project = "\(cluster.home)/project"
            try write(
                [
                    "live/app/main.tf": """
                    terraform {
                      backend "local" { path = "elsewhere.tfstate" }
                    }
                    variable "from_auto" {}
                    variable "from_file" {}
                    module "net" { source = "../../modules/net" }
                    resource "terraform_data" "writer" {
                      provisioner "local-exec" {
                        command = "echo written > ${path.module}/written.txt; echo changed > ${path.module}/data.txt"
                      }
                    }
                    output "all" {
                      value = join(",", [var.from_auto, var.from_file, module.net.name,
                        trimspace(file("${path.module}/data.txt")), trimspace(file("${path.root}/../shared.txt")),
                        trimspace(file("${path.module}/link.txt"))])
                    }
                    """,
                    "live/app/data.txt": "data", "live/shared.txt": "shared",
                    "live/app/x.auto.tfvars": #"from_auto = "auto""#,
                    "modules/net/main.tf": """
                    resource "terraform_data" "writer" {
                      provisioner "local-exec" { command = "echo written > ${path.module}/written.txt" }
                    }
                    output "name" { value = trimspace(file("${path.module}/name.txt")) }
                    """,
                    "modules/net/name.txt": "net", "extra.tfvars": #"from_file = "file""#,
                ], below: project)
            #expect(symlink("../shared.txt", "\(project)/live/app/link.txt") == 0)
            var stowage = cluster.stowage
            stowage.folder = project
            let result = try await stowage(
                "run", "apply", "--environment", Self.environment, "--kubeconfig", cluster.runnerKubeconfig,
                "--var-file", "extra.tfvars", "live/app")
            #expect(result.status == 0, "\(result)")
            #expect(result.output.contains(#"all = "auto,file,net,data,shared,shared""#), "\(result)")
            #expect(
                try FolderTree.entries(of: "\(project)/live/app") == [
                    "data.txt", "link.txt", "main.tf", "x.auto.tfvars",
                ])
            #expect(try text(of: "\(project)/live/app/data.txt") == "data")
            #expect(try FolderTree.entries(of: "\(project)/modules/net") == ["main.tf", "name.txt"])
        }
    }

    @Test func aHeldLockIsExit75AndNamesItsHolder() async throws {
        try await RunnerCluster.with { cluster in
            let module = "\(cluster.home)/module"
            try write(["main.tf": StockTerraformTests.module], below: module)
            try await cluster.asAdministrator {
                _ = try await $0.create(
                    .lease, namespace: RunnerCluster.namespace,
                    [
                        "metadata": [
                            "name": .string("lock-tfstate-default-\(Self.environment)"),
                            "annotations": ["app.terraform.io/lock-info": #"{"ID":"them","Who":"other@host"}"#],
                        ],
                        "spec": ["holderIdentity": "them"],
                    ])
            }
            let result = try await run(cluster, "plan", in: module)
            #expect(result.status == 75, "\(result)")
            #expect(result.errors.contains("is held by other@host (ID them)"), "\(result)")
            #expect(result.errors.contains("stowage state unlock \(Self.environment) them"), "\(result)")
        }
    }

    @Test func theEnginesOwnFailureIsExit1() async throws {
        try await RunnerCluster.with { cluster in
            let module = "\(cluster.home)/module"
            try write(["main.tf": #"output "x" { value = nonsense }"#], below: module)
            let result = try await run(cluster, "plan", in: module)
            #expect(result.status == 1, "\(result)")
            #expect(result.errors.contains("Error:"))
            #expect(result.errors.contains("plan of environment \(Self.environment) failed"))
        }
    }

    @Test func aClusterThatEndsWithACommandIsNotTakenForOneThatStays() async throws {
        try await withTemporaryFolder { home in
            let stowage = try Program.stowage(home: home)
            let started = "\(home)/started"
            try write(["module/main.tf": SlowModule.text(started: started)], below: home)
            _ = try await stowage.whileRunning([
                "run", "apply", "--environment", Self.environment, "--namespace", "default", "--embedded",
                "--cluster-dir",
                "\(home)/embedded", "\(home)/module",
            ]) { process in
                while !exists(started) { try await Task.sleep(for: .milliseconds(10)) }
                let start = try await stowage("cluster", "start", "--detach", "--dir", "\(home)/embedded")
                #expect(start.status == 75, "\(start)")
                kill(process, SIGINT)
            }
            while try await stowage("cluster", "status", "--dir", "\(home)/embedded").status != 69 {}
            #expect(try await stowage("cluster", "start", "--detach", "--dir", "\(home)/embedded").status == 0)
            #expect(try await stowage("cluster", "stop", "--dir", "\(home)/embedded").status == 0)
        }
    }

    @Test func aMissingNamespaceIsExit65() async throws {
        try await RunnerCluster.with { cluster in
            let module = "\(cluster.home)/module"
            try write(["main.tf": StockTerraformTests.module], below: module)
            let result = try await cluster.stowage(
                "run", "plan", "--environment", Self.environment, "--kubeconfig", cluster.adminKubeconfig,
                "--namespace",
                "missing", module)
            #expect(result.status == 65, "\(result)")
            #expect(result.errors.contains("kubectl create namespace missing"), "\(result)")
        }
    }

    @Test func aSecondSignalKillsTheEngineAndAKilledRunDoesNotBlockItsFolder() async throws {
        try await RunnerCluster.with { cluster in
            let module = "\(cluster.home)/module"
            let started = "\(cluster.home)/started"
            // A program that heeds no interrupt, under the name of an engine.
            let engine = "\(cluster.home)/terraform"
            try PrivateFile.write(
                "#!/bin/sh\n[ \"$1\" = init ] && exit 0\ntrap '' INT TERM HUP\ntouch \(started)\nsleep 600 & wait\nwait\n",
                to: engine)
            chmod(engine, 0o700)
            try write(["main.tf": StockTerraformTests.module], below: module)
            let result = try await cluster.stowage.whileRunning([
                "run", "apply", "--environment", Self.environment, "--kubeconfig", cluster.runnerKubeconfig, "--engine",
                engine, module,
            ]) { process in
                while !exists(started) { try await Task.sleep(for: .milliseconds(10)) }
                kill(process, SIGHUP)
                kill(process, SIGINT)
                kill(process, SIGTERM)
            }
            #expect(result.status == 1, "\(result)")
            #expect(result.errors.contains("ended by signal 9"), "\(result)")
            #expect(try FolderTree.entries(of: "\(cluster.home)/.cache/stowage/runs") == [])
        }
    }

    @Test func aStateThatCouldNotBeSavedIsKept() async throws {
        try await RunnerCluster.with { cluster in
            let module = "\(cluster.home)/module"
            let engine = "\(cluster.home)/terraform"
            try PrivateFile.write("#!/bin/sh\necho only copy > errored.tfstate\nexit 1\n", to: engine)
            chmod(engine, 0o700)
            try write(["main.tf": StockTerraformTests.module], below: module)
            let arguments = [
                "run", "apply", "--environment", Self.environment, "--kubeconfig", cluster.runnerKubeconfig, "--engine",
                engine, module,
            ]
            let result = try await cluster.stowage.run(arguments)
            #expect(result.status == 1)
            let rescued = try #require(result.errors.firstMatch(of: #/It is in (\S+\.tfstate),/#)).1
            #expect(try text(of: String(rescued)) == "only copy\n")

            var unwritable = cluster.stowage
            unwritable.environment["XDG_STATE_HOME"] = "/proc/nowhere"
            let kept = try await unwritable.run(arguments)
            #expect(kept.status == 74, "\(kept)")
            let left = try #require(kept.errors.firstMatch(of: #/stays at (\S+errored\.tfstate)/#)).1
            #expect(try text(of: String(left)) == "only copy\n")
        }
    }

    @Test func anUnreachableClusterIsExit69() async throws {
        try await RunnerCluster.with { cluster in
            let module = "\(cluster.home)/module"
            try write(["main.tf": StockTerraformTests.module], below: module)
            _ = try await cluster.stowage("cluster", "stop", "--dir", cluster.folder)
            let result = try await run(cluster, "plan", in: module)
            #expect(result.status == 69, "\(result)")
        }
    }

    @Test func aStateThatEnginesWouldNotFindIsNotOverwritten() async throws {
        try await RunnerCluster.with { cluster in
            let module = "\(cluster.home)/module"
            try write(["main.tf": StockTerraformTests.module], below: module)
            #expect(try await run(cluster, "apply", in: module).status == 0)
            let name = "tfstate-default-\(Self.environment)"
            let before = try await cluster.asAdministrator { client in
                var secret = try await client.get(.secret, namespace: RunnerCluster.namespace, name: name)
                secret["metadata"]?["labels"]?["tfstate"] = "no"
                return try await client.update(.secret, namespace: RunnerCluster.namespace, secret)
            }
            let result = try await run(cluster, "apply", in: module)
            #expect(result.status == 65, "\(result)")
            #expect(result.errors.contains("kubectl label secret \(name)"))
            let after = try await cluster.asAdministrator {
                try await $0.get(.secret, namespace: RunnerCluster.namespace, name: name)
            }
            #expect(after == before)
        }
    }

    @Test func anInterruptLetsTheEngineFinishAndUnlock() async throws {
        try await RunnerCluster.with { cluster in
            let module = "\(cluster.home)/module"
            let started = "\(cluster.home)/started"
            try write(["main.tf": SlowModule.text(started: started)], below: module)
            let result = try await cluster.stowage.whileRunning([
                "run", "apply", "--environment", Self.environment, "--kubeconfig", cluster.runnerKubeconfig, module,
            ]) { process in
                while !exists(started) { try await Task.sleep(for: .milliseconds(10)) }
                kill(process, SIGINT)
            }
            #expect(result.status == 1, "\(result)")
            #expect(result.output.contains("Interrupt received"), "\(result)")
            let lease = try await cluster.asAdministrator {
                try await $0.get(
                    .lease, namespace: RunnerCluster.namespace, name: "lock-tfstate-default-\(Self.environment)")
            }
            #expect(Lease(object: lease).holderIdentity == nil)
        }
    }

    @Test func noCredentialReachesTheEngineOrItsChildren() async throws {
        try await RunnerCluster.with { cluster in
            let module = "\(cluster.home)/module"
            let seen = "\(cluster.home)/seen"
            try write(
                [
                    "main.tf": """
                    variable "password" {}
                    resource "terraform_data" "spy" {
                      provisioner "local-exec" {
                        command = "env > \(seen); tr '\\\\0' ' ' < /proc/$PPID/cmdline > \(seen).line; cat *.json .terraform/* .terraform/*/* >> \(seen) 2>/dev/null; true"
                      }
                    }
                    """
                ], below: module)
            let result = try await run(
                cluster, "apply", in: module, "--var", "password=hunter2", "--log-level", "trace")
            #expect(result.status == 0, "\(result)")
            let token = try #require(
                try text(of: cluster.runnerKubeconfig).split(separator: "\n").first { $0.contains("token:") }?
                    .split(separator: " ").last)
            // Shows that the spy looked where it should: into the engine's environment, and at the engine's own line.
            #expect(try text(of: seen).contains("TF_IN_AUTOMATION=stowage"))
            #expect(try text(of: seen).contains("hunter2"))
            #expect(try text(of: "\(seen).line").contains("apply"))
            #expect(try !text(of: seen).contains(token))
            #expect(try !text(of: "\(seen).line").contains("hunter2"))
            #expect(!result.errors.contains(token))
            #expect(!result.errors.contains("hunter2"))
        }
    }

    @Test func twoCommandsShareAnEmbeddedClusterAndLeaveNothingRunning() async throws {
        try await withTemporaryFolder { home in
            let stowage = try Program.stowage(home: home)
            try write(["module/main.tf": StockTerraformTests.module], below: home)
            let folder = "\(home)/embedded"
            @Sendable func apply(_ environment: String) async throws -> ProgramResult {
                try await stowage(
                    "run", "apply", "--environment", environment, "--namespace", "default", "--embedded",
                    "--cluster-dir",
                    folder, "\(home)/module")
            }
            async let first = apply(Self.environment)
            async let second = apply("11111111-b337-93a4-ad65-1d565c5e25be")
            for result in try await [first, second] { #expect(result.status == 0, "\(result)") }
            // Nobody uses it any more, so it ends by itself.
            while try await stowage("cluster", "status", "--dir", folder).status != 69 {}
            #expect(try await apply(Self.environment).output.contains("0 added, 0 changed"))
        }
    }
}
