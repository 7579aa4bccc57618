import LocalFiles
import TestScopes
import Testing

/// What the command line answers, with no cluster and no engine needed.
@Suite struct CommandLineTests {
    private static let environment = StockTerraformTests.environment

    private func stowage(_ arguments: [String], _ variables: [String: String] = [:]) async throws -> ProgramResult {
        try await withTemporaryFolder { home in
            var stowage = try Program.stowage(home: home)
            stowage.environment.merge(variables) { $1 }
            try write(["module/main.tf": "", "empty/README": "", "bad-kubeconfig": "a: [1"], below: home)
            stowage.folder = home
            return try await stowage.run(arguments)
        }
    }

    @Test func tellsItsVersion() async throws {
        let result = try await stowage(["--version"])
        #expect(result.status == 0)
        #expect(result.output.wholeMatch(of: #/\d+\.\d+\.\d+\n/#) != nil)
    }

    @Test func helpTeachesWithAnExampleAndTheExitStatus() async throws {
        let result = try await stowage(["run", "--help"])
        #expect(result.status == 0)
        #expect(result.output.contains("stowage run plan --namespace"))
        for status in ["0", "1", "64", "65", "69", "75", "77"] {
            #expect(
                result.output.contains(try Regex("(?m)^ +\(status)\\s+\\S")), "exit status \(status) is not documented")
        }
    }

    @Test(
        arguments: [
            (
                ["run", "plan", "--environment", "4B41BF32-b337-93a4-ad65-1d565c5e25be", "module"], 64,
                "pass 4b41bf32-b337-93a4-ad65-1d565c5e25be"
            ),
            (["run", "plan", "--environment", "prod", "module"], 64, "not a UUID"),
            (["run", "plan", "--environment", environment, "module"], 64, "--embedded"),
            (
                ["run", "plan", "--environment", environment, "--in-cluster", "--embedded", "module"], 64,
                "exclude one another"
            ),
            (["run", "plan", "--environment", environment, "--cluster-dir", "x", "module"], 64, "pass --embedded"),
            (
                [
                    "run", "plan", "--environment", environment, "--kubeconfig", "nowhere", "--engine", "/bin/true",
                    "module",
                ], 64,
                "nowhere"
            ),
            (
                [
                    "run", "plan", "--environment", environment, "--kubeconfig", "bad-kubeconfig", "--engine",
                    "/bin/true", "module",
                ],
                65, "bad-kubeconfig:"
            ),
            (
                ["run", "plan", "--environment", environment, "--in-cluster", "--engine", "/bin/true", "module"], 64,
                "KUBERNETES_SERVICE_HOST"
            ),
            (
                [
                    "run", "plan", "--environment", environment, "--embedded", "--engine", "/nowhere/terraform",
                    "module",
                ], 64,
                "/nowhere/terraform"
            ),
            (["run", "plan", "--environment", environment, "--embedded", "nowhere"], 64, "is no folder"),
            (["run", "plan", "--environment", environment, "--embedded", "empty"], 64, "would destroy"),
            (
                [
                    "run", "plan", "--environment", environment, "--embedded", "--engine", "/bin/true", "-n",
                    "Bad_Name", "module",
                ], 64,
                "Bad_Name"
            ),
            (
                ["run", "plan", "--environment", environment, "--embedded", "--engine", "/bin/true", "module"], 64,
                "--namespace"
            ),
            (["run", "plan", "--environment", environment, "--lock-timeout", "soon", "module"], 64, "no duration"),
            (["run", "plan", "--environment", environment, "--var", "novalue", "module"], 64, "NAME=VALUE"),
            (
                [
                    "run", "plan", "--environment", "4b41bf32-b337-93a4-ad65-123456789012", "--embedded", "--engine",
                    "/bin/true",
                    "-n", "default", "module",
                ], 65, "--engine tofu"
            ),
            (
                ["run", "plan", "--environment", environment, "--embedded", "--engine", "/bin/true", "-n", "default"],
                64,
                "module-dir"
            ),
            (["cluster", "start", "--port", "0"], 64, "--port 0"), (["nonsense"], 64, "nonsense"),
            (["cluster", "kubeconfig", "--dir", "c"], 69, "stowage cluster start"),
        ] as [([String], Int32, String)])
    func saysWhatIsWrongAndWhatToPass(_ arguments: [String], _ status: Int32, _ hint: String) async throws {
        let result = try await stowage(arguments)
        #expect(result.status == status, "\(result)")
        #expect(result.errors.contains(hint), "\(result)")
        #expect(result.output.isEmpty)
    }

    @Test(arguments: [["run", "plan"], ["deploy", "--config", "none"]])
    func whatStandsInTheWrongPlaceIsNotRepeated(_ command: [String]) async throws {
        let result = try await stowage(
            command + ["--environment", Self.environment, "--var", "a=b", "--var", "hunter2-hunter2", "module"])
        #expect(result.status == 64, "\(result)")
        #expect(result.errors.contains("place 2 of 2"))
        #expect(!result.errors.contains("hunter2"))
    }

    @Test func anotherWorkspaceIsRefused() async throws {
        let result = try await stowage(
            ["run", "plan", "--environment", Self.environment, "--embedded", "-n", "x", "module"],
            ["TF_WORKSPACE": "dev"])
        #expect(result.status == 64)
        #expect(result.errors.contains("TF_WORKSPACE"))
    }

    @Test func aStoppedClusterSaysSo() async throws {
        let result = try await stowage(["cluster", "status", "--dir", "c", "-o", "json"])
        #expect(result.status == 69)
        #expect(result.output.contains(#""running": false"#))
        #expect(try await stowage(["cluster", "stop", "--dir", "c"]).status == 0)
    }

    @Test func aSecondClusterInTheSameFolderIsRefused() async throws {
        try await RunnerCluster.with { cluster in
            let result = try await cluster.stowage("cluster", "start", "--dir", cluster.folder)
            #expect(result.status == 75, "\(result)")
            #expect(result.errors.contains(cluster.folder))
            let again = try await cluster.stowage("cluster", "start", "--dir", cluster.folder, "--detach")
            #expect(again.status == 0)
            #expect(again.output == cluster.adminKubeconfig + "\n")
        }
    }

    @Test func aDetachedClusterSaysWhyItDidNotStartAndKeepsTheLogBefore() async throws {
        try await withTemporaryFolder { home in
            let stowage = try Program.stowage(home: home)
            try write(["c/store.sqlite": "no database", "c/cluster.log": "the one before\n"], below: home)
            let result = try await stowage("cluster", "start", "--dir", "\(home)/c", "--detach")
            #expect(result.status == 69, "\(result)")
            #expect(result.errors.matches(of: #/stowage:/#).count == 1, "\(result)")
            #expect(try text(of: "\(home)/c/cluster.log.1") == "the one before\n")
        }
    }
}
