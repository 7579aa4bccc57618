import KubernetesAPI
import OrderedJSON
import StateStorage
import TerraformState
import TestScopes
import Testing

/// History and rollback, from outside, with exactly the documented Role and the real terraform.
@Suite(.enabled(if: Program.onPath("terraform", home: "/") != nil, "terraform is not on PATH"))
struct HistoryTests {
    private static let module = """
        variable "round" {}
        resource "terraform_data" "a" { input = var.round }
        output "round" { value = terraform_data.a.output }
        """

    /// An environment with a folder in which stock Terraform is initialised for it.
    private struct Place {
        let cluster: RunnerCluster
        let environment: String
        let terraform: Program

        init(_ cluster: RunnerCluster, _ index: Int) throws {
            self.cluster = cluster
            environment = "4b41bf32-b337-93a4-ad65-1d565c5e25b\(String(index, radix: 16))"
            terraform = try cluster.stockTerraform(
                in: "\(index)", for: environment, module: HistoryTests.module)
        }

        func apply(_ round: String) async throws {
            let result = try await terraform(
                "apply", "-auto-approve", "-no-color", "-input=false", "-var", "round=\(round)")
            try #require(result.status == 0, "\(result)")
        }

        func run(_ operation: String, _ round: String, _ arguments: String...) async throws -> ProgramResult {
            try await cluster.stowage.run(
                [
                    "run", operation, "--environment", environment, "--kubeconfig", cluster.runnerKubeconfig, "--var",
                    "round=\(round)",
                ] + arguments + [terraform.folder ?? ""])
        }

        func state(_ command: String, _ arguments: String...) async throws -> ProgramResult {
            try await cluster.stowage.run(
                ["state", command, "--kubeconfig", cluster.runnerKubeconfig, environment] + arguments)
        }

        func json(_ command: String, _ arguments: String...) async throws -> JSON {
            let result = try await state(command, arguments + ["-o", "json"])
            try #require(result.status == 0, "\(result)")
            return try JSON(parsing: result.output)
        }

        private func state(_ command: String, _ arguments: [String]) async throws -> ProgramResult {
            try await cluster.stowage.run(
                ["state", command, "--kubeconfig", cluster.runnerKubeconfig, environment] + arguments)
        }

        /// Serial and output of what is there.
        func current() async throws -> (serial: Int, round: String) {
            let state = try JSON(parsing: try await state("pull", []).output)
            return (state["serial"]?.int ?? -1, state["outputs"]?["round"]?["value"]?.string ?? "")
        }
    }

    /// A hundred times: back to a version, on from there with the stock engine.
    @Test(.timeLimit(.minutes(20))) func aHundredRollbacksEachFollowedByAnApply() async throws {
        try await RunnerCluster.with { cluster in
            try await cluster.asUser(of: cluster.runnerKubeconfig) { client in
                let store = StateStore(
                    client: client, namespace: RunnerCluster.namespace,
                    configuration: StateStoreConfiguration(writer: "tester@host", programVersion: "0.0.0"))
                try await withThrowingTaskGroup(of: Int.self) { group in
                    for index in 0..<4 {
                        group.addTask { try await rollBack(25, in: try Place(cluster, index), store) }
                    }
                    let done = try await group.reduce(0, +)
                    #expect(done == 100)
                }
            }
        }
    }

    /// - Returns: how many rounds went as they should.
    private func rollBack(_ rounds: Int, in place: Place, _ store: StateStore) async throws -> Int {
        try await place.terraform.initialise()
        try await place.apply("start")
        #expect(try await place.run("apply", "first", "--quiet").status == 0)
        // What version holds which round, as the history counts them.
        var expected = ["start", "first"]
        let environment = try EnvironmentID(place.environment)
        func current() async throws -> (serial: Int, round: String) {
            let state = try JSON(parsing: try #require(try await store.pull(environment)).file.bytes)
            return (state["serial"]?.int ?? -1, state["outputs"]?["round"]?["value"]?.string ?? "")
        }
        var (serial, round) = try await current()
        #expect(round == "first")
        for number in 0..<rounds {
            let versions = try await store.history(environment).map(\.number)
            try #require(versions == Array((1...expected.count).suffix(10).reversed()))
            // Any of those that are there, the oldest first of all.
            let target = versions[(number * 7 + versions.count - 1) % versions.count]
            let result = try await place.json("rollback", "\(target)")
            // What a run wrote is there already.
            if expected.last != round { expected.append(round) }
            try #require(result["serial"]?.int == serial + 1 && result["keptVersion"]?.int == expected.count)
            let now = try await current()
            try #require(now == (serial + 1, expected[target - 1]))
            // The state is sound for the engine: it changes what differs, and says so.
            round = "round \(number)"
            try await place.apply(round)
            let applied = try await current()
            try #require(applied.round == round && applied.serial > now.serial)
            serial = applied.serial
        }
        return rounds
    }

    @Test func aRunKeepsWhatItReplacesAndWhatItWrites() async throws {
        try await RunnerCluster.with { cluster in
            let place = try Place(cluster, 1)
            // The first run replaces nothing, and a plan writes nothing.
            #expect(try await place.run("apply", "one").status == 0)
            #expect(try await place.run("plan", "two").status == 0)
            #expect(try await place.json("history").array?.compactMap { $0["version"]?.int } == [1])
            #expect(try await place.state("pull", "--version", "1").output.contains(#""one""#))
            // What the stock engine writes is caught by the next run, or by any other write.
            try await place.terraform.initialise()
            try await place.apply("two")
            #expect(try await place.run("apply", "three", "--history", "3").status == 0)
            var history = try await place.json("history").array ?? []
            #expect(
                history.compactMap { $0["why"]?.string } == Array(repeating: "stowage run apply", count: 3))
            #expect(try await place.state("pull", "--version", "2").output.contains(#""two""#))
            #expect(try await place.state("pull", "--version", "3").output.contains(#""three""#))
            #expect(try await place.run("destroy", "three").status == 0)
            history = try await place.json("history").array ?? []
            #expect(
                history.compactMap { $0["why"]?.string } == [
                    "stowage run destroy", "stowage run destroy", "stowage run apply",
                ])
            let rollback = try await place.state("rollback", "3")
            #expect(rollback.status == 0, "\(rollback)")
            #expect(try await place.current().round == "three")
            #expect(try await place.run("apply", "four").status == 0)
            // Three, as was said, although nobody said it again.
            #expect(try await place.json("history").array?.compactMap { $0["version"]?.int } == [6, 5, 4])
        }
    }

    /// A stock engine that writes while a run of ours is under way: what it wrote is kept before the run's engine
    /// overwrites it.
    @Test(.timeLimit(.minutes(20))) func aRunKeepsWhatOthersWriteMeanwhile() async throws {
        try await RunnerCluster.with { cluster in
            let place = try Place(cluster, 2)
            try await place.terraform.initialise()
            try await place.apply("one")
            let slow = """
                variable "round" {}
                resource "terraform_data" "a" {
                  input = var.round
                  provisioner "local-exec" {
                    command = "touch \(cluster.home)/started; until test -e \(cluster.home)/go; do sleep 0.02; done"
                  }
                }
                resource "terraform_data" "b" { input = var.round }
                """
            try write(["main.tf": slow], below: "\(cluster.home)/slow")
            let replace = [
                "run", "apply", "--environment", place.environment, "--kubeconfig", cluster.runnerKubeconfig, "--var",
                "round=slow", "\(cluster.home)/slow",
            ]
            var tainted = try JSON(parsing: try await place.state("pull").output)
            tainted["resources"] = []
            tainted["outputs"] = [:]
            tainted["serial"] = 50
            try write(["empty": tainted.text], below: cluster.home)
            let emptied = try await place.state("push", "\(cluster.home)/empty", "--force", "emptied")
            #expect(emptied.status == 0, "\(emptied)")
            let result = try await cluster.stowage.whileRunning(replace) { _ in
                while !exists("\(cluster.home)/started") { try await Task.sleep(for: .milliseconds(10)) }
                let other = try await place.terraform(
                    "apply", "-auto-approve", "-no-color", "-input=false", "-lock=false", "-var", "round=meanwhile")
                #expect(other.status == 0, "\(other)")
                try write(["go": ""], below: cluster.home)
            }
            #expect(result.status == 0, "\(result)")
            let history = try await place.json("history").array ?? []
            let newest = try #require(history.first?["version"]?.int)
            #expect(try await place.state("pull", "--version", "\(newest)").output.contains(#""slow""#))
            #expect(try await place.state("pull", "--version", "\(newest - 1)").output.contains(#""meanwhile""#))
            #expect(try await place.state("pull", "--version", "\(newest - 2)").output.contains(#""serial":50"#))
            #expect(try await place.state("pull").output.contains(#""slow""#))
        }
    }

    @Test func aStateThatEnginesWouldMistakeStopsEveryRun() async throws {
        try await RunnerCluster.with { cluster in
            let place = try Place(cluster, 3)
            #expect(try await place.run("apply", "one").status == 0)
            let name = "tfstate-default-\(place.environment)"
            func secret() async throws -> JSON {
                try await cluster.asAdministrator {
                    try await $0.get(.secret, namespace: RunnerCluster.namespace, name: name)
                }
            }
            func change(_ change: @Sendable (inout JSON) -> Void) async throws {
                var secret = try await secret()
                change(&secret)
                _ = try await cluster.asAdministrator { [secret] in
                    try await $0.update(.secret, namespace: RunnerCluster.namespace, secret)
                }
            }
            func stops(_ hint: String) async throws {
                let before = try await secret()
                for operation in ["plan", "apply", "destroy"] {
                    let result = try await place.run(operation, "two")
                    #expect(result.status == 65, "\(result)")
                    #expect(result.errors.contains(hint), "\(result)")
                    #expect(!result.output.contains("Initializing"), "an engine was started")
                }
                #expect(try await secret() == before)
            }
            let good = try await secret()
            var copy = good
            copy["metadata"]?["name"] = "a-copy"
            copy["metadata"]?["resourceVersion"] = nil
            copy["metadata"]?["uid"] = nil
            try await cluster.asAdministrator { [copy] in
                _ = try await $0.create(.secret, namespace: RunnerCluster.namespace, copy)
            }
            try await stops("a-copy")
            try await cluster.asAdministrator {
                try await $0.delete(.secret, namespace: RunnerCluster.namespace, name: "a-copy")
            }
            try await change { $0["data"] = ["tfstate": "H4sIAAAAAAAA/w=="] }
            try await stops("damaged")
            // A state that is larger than what may be read is left alone, too, and can be told to be right.
            try await change { $0["data"] = good["data"] }
            let small = try await place.run("plan", "two", "--max-state-size", "100")
            #expect(small.status == 65 && small.errors.contains("--max-state-size"), "\(small)")
            #expect(try await place.run("plan", "two", "--max-state-size", "1GiB").status == 0)
        }
    }
}
