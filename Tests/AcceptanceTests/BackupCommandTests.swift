import OrderedJSON
import TestScopes
import Testing

/// `stowage state backup`, `verify` and `restore`, from outside, with exactly the documented Role.
@Suite struct BackupCommandTests {
    private static let environments = (0..<3).map { "4b41bf32-b337-93a4-ad65-1d565c5e250\($0)" }

    private func text(serial: Int, size: Int = 10) -> String {
        """
        {"version": 4, "terraform_version": "1.11.4", "serial": \(serial), "lineage": "l", "outputs": {}, \
        "resources": [{"mode": "managed", "type": "t", "name": "\(String(repeating: "n", count: size))", \
        "instances": [{}]}]}

        """
    }

    private func state(_ cluster: RunnerCluster, _ command: String, _ arguments: String...) async throws
        -> ProgramResult
    {
        var stowage = cluster.stowage
        stowage.folder = cluster.home
        return try await stowage.run(["state", command] + arguments + ["--kubeconfig", cluster.runnerKubeconfig])
    }

    private func verify(_ cluster: RunnerCluster, _ file: String) async throws -> ProgramResult {
        var stowage = cluster.stowage
        stowage.folder = cluster.home
        return try await stowage("state", "verify", file, "-o", "json")
    }

    private func push(_ cluster: RunnerCluster, serial: Int) async throws {
        try write(["state": text(serial: serial, size: 10 + serial)], below: cluster.home)
        for environment in Self.environments {
            let pushed = try await state(cluster, "push", environment, "state")
            #expect(pushed.status == 0, "\(pushed)")
        }
    }

    @Test func statesAreBackedUpAndComeBack() async throws {
        try await RunnerCluster.with { cluster in
            try await push(cluster, serial: 1)
            let backup = try await state(cluster, "backup", "--all", "b.tar", "-o", "json")
            #expect(backup.status == 0 && backup.errors.isEmpty, "\(backup)")
            #expect(try JSON(parsing: backup.output)["environments"]?.array?.count == 3)
            let sound = try await verify(cluster, "b.tar")
            #expect(sound.status == 0, "\(sound)")
            #expect(try JSON(parsing: sound.output)["sound"] == true)

            try await push(cluster, serial: 2)
            let planned = try await state(cluster, "restore", "b.tar", "--dry-run")
            #expect(planned.status == 65, "\(planned)")
            #expect(planned.errors.contains("3 of 3 environment(s) would not be restored"), "\(planned)")
            #expect(planned.errors.contains("--force lower-serial"), "\(planned)")
            let first = Self.environments[0]
            let restored = try await state(
                cluster, "restore", "b.tar", first, "--force", "lower-serial", "-o", "json")
            #expect(restored.status == 0, "\(restored)")
            let outcome = try #require(try JSON(parsing: restored.output).array?.first)
            #expect(outcome["action"] == "replaced" && outcome["serial"] == 3 && outcome["replacedSerial"] == 2)
            #expect(try await state(cluster, "pull", first).output == text(serial: 3, size: 11))
            #expect(try await state(cluster, "pull", Self.environments[1]).output == text(serial: 2, size: 12))
            let history = try JSON(parsing: try await state(cluster, "history", first, "-o", "json").output)
            #expect(history.array?.first?["why"]?.string?.hasPrefix("restore of the backup of ") == true)

            // The lock is somebody's: that one waits, and nothing else can be said to be wrong.
            let lock = try await state(cluster, "lock", Self.environments[1], "--reason", "audit")
            #expect(lock.status == 0, "\(lock)")
            let locked = try await state(
                cluster, "restore", "b.tar", Self.environments[1], "--force", "lower-serial")
            #expect(locked.status == 75 && locked.errors.contains("audit"), "\(locked)")
        }
    }

    @Test func badInputChangesNothing() async throws {
        try await RunnerCluster.with { cluster in
            let empty = try await state(cluster, "backup", "--all", "none.tar")
            #expect(empty.status == 65 && empty.errors.contains("has no states"), "\(empty)")
            try await push(cluster, serial: 1)
            try write(["folder/x": "", "there": "mine", "text": text(serial: 1)], below: cluster.home)
            let environment = Self.environments[0]
            for (arguments, status, hint) in [
                (["--all", "folder"], 65, "is a folder"), (["--all", "there"], 64, "--overwrite"),
                (["--all", "nowhere/b.tar"], 74, "nowhere"), ([environment], 64, "name the file"),
                (["b.tar"], 64, "--all"), (["--all", environment, "b.tar"], 64, "--all"),
                (["x", "b.tar"], 64, "not a UUID"), (["--all", "-"], 64, "file"),
            ] as [([String], Int32, String)] {
                var stowage = cluster.stowage
                stowage.folder = cluster.home
                let result = try await stowage.run(
                    ["state", "backup", "--kubeconfig", cluster.runnerKubeconfig] + arguments)
                #expect(result.status == status && result.errors.contains(hint), "\(arguments): \(result)")
            }
            #expect(!exists("\(cluster.home)/b.tar") && !exists("\(cluster.home)/b.tar.partial"))
            #expect(try TestScopes.text(of: "\(cluster.home)/there") == "mine")
            for (file, status, hint) in [
                ("folder", 65, "is a folder"), ("text", 65, "no tar"), ("nowhere", 74, "nowhere"),
            ]
                as [(String, Int32, String)]
            {
                for command in ["verify", "restore"] {
                    let result =
                        command == "verify" ? try await verify(cluster, file) : try await state(cluster, command, file)
                    #expect(result.status == status && result.errors.contains(hint), "\(result)")
                }
            }
        }
    }

    /// A limit on the size of files stands in for a disk that is full.
    @Test func aFullDiskIsGoneOnFrom() async throws {
        try await RunnerCluster.with { cluster in
            try write(["large": text(serial: 1, size: 40_000)], below: cluster.home)
            for environment in Self.environments {
                #expect(try await state(cluster, "push", environment, "large").status == 0)
            }
            let shell = try #require(Program.onPath("bash", home: cluster.home, folder: cluster.home))
            let command =
                "trap '' XFSZ; ulimit -f 100; exec \(cluster.stowage.path) state backup --all b.tar "
                + "--kubeconfig \(cluster.runnerKubeconfig)"
            let full = try await shell("-c", command)
            #expect(full.status == 74 && full.errors.contains("b.tar.partial"), "\(full)")
            #expect(!exists("\(cluster.home)/b.tar"))
            let resumed = try await state(cluster, "backup", "--all", "b.tar", "-o", "json")
            #expect(resumed.status == 0 && resumed.errors.contains("resumed b.tar.partial: 2 of 3"), "\(resumed)")
            #expect(try JSON(parsing: resumed.output)["resumed"] == 2)
            #expect(try await verify(cluster, "b.tar").status == 0)
        }
    }
}
