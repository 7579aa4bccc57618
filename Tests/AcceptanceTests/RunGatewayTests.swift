import CLibrary
import KubernetesAPI
import LocalFiles
import OrderedJSON
import TestScopes
import Testing

/// `stowage run --backend gateway`: the real terraform with its `http` backend, against a cluster where Stowage has exactly the
/// documented Role.
@Suite(
    .enabled(if: Program.onPath("terraform", home: "/") != nil, "terraform is not on PATH"), .timeLimit(.minutes(20)))
struct RunGatewayTests {
    private static let environment = StockTerraformTests.environment
    private static let numeric = "4b41bf32-b337-93a4-ad65-123456789012"

    private func arguments(
        _ cluster: RunnerCluster, _ operation: String, backend: String = "gateway", environment: String = environment,
        _ more: [String] = []
    ) -> [String] {
        [
            "run", operation, "--backend", backend, "--environment", environment, "--kubeconfig",
            cluster.runnerKubeconfig,
        ] + more + ["\(cluster.home)/module"]
    }

    private func run(
        _ cluster: RunnerCluster, _ operation: String, backend: String = "gateway", environment: String = environment,
        _ more: String...
    ) async throws -> ProgramResult {
        try await cluster.stowage.run(
            arguments(cluster, operation, backend: backend, environment: environment, more))
    }

    private func state(_ cluster: RunnerCluster, _ command: String, _ arguments: String...) async throws
        -> ProgramResult
    {
        try await cluster.stowage.run(["state", command, "--kubeconfig", cluster.runnerKubeconfig] + arguments)
    }

    private func doctor(_ cluster: RunnerCluster) async throws -> ProgramResult {
        try await cluster.stowage("doctor", "--kubeconfig", cluster.runnerKubeconfig)
    }

    private func slowModule(_ command: String) -> String {
        """
        resource "terraform_data" "first" {}
        resource "terraform_data" "slow" {
          depends_on = [terraform_data.first]
          provisioner "local-exec" { command = "\(command)" }
        }
        """
    }

    /// Whatever the module declares.
    @Test(
        arguments: [
            (environment, #"backend "kubernetes" { secret_suffix = "another" }"#),
            (numeric, "cloud {\n workspaces {\n name = \"another\"\n }\n }"),
        ])
    func plansAppliesAndDestroys(environment: String, declared: String) async throws {
        try await RunnerCluster.with { cluster in
            let block = "terraform {\n  \(declared)\n}\n"
            try write(["module/main.tf": StockTerraformTests.module, "module/backend.tf": block], below: cluster.home)
            let plan = try await run(cluster, "plan", environment: environment)
            #expect(plan.status == 0 && plan.output.contains("1 to add"), "\(plan)")
            let apply = try await run(cluster, "apply", environment: environment, "--var", "who=you")
            #expect(apply.status == 0 && apply.output.contains(#"greeting = "Hello, you!""#), "\(apply)")
            let again = try await run(cluster, "plan", environment: environment, "--var", "who=you")
            #expect(again.output.contains("No changes."), "\(again)")
            let secrets = try await cluster.asAdministrator {
                try await $0.list(.secret, namespace: RunnerCluster.namespace, labelSelector: "tfstate=true").all()
            }
            #expect(secrets.compactMap(\.objectName) == ["tfstate-default-\(environment)"])
            let destroy = try await run(cluster, "destroy", environment: environment)
            #expect(destroy.status == 0 && destroy.output.contains("1 destroyed"), "\(destroy)")
            let history = try await state(cluster, "history", environment)
            #expect(history.output.contains("stowage run destroy"), "\(history)")
            let locks = try await state(cluster, "locks", environment, "-o", "json")
            #expect(locks.output == "[]\n", "\(locks)")
            #expect(try FolderTree.entries(of: "\(cluster.home)/module") == ["backend.tf", "main.tf"])
            #expect(try FolderTree.entries(of: "\(cluster.home)/.cache/stowage/runs") == [])
        }
    }

    @Test func alternatesWithEverythingElse() async throws {
        try await RunnerCluster.with { cluster in
            try write(["module/main.tf": StockTerraformTests.module], below: cluster.home)
            let terraform = try cluster.stockTerraform(for: Self.environment, module: StockTerraformTests.module)
            try await terraform.initialise()
            for round in 1...2 {
                for backend in ["kubernetes", "gateway"] {
                    let run = try await run(cluster, "apply", backend: backend, "--var", "who=\(backend)\(round)")
                    #expect(run.status == 0, "\(run)")
                }
                let stock = try await terraform("apply", "-auto-approve", "-no-color", "-var", "who=stock\(round)")
                #expect(stock.status == 0 && stock.output.contains("Hello, stock\(round)!"), "\(stock)")

                let pulled = try await state(cluster, "pull", Self.environment).output
                var json = try JSON(parsing: pulled)
                json["serial"] = .number(JSONNumber((json["serial"]?.int ?? 0) + 1))
                json["outputs"]?["greeting"]?["value"] = "Hello, push!"
                try write(["pushed": json.text], below: cluster.home)
                let push = try await state(cluster, "push", Self.environment, "\(cluster.home)/pushed")
                #expect(push.status == 0, "\(push)")
            }
            let plan = try await run(cluster, "plan", "--var", "who=stock2")
            #expect(plan.status == 0 && plan.output.contains("Hello, push!"), "\(plan)")
            let doctor = try await doctor(cluster)
            #expect(doctor.status == 0, "\(doctor)")
        }
    }

    @Test func aStateOfManyPartsGrowsAndShrinks() async throws {
        try await RunnerCluster.with { cluster in
            try write(
                [
                    "module/main.tf": """
                    resource "terraform_data" "large" { input = sensitive(file("${path.module}/content")) }
                    """
                ], below: cluster.home)
            var generator = SystemRandomNumberGenerator()
            let words = (0..<5_600_000 * 3 / 4 / 8).map { _ in generator.next() }
            let digits = Base64.encode(words.withUnsafeBytes { Array($0) })
            // Input and output are both in the state, and gzip sees them too far apart to notice.
            for (size, parts) in [(2_800_000, 5), (300, 1), (1_000_000, 2)] {
                try write(["module/content": String(digits.prefix(size))], below: cluster.home)
                let apply = try await run(cluster, "apply", "--quiet")
                #expect(apply.status == 0, "\(apply.errors)")
                let shown = try JSON(parsing: try await state(cluster, "list", "-o", "json").output)
                #expect(shown.array?.first?["parts"]?.int == parts, "\(shown.text)")
                let plan = try await run(cluster, "plan", "--quiet")
                #expect(plan.output.contains("No changes."), "\(plan.errors)")
            }
            let doctor = try await doctor(cluster)
            #expect(doctor.status == 0, "\(doctor)")
        }
    }

    @Test func aHeldLockIsToldAsWithTheOtherBackend() async throws {
        try await RunnerCluster.with { cluster in
            try write(["module/main.tf": StockTerraformTests.module], below: cluster.home)
            let locked = try await state(cluster, "lock", Self.environment)
            #expect(locked.status == 0, "\(locked)")
            let id = String(locked.output.dropLast())
            var said: [String] = []
            for backend in ["kubernetes", "gateway"] {
                let result = try await run(cluster, "plan", backend: backend)
                #expect(result.status == 75, "\(result)")
                said.append(String(result.errors.split(separator: "\n").last ?? ""))
            }
            #expect(said[0] == said[1] && said[0].contains("is held by") && said[0].contains(id), "\(said)")
        }
    }

    @Test func waitsForALock() async throws {
        try await RunnerCluster.with { cluster in
            try write(["module/main.tf": StockTerraformTests.module], below: cluster.home)
            let id = String(try await state(cluster, "lock", Self.environment).output.dropLast())
            let arguments = arguments(cluster, "apply", ["--lock-timeout", "4m"])
            let result = try await cluster.stowage.whileRunning(arguments) { _ in
                var isWaiting = false
                while !isWaiting {
                    let lease = try? await cluster.asAdministrator {
                        try await $0.get(
                            .lease, namespace: RunnerCluster.namespace, name: "stowage-run-\(Self.environment)")
                    }
                    isWaiting = lease?.objectAnnotations["stowage-queue"] != nil
                    try await Task.sleep(for: .milliseconds(10))
                }
                #expect(try await state(cluster, "unlock", Self.environment, id).status == 0)
            }
            #expect(result.status == 0, "\(result)")
        }
    }

    @Test func aRunThatLostItsLockWritesNoState() async throws {
        try await RunnerCluster.with { cluster in
            let (started, go) = ("\(cluster.home)/started", "\(cluster.home)/go")
            let command = "touch \(started); while [ ! -e \(go) ]; do sleep 0.05; done"
            try write(["module/main.tf": slowModule(command)], below: cluster.home)
            let result = try await cluster.stowage.whileRunning(arguments(cluster, "apply")) { _ in
                while !exists(started) { try await Task.sleep(for: .milliseconds(10)) }
                try await cluster.asAdministrator { client in
                    let name = "lock-tfstate-default-\(Self.environment)"
                    var lease = try await client.get(.lease, namespace: RunnerCluster.namespace, name: name)
                    lease["spec"]?["holderIdentity"] = "another"
                    _ = try await client.update(.lease, namespace: RunnerCluster.namespace, lease)
                }
                try write(["go": ""], below: cluster.home)
            }
            #expect(result.status == 75, "\(result)")
            #expect(result.errors.contains("was lost"), "\(result)")
            let kept = try #require(result.errors.firstMatch(of: #/It is in (\S+\.tfstate),/#)).1
            #expect(try JSON(parsing: try text(of: String(kept)))["resources"]?.array?.count == 2)
            #expect(try await state(cluster, "pull", Self.environment).status == 65)
        }
    }

    @Test func theLockOfAKilledEngineIsGivenBack() async throws {
        try await RunnerCluster.with { cluster in
            try write(["module/main.tf": slowModule("kill -9 $PPID; exec sleep 600")], below: cluster.home)
            let result = try await run(cluster, "apply")
            #expect(result.status == 1, "\(result)")
            #expect(result.errors.contains("ended by signal 9"), "\(result)")
            let locks = try await state(cluster, "locks", Self.environment, "-o", "json")
            #expect(locks.output == "[]\n", "\(locks)")
            try write(["module/main.tf": StockTerraformTests.module], below: cluster.home)
            let next = try await run(cluster, "apply")
            #expect(next.status == 0, "\(next)")
        }
    }

    @Test func anInterruptLetsTheEngineFinishAndUnlock() async throws {
        try await RunnerCluster.with { cluster in
            let started = "\(cluster.home)/started"
            try write(["module/main.tf": slowModule("touch \(started); exec sleep 600")], below: cluster.home)
            let result = try await cluster.stowage.whileRunning(arguments(cluster, "apply")) { process in
                while !exists(started) { try await Task.sleep(for: .milliseconds(10)) }
                kill(process, SIGINT)
            }
            #expect(result.status == 1, "\(result)")
            #expect(result.output.contains("Interrupt received"), "\(result)")
            let pulled = try await state(cluster, "pull", Self.environment)
            #expect(pulled.output.contains(#""name": "first""#), "\(pulled)")
            #expect(try await state(cluster, "locks", Self.environment, "-o", "json").output == "[]\n")
        }
    }

    @Test func aDeniedRequestAndAMissingNamespaceAreToldAsWithTheOtherBackend() async throws {
        try await RunnerCluster.with { cluster in
            try write(["module/main.tf": StockTerraformTests.module], below: cluster.home)
            // May read everything, and take no lock.
            try await cluster.asAdministrator { client in
                let name = RunnerCluster.documentedRole.objectName ?? ""
                var role = try await client.get(.role, namespace: RunnerCluster.namespace, name: name)
                role["rules"] = [["apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "list"]]]
                _ = try await client.update(.role, namespace: RunnerCluster.namespace, role)
            }
            for backend in ["kubernetes", "gateway"] {
                let denied = try await run(cluster, "plan", backend: backend)
                #expect(denied.status == 77 && denied.errors.contains("leases"), "\(denied)")
                let missing = try await cluster.stowage(
                    "run", "plan", "--backend", backend, "--environment", Self.environment, "--kubeconfig",
                    cluster.adminKubeconfig, "--namespace", "missing", "\(cluster.home)/module")
                #expect(missing.status == 65, "\(missing)")
                #expect(missing.errors.contains("kubectl create namespace missing"), "\(missing)")
            }
        }
    }

    @Test func theEngineHoldsNoCredentialOfTheCluster() async throws {
        try await RunnerCluster.with { cluster in
            let seen = "\(cluster.home)/seen"
            // Its environment, its command line and every file of the run's folder, as a command that it starts finds them.
            let spy =
                "env > \(seen).env; tr '\\\\0' ' ' < /proc/$PPID/cmdline > \(seen).line; "
                + "cd $(echo $PWD | sed 's,\\\\(/runs/[^/]*\\\\).*,\\\\1,'); "
                + "ls > \(seen).folder; grep -rhs . --exclude-dir=plugins . > \(seen).files; true"
            try write(
                [
                    "module/main.tf": """
                    resource "terraform_data" "spy" {
                      provisioner "local-exec" { command = "\(spy)" }
                    }
                    """
                ], below: cluster.home)
            var stowage = cluster.stowage
            stowage.environment["TF_HTTP_PASSWORD"] = "theirs"
            let result = try await stowage.run(arguments(cluster, "apply", ["--log-level", "trace"]))
            #expect(result.status == 0, "\(result)")
            let environment = try text(of: "\(seen).env")
            let variables = Dictionary(
                environment.split(separator: "\n").compactMap { line in
                    line.firstIndex(of: "=").map { (String(line[..<$0]), String(line[line.index(after: $0)...])) }
                }, uniquingKeysWith: { $1 })
            #expect(!variables.keys.contains { $0.hasPrefix("KUBE") })
            let password = try #require(variables["TF_HTTP_PASSWORD"])
            #expect(password.count == 64)
            let files = try text(of: "\(seen).files")
            let (line, folder) = (try text(of: "\(seen).line"), try text(of: "\(seen).folder"))
            // Shows that the spy looked where it should.
            #expect(files.contains(#""http""#) && line.contains("apply") && folder.contains("engine.json"))
            #expect(!folder.contains("kubeconfig"))
            let token = try #require(
                try text(of: cluster.runnerKubeconfig).split(separator: "\n").first { $0.contains("token:") }?
                    .split(separator: " ").last)
            for text in [environment, files, line, result.errors] { #expect(!text.contains(token)) }
            for text in [files, line, result.errors] { #expect(!text.contains(password)) }
        }
    }

    @Test func theConfigurationChoosesTheBackendAndTheOptionWins() async throws {
        try await RunnerCluster.with { cluster in
            try write(
                [
                    "module/main.tf": StockTerraformTests.module,
                    "runner-config.yaml": AgentConfiguration.head + """
                          job: { namespace: jobs, service_account: runner }
                        state_storage_configuration:
                          type: kubernetes
                          namespace: \(RunnerCluster.namespace)
                          backend: gateway
                        """,
                ], below: cluster.home)
            let common = [
                "run", "apply", "--environment", Self.numeric, "--kubeconfig", cluster.runnerKubeconfig, "--config",
                "\(cluster.home)/runner-config.yaml",
            ]
            let refused = try await cluster.stowage.run(
                common + ["--backend", "kubernetes", "\(cluster.home)/module"])
            #expect(refused.status == 65 && refused.errors.contains("--backend gateway"), "\(refused)")
            let result = try await cluster.stowage.run(common + ["\(cluster.home)/module"])
            #expect(result.status == 0, "\(result)")
        }
    }
}
