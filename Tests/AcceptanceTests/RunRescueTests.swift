import CLibrary
import KubernetesAPI
import LocalFiles
import OrderedJSON
import TestScopes
import Testing

/// No run ends with what it changed unknown.
@Suite(
    .enabled(if: Program.onPath("terraform", home: "/") != nil, "terraform is not on PATH"), .timeLimit(.minutes(20)))
struct RunRescueTests {
    private static let environment = StockTerraformTests.environment
    private static let lineage = "6f1b2c3d-0000-4000-8000-00000000000a"

    private func run(_ cluster: RunnerCluster, _ operation: String, _ arguments: String...) async throws
        -> ProgramResult
    {
        try await cluster.stowage.run(
            ["run", operation, "--environment", Self.environment, "--kubeconfig", cluster.runnerKubeconfig] + arguments
                + ["\(cluster.home)/module"])
    }

    private func state(_ cluster: RunnerCluster, _ command: String, _ arguments: String...) async throws
        -> ProgramResult
    {
        try await cluster.stowage.run(["state", command, "--kubeconfig", cluster.runnerKubeconfig] + arguments)
    }

    /// A program under the name of an engine that leaves a state of that serial behind, and fails.
    private func writeEngine(_ cluster: RunnerCluster, serial: Int) throws -> String {
        let path = "\(cluster.home)/terraform"
        let state =
            #"{"version": 4, "terraform_version": "1.11.4", "serial": \#(serial), "lineage": "\#(Self.lineage)", "#
            + #""outputs": {"serial": {"value": \#(serial), "type": "number"}}, "resources": []}"#
        try PrivateFile.write(
            "#!/bin/sh\n[ \"$1\" = init ] && exit 0\necho '\(state)' > errored.tfstate\nexit 1\n", to: path)
        chmod(path, 0o700)
        return path
    }

    @Test func aStateThatTheEngineCouldNotSaveIsSaved() async throws {
        try await RunnerCluster.with { cluster in
            try write(["module/main.tf": StockTerraformTests.module], below: cluster.home)
            for serial in [3, 8] {
                let result = try await run(cluster, "apply", "--engine", try writeEngine(cluster, serial: serial))
                #expect(result.status == 1, "\(result)")
                #expect(result.errors.contains("Stowage did, as serial \(serial)"), "\(result)")
                let pulled = try await state(cluster, "pull", Self.environment)
                #expect(try JSON(parsing: pulled.output)["serial"]?.int == serial)
            }
            #expect(try FolderTree.entries(of: "\(cluster.home)/.local/state/stowage/errored") == [])
            // One that does not follow what is there stays in a file, and the run says how it can be saved.
            let refused = try await run(cluster, "apply", "--engine", try writeEngine(cluster, serial: 5))
            #expect(refused.status == 1, "\(refused)")
            #expect(refused.errors.contains("the new state has a lower serial"), "\(refused)")
            let file = String(try #require(refused.errors.firstMatch(of: #/It is in (\S+\.tfstate),/#)).1)
            var information = stat()
            #expect(stat(file, &information) == 0)
            #expect(information.st_mode & 0o777 == 0o600)
            let command =
                "stowage state push \(Self.environment) \(file) --namespace \(RunnerCluster.namespace) --kubeconfig "
                + cluster.runnerKubeconfig
            #expect(refused.errors.contains("`\(command)`"), "\(refused)")
            let pushed = try await cluster.stowage.run(
                command.split(separator: " ").dropFirst().map(String.init) + ["--force", "lower-serial"])
            #expect(pushed.status == 0, "\(pushed)")
            let pulled = try await state(cluster, "pull", Self.environment)
            #expect(try JSON(parsing: pulled.output)["serial"]?.int == 5)
        }
    }

    /// SIGKILL for Stowage; its engine goes on, prints to nobody, finds nobody to save its state with, and leaves a file.
    @Test func whatTheEngineOfAKilledRunLeftIsSavedByTheNextRun() async throws {
        try await RunnerCluster.with { cluster in
            let (started, go) = ("\(cluster.home)/started", "\(cluster.home)/go")
            try write(["module/main.tf": SlowModule.text(started: started, until: go)], below: cluster.home)
            let arguments = [
                "run", "apply", "--environment", Self.environment, "--kubeconfig", cluster.runnerKubeconfig,
                "\(cluster.home)/module",
            ]
            _ = try await cluster.stowage.whileRunning(arguments) { process in
                while !exists(started) { try await Task.sleep(for: .milliseconds(10)) }
                kill(process, SIGKILL)
            }
            try await cluster.asAdministrator { client in
                var lease = try await client.get(
                    .lease, namespace: RunnerCluster.namespace, name: "stowage-run-\(Self.environment)")
                lease["spec"]?["renewTime"] = "2026-01-01T00:00:00.000000Z"
                _ = try await client.update(.lease, namespace: RunnerCluster.namespace, lease)
            }
            let engine = try #require(Int32(try text(of: started).dropLast()))
            // As long as the engine works, nobody takes its lock.
            let early = try await run(cluster, "apply", "--no-wait")
            #expect(early.status == 75, "\(early)")
            #expect(early.errors.contains("process \(engine), is still at work"), "\(early)")
            try PrivateFile.write("", to: go)
            while kill(engine, 0) == 0 { try await Task.sleep(for: .milliseconds(20)) }

            let result = try await run(cluster, "apply")
            #expect(result.status == 0, "\(result)")
            #expect(result.errors.contains("took over the lock of environment \(Self.environment) from "), "\(result)")
            #expect(result.errors.contains("Stowage did, as serial"), "\(result)")
            #expect(result.output.contains("0 added, 0 changed, 0 destroyed"), "\(result)")
        }
    }

    @Test func aLargeStateShrinksUnderTheDocumentedRole() async throws {
        try await RunnerCluster.with { cluster in
            var random = SystemRandomNumberGenerator()
            let large = Base64.encode((0..<600_000).map { _ in UInt8.random(in: .min ... .max, using: &random) })
            try write(
                [
                    "module/main.tf": #"resource "terraform_data" "x" { input = file("${path.module}/content") }"#,
                    "module/content": large,
                ], below: cluster.home)
            let grown = try await run(cluster, "apply")
            #expect(grown.status == 0, "\(grown.errors)")
            let second = "tfstate-default-\(Self.environment)-part-1"
            @Sendable func labels() async throws -> [String: String] {
                try await cluster.asAdministrator {
                    try await $0.get(.secret, namespace: RunnerCluster.namespace, name: second).objectLabels
                }
            }
            #expect(try await labels()["tfstate"] == "true")
            try write(["module/content": "small"], below: cluster.home)
            let shrunk = try await run(cluster, "apply")
            #expect(shrunk.status == 0, "\(shrunk.errors)")
            #expect(try await labels()["tfstate"] == nil)
            let pulled = try await state(cluster, "pull", Self.environment)
            #expect(pulled.status == 0 && pulled.output.utf8.count < 4000, "\(pulled.errors)")
            let planned = try await run(cluster, "plan")
            #expect(planned.output.contains("No changes"), "\(planned)")
        }
    }

    @Test func anApplyThatLeavesNothingSaysSoLoudly() async throws {
        try await RunnerCluster.with { cluster in
            try write(["module/main.tf": #"resource "terraform_data" "x" {}"#], below: cluster.home)
            #expect(try await run(cluster, "apply").status == 0)
            let before = try JSON(parsing: try await state(cluster, "history", Self.environment, "-o", "json").output)
            #expect(before.array?.first?["resources"]?.int == 1, "\(before.text)")
            try write(["module/main.tf": #"output "x" { value = 1 }"#], below: cluster.home)
            let emptied = try await run(cluster, "apply")
            #expect(emptied.status == 0, "\(emptied)")
            let match = try #require(emptied.errors.firstMatch(of: #/WARNING.*`stowage (state rollback [^`]+)`/#))
            let rolledBack = try await cluster.stowage.run(
                match.1.split(separator: " ").map(String.init))
            #expect(rolledBack.status == 0, "\(rolledBack)")
            let pulled = try await state(cluster, "pull", Self.environment)
            #expect(try JSON(parsing: pulled.output)["resources"]?.array?.count == 1)
            // A destroy is meant to.
            let destroyed = try await run(cluster, "destroy")
            #expect(destroyed.status == 0 && !destroyed.errors.contains("WARNING"), "\(destroyed)")
        }
    }
}
