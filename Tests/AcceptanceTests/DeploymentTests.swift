import CLibrary
import KubernetesAPI
import LocalFiles
import OrderedJSON
import TestScopes
import Testing

/// Deployments as users make them: with the real terraform, on the embedded cluster, by somebody who has the rights of
/// deploy/submitter.yaml and no others.
@Suite(
    .enabled(if: Program.onPath("terraform", home: "/") != nil, "terraform is not on PATH"), .timeLimit(.minutes(20)))
struct DeploymentTests {
    private static let environment = DeploymentPlace.environment

    @Test func aDeploymentFromEndToEndWithASecretThatNobodySees() async throws {
        try await DeploymentPlace.with { place in
            let (home, secret, other) = (place.cluster.home, "swordfish-of-this-test", "another+secret/of it")
            try write(
                [
                    "project/app/main.tf": """
                    variable "token" { sensitive = true }
                    variable "plain" {}
                    module "net" { source = "../net" }
                    resource "terraform_data" "list" {
                      provisioner "local-exec" {
                        command     = "cat /proc/[0-9]*/cmdline | tr '\\\\0' ' ' > \(home)/processes; test -n \\"$TOKEN\\""
                        environment = { TOKEN = var.token }
                      }
                    }
                    resource "terraform_data" "indiscreet" {
                      provisioner "local-exec" {
                        command     = "echo \\"$PLAIN\\""
                        environment = { PLAIN = var.plain }
                      }
                    }
                    output "net" { value = module.net.name }
                    output "hidden" {
                      value     = "hidden-output"
                      sensitive = true
                    }
                    """,
                    "project/net/main.tf": #"output "name" { value = "net" }"#,
                    "secret.tfvars": "token = \"\(secret)\"\nplain = \"\(other)\"\n",
                ], below: home)
            let result = try await place.deploy(
                "project/app",
                ["--follow", "--bundle-root", "\(home)/project", "--var-file", "\(home)/secret.tfvars"])
            #expect(result.status == 0, "\(result)")
            let deployment = String(result.output.prefix { $0 != "\n" })
            let log = String(result.output.dropFirst(deployment.count + 1))
            #expect(
                deployment.wholeMatch(of: #/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/#)
                    != nil)
            #expect(log.contains("2 added, 0 changed, 0 destroyed"), "\(log)")
            #expect(log.contains("(local-exec): (sensitive value)\n"), "\(log)")
            #expect(!log.contains("\u{1B}"), "a log is no terminal: \(log)")

            // Anybody's eyes but the deployment's own.
            let processes = try text(of: "\(home)/processes")
            #expect(processes.contains("terraform apply"))
            let objects = try await place.cluster.asAdministrator { client in
                var texts: [(String, String)] = []
                for kind in [ResourceKind.job, .pod, .event, .lease, .configMap] {
                    for object in try await client.list(kind, namespace: nil).all() {
                        texts.append((kind.kind, object.text))
                    }
                }
                for object in try await client.list(.secret, namespace: nil).all() {
                    guard object.objectName != "\(deployment)-inputs" else { continue }
                    let data = try (object["data"]?.strings ?? [:]).values.map { try Base64.decode($0) }
                    texts.append((object.objectName ?? "", data.map { String(decoding: $0, as: UTF8.self) }.joined()))
                }
                return texts
            }
            #expect(objects.contains { $0.0.hasPrefix("stowage-result-") })
            let seen = [("output", result.output), ("errors", result.errors), ("processes", processes)] + objects
            for value in [secret, other] {
                let places = seen.filter { $0.1.contains(value) }.map(\.0)
                #expect(places == [], "\(value)")
            }

            // What is known of it later, with and without the right to read results.
            let known = try await place.shown(deployment)
            #expect(known["status"] == "succeeded")
            #expect(known["outputs"]?["net"]?["value"] == "net")
            #expect(known["outputs"]?["hidden"]?["value"] == "(sensitive)")
            #expect(known["counts"] == ["added": 2, "changed": 0, "removed": 0])
            let shown = try await place.stowage(["deployments", "show", deployment])
            #expect(shown.output.contains("succeeded"), "\(shown)")
            #expect(!shown.output.contains("outputs"), "\(shown)")
            let again = try await place.stowage(["deployments", "logs", deployment])
            #expect(again.output == log)
            let list = try await place.stowage(["deployments", "list"])
            #expect(list.output.contains("\(deployment)   \(Self.environment)   deploy   succeeded"), "\(list)")

            // Another mode.
            let destroyed = try await place.deploy(
                "project/app",
                [
                    "--mode", "destroy", "-o", "json", "--follow", "--bundle-root", "\(home)/project", "--var-file",
                    "\(home)/secret.tfvars",
                ])
            #expect(destroyed.status == 0, "\(destroyed)")
            #expect(destroyed.errors.contains("Resources: 2 destroyed"), "\(destroyed)")
            #expect(try JSON(parsing: destroyed.output)["status"] == "succeeded")
        }
    }

    @Test func aCancelledDeploymentFinishesAndUnlocks() async throws {
        try await DeploymentPlace.with { place in
            let started = "\(place.cluster.home)/started"
            try write(
                [
                    "module/main.tf": """
                    resource "terraform_data" "first" {}
                    resource "terraform_data" "slow" {
                      depends_on = [terraform_data.first]
                      provisioner "local-exec" { command = "touch \(started); exec sleep 600" }
                    }
                    """
                ], below: place.cluster.home)
            let deployment = String(try await place.deploy("module").output.dropLast())
            while !exists(started) { try await Task.sleep(for: .milliseconds(20)) }
            let denied = try await place.stowage(["deployments", "cancel", deployment])
            #expect(denied.status == 77, "\(denied)")
            #expect(denied.errors.contains("missing is jobs: update"), "\(denied)")
            try await place.apply("deploy/canceller.yaml")
            let cancelled = try await place.stowage(["deployments", "cancel", deployment])
            #expect(cancelled.status == 0, "\(cancelled)")
            let waited = try await place.stowage(["deployments", "wait", deployment])
            #expect(waited.status == 1, "\(waited)")
            #expect(waited.errors.contains("was cancelled"), "\(waited)")
            let known = try await place.shown(deployment)
            #expect(known["status"] == "cancelled")
            let locks = try await place.cluster.stowage(
                "state", "locks", "-o", "json", "--kubeconfig", place.cluster.runnerKubeconfig, Self.environment)
            #expect(locks.output == "[]\n", "\(locks)")
            // What was done is in the state, and the result says what there was to say.
            let state = try await place.cluster.stowage(
                "state", "pull", "--kubeconfig", place.cluster.runnerKubeconfig, Self.environment)
            #expect(state.output.contains(#""name": "first""#), "\(state)")
            let second = try await place.stowage(["deployments", "cancel", deployment])
            #expect(second.status == 64, "\(second)")
        }
    }

    @Test func theEngineOfADeploymentMayComeToItsStateByAGateway() async throws {
        try await DeploymentPlace.with { place in
            let home = place.cluster.home
            try write(
                [
                    "module/main.tf": StockTerraformTests.module,
                    "runner-config.yaml": try text(of: place.configuration) + "\n  backend: gateway\n",
                ], below: home)
            // Terraform's other backend refuses it.
            let environment = "4b41bf32-b337-93a4-ad65-123456789012"
            for (mode, counts) in [("deploy", ["added": 1, "changed": 0, "removed": 0]), ("destroy", ["removed": 1])] {
                let result = try await place.deploy("module", environment: environment, ["--mode", mode, "--follow"])
                #expect(result.status == 0, "\(result)")
                let known = try await place.shown(String(result.output.prefix(36)))
                #expect(known["status"] == "succeeded")
                for (name, count) in counts { #expect(known["counts"]?[name]?.int == count, "\(known.text)") }
            }
        }
    }

    /// What `--backend` says goes before the configuration, either way.
    @Test func theBackendIsThatOfTheOption() async throws {
        try await DeploymentPlace.with { place in
            let home = place.cluster.home
            try write(["module/main.tf": StockTerraformTests.module], below: home)
            // Terraform's kubernetes backend refuses it.
            let environment = "4b41bf32-b337-93a4-ad65-123456789012"
            let through = try await place.deploy(
                "module", environment: environment, ["--backend", "gateway", "--follow"])
            #expect(through.status == 0, "\(through)")
            try write(
                ["runner-config.yaml": try text(of: place.configuration) + "\n  backend: gateway\n"], below: home)
            let refused = try await place.deploy(
                "module", environment: environment, ["--backend", "kubernetes", "--follow"])
            #expect(refused.status == 65, "\(refused)")
            #expect(refused.output.contains("pass --backend gateway"), "\(refused)")
            let unknown = try await place.deploy("module", ["--backend", "s3"])
            #expect(unknown.status == 64, "\(unknown)")
        }
    }

    @Test func aDeploymentThatWaitsInVainSaysForWhomAndLeavesTheLock() async throws {
        try await DeploymentPlace.with { place in
            let (started, go) = ("\(place.cluster.home)/started", "\(place.cluster.home)/go")
            try write(["module/main.tf": SlowModule.text(started: started, until: go)], below: place.cluster.home)
            let first = try await place.submit("module")
            while !exists(started) { try await Task.sleep(for: .milliseconds(20)) }
            let lock = try await place.locks()
            #expect(lock.array?.count == 1)
            let second = try await place.deploy("module", ["--wait", "1s", "--timeout", "1s", "--follow"])
            #expect(second.status == 75, "\(second)")
            let known = try await place.shown(String(second.output.prefix(36)))
            #expect(known["status"] == "failed")
            #expect(known["error"]?["error"] == "RUNNER", "\(known.text)")
            let message = try #require(known["error"]?["message"]?.string)
            #expect(second.output.contains(message), "\(second)")
            #expect(message.contains("stowage run apply"), "\(message)")
            #expect(message.contains("is busy after waiting 1 s: 1 run is ahead"), "\(message)")
            #expect(try await place.locks().array?.first?["id"] == lock.array?.first?["id"])
            try PrivateFile.write("", to: go)
            let waited = try await place.stowage(["deployments", "wait", first])
            #expect(waited.status == 0, "\(waited)")
            #expect(try await place.locks() == [])
        }
    }

    @Test func whatFailsSaysWhyAndWaitsForNobody() async throws {
        try await DeploymentPlace.with { place in
            try write(
                [
                    "failing/main.tf": """
                    resource "terraform_data" "x" {
                      provisioner "local-exec" { command = "exit 3" }
                    }
                    """,
                    "provider/main.tf": """
                    terraform {
                      required_providers {
                        none = { source = "acme/none" }
                      }
                    }
                    """,
                    "variable/main.tf": #"variable "needed" {}"#,
                    "broken/main.tf": "nonsense",
                ], below: place.cluster.home)
            let cases: [(module: String, environment: String, said: String)] = [
                ("failing", "11111111-b337-93a4-ad65-1d565c5e25be", "Error: local-exec provisioner error"),
                (
                    "provider", "22222222-b337-93a4-ad65-1d565c5e25be",
                    "Error: Failed to query available provider packages"
                ),
                ("variable", "33333333-b337-93a4-ad65-1d565c5e25be", "Error: No value for required variable"),
                (
                    "broken", "44444444-b337-93a4-ad65-1d565c5e25be",
                    "Error: Terraform encountered problems during initialisation"
                ),
            ]
            try await withThrowingTaskGroup(of: Void.self) { group in
                for item in cases {
                    group.addTask {
                        let result = try await place.deploy(item.module, environment: item.environment, ["--follow"])
                        #expect(result.status == 1, "\(result)")
                        #expect(result.output.contains(item.said), "\(result)")
                        let deployment = String(result.output.prefix(36))
                        let known = try await place.shown(deployment)
                        #expect(known["status"] == "failed")
                        #expect(known["error"]?["error"] == "TF_DIAGNOSTIC_ERROR")
                        #expect(known["error"]?["message"]?.string?.hasPrefix(item.said) == true, "\(known.text)")
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func deploymentsOfOneEnvironmentTakeTheirTurns() async throws {
        try await DeploymentPlace.with { place in
            let (home, go) = (place.cluster.home, "\(place.cluster.home)/go")
            try write(
                [
                    "module/main.tf": """
                    variable "name" {}
                    resource "terraform_data" "x" {
                      triggers_replace = var.name
                      provisioner "local-exec" {
                        command = "echo ${var.name} begins >> \(home)/order; until test -e \(go); do sleep 0.05; done; echo ${var.name} ends >> \(home)/order"
                      }
                    }
                    """
                ], below: home)
            let first = String(try await place.deploy("module", ["--var", "name=first"]).output.dropLast())
            while (try? text(of: "\(home)/order")) != "first begins\n" { try await Task.sleep(for: .milliseconds(20)) }
            let second = String(try await place.deploy("module", ["--var", "name=second"]).output.dropLast())
            /// Runs that have arrived.
            func arrived() async throws -> Int {
                try await place.cluster.asAdministrator { client in
                    let lease = try await client.get(
                        .lease, namespace: RunnerCluster.namespace, name: "stowage-run-\(Self.environment)")
                    return try JSON(parsing: lease.objectAnnotations["stowage-queue"] ?? "[]").array?.count ?? 0
                }
            }
            while try await arrived() < 2 { try await Task.sleep(for: .milliseconds(20)) }
            let third = String(try await place.deploy("module", ["--var", "name=third"]).output.dropLast())
            while try await arrived() < 3 { try await Task.sleep(for: .milliseconds(20)) }
            try PrivateFile.write("", to: go)
            for deployment in [first, second, third] {
                let waited = try await place.stowage(["deployments", "wait", deployment])
                #expect(waited.status == 0, "\(waited)")
            }
            #expect(
                try text(of: "\(home)/order")
                    == "first begins\nfirst ends\nsecond begins\nsecond ends\nthird begins\nthird ends\n")
            let logs = try await place.stowage(["deployments", "logs", third])
            #expect(logs.output.contains("waiting for the turn in environment \(Self.environment): "), "\(logs)")
        }
    }
}
