import KubernetesAPI
import OrderedJSON
import TestScopes
import Testing

/// `stowage state`, from outside, with exactly the documented Role.
@Suite struct StateCommandTests {
    private static let environment = StockTerraformTests.environment

    private func text(serial: Int, resources: Int = 1, lineage: String = "6f1b2c3d-0000-4000-8000-00000000000a")
        -> String
    {
        let instance = """
            {"mode": "managed", "type": "terraform_data", "name": "a", "provider": "p", "instances": [{"attributes": \
            {"id": "i", "input": "hush"}, "sensitive_attributes": [[{"type": "get_attr", "value": "input"}]]}]}
            """
        return """
            {
              "version": 4,
              "terraform_version": "1.11.4",
              "serial": \(serial),
              "lineage": "\(lineage)",
              "outputs": {"url": {"value": "https://x", "type": "string"}, "key": {"value": "k", "sensitive": true}},
              "resources": [\(resources == 0 ? "" : instance)]
            }

            """
    }

    private func state(_ cluster: RunnerCluster, _ command: String, _ arguments: String...) async throws
        -> ProgramResult
    {
        var stowage = cluster.stowage
        stowage.folder = cluster.home
        return try await stowage.run(["state", command, "--kubeconfig", cluster.runnerKubeconfig] + arguments)
    }

    @Test func aStateIsPushedReadChangedAndTakenBack() async throws {
        try await RunnerCluster.with { cluster in
            try write(
                ["1": text(serial: 1), "2": text(serial: 2), "empty": text(serial: 3, resources: 0)],
                below: cluster.home)
            let absent = try await state(cluster, "pull", Self.environment)
            #expect(absent.status == 65)
            #expect(absent.errors.contains("has no state"))
            for file in ["1", "2"] {
                let pushed = try await state(cluster, "push", Self.environment, file, "-o", "json")
                #expect(pushed.status == 0, "\(pushed)")
                #expect(try JSON(parsing: pushed.output)["changed"] == true)
            }
            #expect(try await state(cluster, "pull", Self.environment).output == text(serial: 2))
            #expect(try await state(cluster, "pull", Self.environment, "--version", "1").output == text(serial: 1))

            let refused = try await state(cluster, "push", Self.environment, "empty")
            #expect(refused.status == 65)
            #expect(refused.errors.contains("--force emptied"), "\(refused)")
            #expect(refused.errors.contains("there: serial 2"))
            #expect(try await state(cluster, "push", Self.environment, "empty", "--force", "emptied").status == 0)

            let history = try JSON(parsing: try await state(cluster, "history", Self.environment, "-o", "json").output)
            #expect(history.array?.compactMap { $0["serial"]?.int } == [2, 1])
            #expect(history.array?.first?["why"] == "stowage state push")
            let diff = try await state(cluster, "diff", Self.environment)
            #expect(diff.status == 0, "\(diff)")
            #expect(diff.output.contains("VERSION 2 (SERIAL 2)   NOW (SERIAL 3)"), "\(diff)")
            #expect(diff.output.contains("removed   terraform_data.a   input"), "\(diff)")
            #expect(!diff.output.contains("hush"))
            let revealed = try await state(
                cluster, "diff", Self.environment, "2", "--show-sensitive", "-o", "yaml", "--detailed-exitcode")
            #expect(revealed.status == 2)
            #expect(revealed.output.contains("before: hush"), "\(revealed)")
            let same = try await state(cluster, "diff", Self.environment, "1", "2", "--detailed-exitcode")
            #expect(same.status == 0)
            #expect(same.errors.contains("no resource and no output differs"), "\(same)")
            let rollback = try await state(cluster, "rollback", Self.environment, "2")
            #expect(rollback.status == 0, "\(rollback)")
            #expect(try await state(cluster, "pull", Self.environment).output == text(serial: 4))
            #expect(try await state(cluster, "rollback", Self.environment, "99").status == 64)
        }
    }

    @Test func aStateIsShown() async throws {
        try await RunnerCluster.with { cluster in
            try write(["1": text(serial: 1)], below: cluster.home)
            #expect(try await state(cluster, "push", Self.environment, "1").status == 0)
            let list = try await state(cluster, "list")
            #expect(list.output.contains("\(Self.environment)   1 "), "\(list)")
            let long = try JSON(parsing: try await state(cluster, "list", "--long", "-o", "json").output)
            #expect(long.array?.first?["serial"] == 1)
            #expect(long.array?.first?["instances"] == 1)
            #expect(long.array?.first?["lock"] == .null)
            let show = try await state(cluster, "show", Self.environment)
            #expect(show.output.contains("terraform_data.a"), "\(show)")
            let resource = try await state(cluster, "show", Self.environment, "--resource", "terraform_data.a")
            #expect(resource.output.contains("(sensitive)") && !resource.output.contains("hush"), "\(resource)")
            let all = try await state(
                cluster, "show", Self.environment, "--resource", "terraform_data.a", "--show-sensitive")
            #expect(all.output.contains("hush"))
            let outputs = try await state(cluster, "outputs", Self.environment)
            #expect(outputs.output.contains("https://x") && outputs.output.contains("(sensitive)"), "\(outputs)")
            #expect(try await state(cluster, "outputs", Self.environment, "url", "--raw").output == "https://x")
            #expect(try await state(cluster, "outputs", Self.environment, "url").output == "\"https://x\"\n")
            #expect(try await state(cluster, "outputs", Self.environment, "nope").errors.contains("url, key"))
        }
    }

    @Test func aLockKeepsOthersOut() async throws {
        try await RunnerCluster.with { cluster in
            try write(["1": text(serial: 1), "2": text(serial: 2)], below: cluster.home)
            #expect(try await state(cluster, "push", Self.environment, "1").status == 0)
            let lock = try await state(cluster, "lock", Self.environment, "--reason", "audit 7")
            let identifier = String(lock.output.dropLast())
            #expect(lock.status == 0, "\(lock)")
            for command in ["push", "rollback"] {
                let refused = try await state(cluster, command, Self.environment, command == "push" ? "2" : "1")
                #expect(refused.status == 75, "\(refused)")
                #expect(refused.errors.contains("audit 7"), "\(refused)")
            }
            let waited = try await state(cluster, "lock", Self.environment, "--lock-timeout", "50ms")
            #expect(waited.status == 75)
            let locks = try await state(cluster, "locks", "-o", "json")
            #expect(try JSON(parsing: locks.output).array?.first?["id"]?.string == identifier, "\(locks)")
            #expect(try await state(cluster, "unlock", Self.environment, "another").status == 75)
            #expect(try await state(cluster, "unlock", Self.environment, identifier).status == 0)
            #expect(try await state(cluster, "unlock", Self.environment, identifier).status == 64)
            #expect(try await state(cluster, "push", Self.environment, "2").status == 0)
        }
    }

    @Test func badInputChangesNothing() async throws {
        try await RunnerCluster.with { cluster in
            try write(
                [
                    "3": #"{"version":3,"serial":1,"lineage":"l"}"#, "json": "{}", "text": "hello", "folder/x": "",
                    "good": text(serial: 1),
                ], below: cluster.home)
            for (file, status, hint) in [
                ("3", 65, "version 3"), ("json", 65, "no state file"), ("text", 65, "not JSON"),
                ("folder", 65, "is a folder"),
                ("nowhere", 74, "nowhere"),
            ] as [(String, Int32, String)] {
                let result = try await state(cluster, "push", Self.environment, file)
                #expect(result.status == status, "\(result)")
                #expect(result.errors.contains(hint), "\(result)")
            }
            #expect(try await state(cluster, "push", Self.environment.uppercased(), "good").status == 64)
            #expect(try await state(cluster, "push", Self.environment, "good", "--force", "all").status == 64)
            #expect(try await state(cluster, "lock", Self.environment, "--lock-timeout", "soon").status == 64)
            let count = try await cluster.asAdministrator {
                try await $0.list(.secret, namespace: RunnerCluster.namespace).all().count
            }
            #expect(count == 0)
        }
    }

    @Test func helpTeachesWithAnExample() async throws {
        try await withTemporaryFolder { home in
            let stowage = try Program.stowage(home: home)
            for command in [
                "list", "show", "outputs", "pull", "push", "diff", "history", "rollback", "lock", "unlock", "locks",
                "move",
                "remove",
                "backup", "verify", "restore",
            ] {
                let help = try await stowage("state", command, "--help")
                #expect(help.status == 0)
                #expect(help.output.contains("  stowage state \(command)") || help.output.contains("$(stowage state"))
                #expect(help.output.split(separator: "\n").allSatisfy { $0.count <= 80 }, "\(command)")
            }
        }
    }
}
