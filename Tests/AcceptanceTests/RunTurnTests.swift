import CLibrary
import KubernetesAPI
import LocalFiles
import OrderedJSON
import TestScopes
import Testing

/// Runs that take turns, and runs whose time is over, with the real terraform.
@Suite(
    .enabled(if: Program.onPath("terraform", home: "/") != nil, "terraform is not on PATH"), .timeLimit(.minutes(20)))
struct RunTurnTests {
    private static let environment = StockTerraformTests.environment

    private func run(_ cluster: RunnerCluster, _ operation: String, _ arguments: String...) -> [String] {
        ["run", operation, "--environment", Self.environment, "--kubeconfig", cluster.runnerKubeconfig] + arguments
            + ["\(cluster.home)/module"]
    }

    /// What the runs of the queue are, in their order.
    private func queue(_ cluster: RunnerCluster) async throws -> [JSON] {
        try await cluster.asAdministrator { client in
            let lease = try? await client.get(
                .lease, namespace: RunnerCluster.namespace, name: "stowage-run-\(Self.environment)")
            return try lease?.objectAnnotations["stowage-queue"].map { try JSON(parsing: $0).array ?? [] } ?? []
        }
    }

    private func until(_ condition: () async throws -> Bool) async throws {
        while try await !condition() { try await Task.sleep(for: .milliseconds(20)) }
    }

    /// A module whose apply says who begins and ends, and ends when it may.
    private func writeModule(_ cluster: RunnerCluster) throws {
        try write(
            [
                "module/main.tf": """
                variable "name" {}
                resource "terraform_data" "x" {
                  triggers_replace = var.name
                  provisioner "local-exec" {
                    command = "echo ${var.name} begins >> \(cluster.home)/order; until test -e \(cluster.home)/go; do sleep 0.05; done; echo ${var.name} ends >> \(cluster.home)/order"
                  }
                }
                """
            ], below: cluster.home)
    }

    private func apply(_ cluster: RunnerCluster, _ name: String) async throws -> ProgramResult {
        try await cluster.stowage.run(run(cluster, "apply", "--wait", "4m", "--var", "name=\(name)"))
    }

    @Test func aRunThatWaitsWorksWithTheModuleAsItWas() async throws {
        try await RunnerCluster.with { cluster in
            try writeModule(cluster)
            let module = try text(of: "\(cluster.home)/module/main.tf")
            async let first = apply(cluster, "first")
            try await until { (try? text(of: "\(cluster.home)/order")) == "first begins\n" }
            async let second = apply(cluster, "second")
            // Each run's copy stands at the very path of the module.
            let runs = "\(cluster.home)/.cache/stowage/runs"
            try await until {
                let copies = ((try? FolderTree.entries(of: runs)) ?? []).map {
                    "\(runs)/\($0)/root\(cluster.home)/module/main.tf"
                }
                return copies.count { (try? text(of: $0)) == module } == 2
            }
            try await until { try await queue(cluster).count == 2 }
            try write(["module/main.tf": "this is no module"], below: cluster.home)
            try PrivateFile.write("", to: "\(cluster.home)/go")
            for result in try await [first, second] { #expect(result.status == 0, "\(result)") }
            #expect(try text(of: "\(cluster.home)/order").hasSuffix("second begins\nsecond ends\n"))
        }
    }

    @Test func runsOfOneEnvironmentTakeTheirTurns() async throws {
        try await RunnerCluster.with { cluster in
            try writeModule(cluster)
            let stowage = cluster.stowage
            async let first = apply(cluster, "first")
            try await until { (try? text(of: "\(cluster.home)/order")) == "first begins\n" }
            async let second = apply(cluster, "second")
            try await until { try await queue(cluster).count == 2 }
            async let third = apply(cluster, "third")
            try await until { try await queue(cluster).count == 3 }

            let refused = try await stowage.run(run(cluster, "plan", "--no-wait", "--var", "name=late"))
            #expect(refused.status == 75, "\(refused)")
            #expect(refused.errors.contains("is busy: 3 runs are ahead, the first, of "), "\(refused)")
            #expect(refused.errors.contains("so it is at work"), "\(refused)")
            let late = try await stowage.run(run(cluster, "plan", "--wait", "50ms", "--var", "name=late"))
            #expect(late.status == 75, "\(late)")
            #expect(try await queue(cluster).count == 3)
            // One that is interrupted gives its place back.
            let gone = try await stowage.whileRunning(run(cluster, "plan", "--wait", "4m", "--var", "name=gone")) {
                process in
                try await until { try await queue(cluster).count == 4 }
                kill(process, SIGINT)
            }
            #expect(gone.status == 130, "\(gone)")
            #expect(try await queue(cluster).count == 3)

            try PrivateFile.write("", to: "\(cluster.home)/go")
            let results = try await [first, second, third]
            for result in results { #expect(result.status == 0, "\(result)") }
            #expect(
                try text(of: "\(cluster.home)/order")
                    == "first begins\nfirst ends\nsecond begins\nsecond ends\nthird begins\nthird ends\n")
            #expect(!results[0].errors.contains("waiting for the turn"), "\(results[0])")
            #expect(results[1].errors.contains("1 run is ahead, of "), "\(results[1])")
            #expect(results[2].errors.contains("2 runs are ahead, the first, of "), "\(results[2])")
            #expect(results[2].errors.contains(": stowage run apply\n"), "\(results[2])")
            #expect(try await queue(cluster) == [])
        }
    }

    @Test func anEngineThatIsRunByHandIsWaitedFor() async throws {
        try await RunnerCluster.with { cluster in
            try write(["module/main.tf": StockTerraformTests.module], below: cluster.home)
            let lock = try await cluster.stowage(
                "state", "lock", Self.environment, "--kubeconfig", cluster.runnerKubeconfig)
            #expect(lock.status == 0, "\(lock)")
            let id = lock.output.prefix { !$0.isWhitespace }
            let result = try await cluster.stowage.whileRunning(run(cluster, "apply", "--wait", "4m")) { _ in
                try await until { try await queue(cluster).count == 1 }
                let unlocked = try await cluster.stowage(
                    "state", "unlock", Self.environment, String(id), "--kubeconfig", cluster.runnerKubeconfig)
                #expect(unlocked.status == 0, "\(unlocked)")
            }
            #expect(result.status == 0, "\(result)")
            #expect(try await queue(cluster) == [])
        }
    }

    @Test func aRunWhoseTimeIsOverUnlocks() async throws {
        try await RunnerCluster.with { cluster in
            try write(["module/main.tf": SlowModule.text(started: "\(cluster.home)/started")], below: cluster.home)
            let result = try await cluster.stowage.run(run(cluster, "apply", "--timeout", "5s"))
            #expect(result.status == 124, "\(result)")
            #expect(result.errors.contains("the time limit of 5 s is over; the engine is interrupted"), "\(result)")
            let locks = try await cluster.stowage(
                "state", "locks", "-o", "json", "--kubeconfig", cluster.runnerKubeconfig, Self.environment)
            #expect(locks.output == "[]\n", "\(locks)")
            #expect(try await queue(cluster) == [])
        }
    }

    /// A program under the name of an engine that the interrupt does not reach, with the real one behind it.
    private func writeDeafEngine(_ cluster: RunnerCluster) throws -> String {
        let path = "\(cluster.home)/terraform"
        let engine = try #require(Program.onPath("terraform", home: cluster.home)).path
        try PrivateFile.write("#!/bin/sh\ntrap '' INT TERM\n\(engine) \"$@\"\nexit $?\n", to: path)
        chmod(path, 0o700)
        return path
    }

    @Test func anEngineThatIgnoresTheInterruptIsKilled() async throws {
        try await RunnerCluster.with { cluster in
            let started = "\(cluster.home)/started"
            try write(["module/main.tf": SlowModule.text(started: started)], below: cluster.home)
            let result = try await cluster.stowage.run(
                run(
                    cluster, "apply", "--timeout", "12s", "--grace-period", "1s", "--engine",
                    try writeDeafEngine(cluster)))
            #expect(result.status == 124, "\(result)")
            #expect(result.errors.contains("the time limit of 12 s is over; the engine is interrupted"), "\(result)")
            let engine = try #require(Int32(try text(of: started).dropLast()), "\(result)")
            // With all that it started: the real one is no child of ours.
            while isAlive(engine) { try await Task.sleep(for: .milliseconds(10)) }
            let locks = try await cluster.stowage(
                "state", "locks", "-o", "json", "--kubeconfig", cluster.runnerKubeconfig, Self.environment)
            #expect(locks.output == "[]\n", "\(locks)")
            #expect(try await queue(cluster) == [])
        }
    }

    /// Whoever was killed and not yet waited for is dead.
    private func isAlive(_ process: Int32) -> Bool {
        guard kill(process, 0) == 0, let status = try? text(of: "/proc/\(process)/stat") else { return false }
        return status.drop { $0 != ")" }.dropFirst(2).first != "Z"
    }
}
