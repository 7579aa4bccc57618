import CLibrary
import KubernetesAPI
import LocalFiles
import OrderedJSON
import TestScopes
import Testing

/// `stowage run --json`, and `stowage run output` and `refresh`, with the real terraform.
@Suite(.enabled(if: Program.onPath("terraform", home: "/") != nil, "terraform is not on PATH"))
struct RunJSONTests {
    private static let environment = StockTerraformTests.environment
    private static let module = """
        variable "who" { default = "world" }
        resource "terraform_data" "greeting" { input = "Hello, ${var.who}!" }
        output "greeting" { value = terraform_data.greeting.output }
        output "list" { value = ["a", "b"] }
        output "password" {
          value     = "hunter2"
          sensitive = true
        }
        """

    private func run(_ cluster: RunnerCluster, _ operation: String, _ options: String...) async throws -> ProgramResult
    {
        try await cluster.stowage.run(
            ["run", operation, "--environment", Self.environment, "--kubeconfig", cluster.runnerKubeconfig] + options)
    }

    private func lines(_ result: ProgramResult) throws -> [JSON] {
        try result.output.split(separator: "\n").map { try JSON(parsing: String($0)) }
    }

    @Test func everyLineIsJSONAndTheLastOneTheResult() async throws {
        try await RunnerCluster.with { cluster in
            let module = "\(cluster.home)/module"
            try write(["main.tf": Self.module], below: module)
            let apply = try await run(cluster, "apply", "--json", module)
            #expect(apply.status == 0, "\(apply)")
            let events = try lines(apply)
            let phases = events.filter { $0["type"] == "phase" }.compactMap { $0["phase"]?.string }
            #expect(phases == ["state", "folder", "init", "engine"])
            let created = events.filter { $0["type"] == "resource" }.map { ($0["address"], $0["progress"]) }
            #expect(created.map { $0.1 } == ["planned", "started", "done"], "\(apply)")
            #expect(created.allSatisfy { $0.0 == "terraform_data.greeting" })
            #expect(events.contains { $0["event"]?["type"] == "init_output" }, "\(apply)")
            #expect(events.contains { $0["event"]?["type"] == "change_summary" }, "\(apply)")
            let result = try #require(events.last)
            #expect(result["type"] == "result")
            #expect(result["operation"] == "apply")
            #expect(result["environment"] == .string(Self.environment))
            #expect(result["namespace"] == .string(RunnerCluster.namespace))
            #expect(result["status"] == "success")
            #expect(result["exitStatus"] == 0)
            #expect(result["counts"] == ["added": 1, "changed": 0, "removed": 0])
            #expect(result["outputs"] == ["greeting", "list", "password"])
            #expect(result["serialAfter"]?.int != nil)
            #expect(result["milliseconds"]?.int != nil)
            #expect(!apply.output.contains("hunter2"))

            let changed = try await run(
                cluster, "plan", "--json", "--detailed-exitcode", "--var", "who=you", module)
            #expect(changed.status == 2, "\(changed)")
            #expect(try lines(changed).last?["hasChanges"] == true)
            #expect(try lines(changed).last?["exitStatus"] == 2)
            #expect(try lines(changed).last?["counts"] == ["added": 0, "changed": 1, "removed": 0])
        }
    }

    @Test func aFailureIsTheResultToo() async throws {
        try await RunnerCluster.with { cluster in
            let module = "\(cluster.home)/module"
            try write(["main.tf": "variable \"who\" {}\noutput \"x\" { value = var.who }"], below: module)
            let missing = try await run(cluster, "apply", "--json", module)
            #expect(missing.status == 1, "\(missing)")
            let events = try lines(missing)
            #expect(events.contains { $0["event"]?["diagnostic"]?["summary"] == "No value for required variable" })
            #expect(events.last?["status"] == "failure")
            #expect(events.last?["exitStatus"] == 1)
            #expect(events.last?["error"]?["message"]?.string?.contains("failed") == true)

            let folder = try await run(cluster, "plan", "--json", "\(cluster.home)/nowhere")
            #expect(folder.status == 64, "\(folder)")
            #expect(try lines(folder).map { $0["exitStatus"] } == [64])
        }
    }

    @Test func aReaderThatGoesAwayDoesNotStopTheEngine() async throws {
        try await RunnerCluster.with { cluster in
            let (module, go, done) = ("\(cluster.home)/module", "\(cluster.home)/go", "\(cluster.home)/done")
            try write(
                [
                    "main.tf": """
                    resource "terraform_data" "slow" {
                      provisioner "local-exec" {
                        command = "while [ ! -e \(go) ]; do sleep 0.05; done; for i in 1 2 3 4 5; do echo $i; done; touch \(done)"
                      }
                    }
                    """
                ], below: module)
            let shell = Program("/bin/sh", environment: cluster.stowage.environment)
            for option in ["--json", "--parallelism=10"] {
                for path in [go, done] { unlink(path) }
                // The reader ends after the first line; only then does the resource go on.
                let result = try await shell(
                    "-c",
                    "{ \(cluster.stowage.path) run apply --environment \(Self.environment) --kubeconfig "
                        + "\(cluster.runnerKubeconfig) --replace terraform_data.slow \(option) \(module); "
                        + "echo $? > \(cluster.home)/status; } | { read line; exec 0<&-; touch \(go); }")
                #expect(result.status == 0, "\(result)")
                #expect(try text(of: "\(cluster.home)/status") == "0\n", "\(option): \(result)")
                #expect(exists(done), "\(option)")
            }
        }
    }

    @Test func outputReadsTheStateWithoutAnEngine() async throws {
        try await RunnerCluster.with { cluster in
            let module = "\(cluster.home)/module"
            try write(["main.tf": Self.module], below: module)
            #expect(try await run(cluster, "apply", module).status == 0)
            let list = try await run(cluster, "output")
            #expect(list.output.contains("Hello, world!") && !list.output.contains("hunter2"), "\(list)")
            #expect(try await run(cluster, "output", "greeting", "-raw").output == "Hello, world!")
            #expect(try await run(cluster, "output", "greeting").output == "\"Hello, world!\"\n")
            let all = try JSON(parsing: try await run(cluster, "output", "-json").output)
            #expect(all["greeting"] == ["sensitive": false, "type": "string", "value": "Hello, world!"])
            #expect(
                all["list"] == ["sensitive": false, "type": ["tuple", ["string", "string"]], "value": ["a", "b"]])
            #expect(all["password"]?["value"] == "hunter2")
            #expect(try await run(cluster, "output", "list", "--raw").status == 64)
            let unknown = try await run(cluster, "output", "nothing")
            #expect(unknown.status == 65, "\(unknown)")
            #expect(unknown.errors.contains("greeting, list, password"), "\(unknown)")
        }
    }

    @Test func refreshChangesTheStateOnly() async throws {
        try await RunnerCluster.with { cluster in
            let module = "\(cluster.home)/module"
            try write(["main.tf": Self.module], below: module)
            #expect(try await run(cluster, "apply", module).status == 0)
            let refresh = try await run(cluster, "refresh", "--var", "who=you", module)
            #expect(refresh.status == 0, "\(refresh)")
            #expect(refresh.errors.contains("succeeded: 0 added, 0 changed, 0 destroyed"), "\(refresh)")
            #expect(try await run(cluster, "output", "greeting", "--raw").output == "Hello, world!")
        }
    }
}
