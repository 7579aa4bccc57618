import KubernetesAPI
import LocalFiles
import OrderedJSON
import StateStorage
import TestScopes
import Testing

/// `stowage setup` in the place of the documentation page's procedure.
@Suite struct SetupCommandTests {
    private static let environment = StockTerraformTests.environment
    private static let base = ["--namespace", "humanitec-runner", "--service-account", "humanitec-runner"]

    /// Writes the page's YAML to `page.yaml`, from the page's own commands.
    private static let pageYAML = """
        export STATE_STORAGE_NAMESPACE=humanitec-runner RUNNER_K8S_SA=humanitec-runner
        eval "$(sed -n '/^cat << EOF/,/^EOF$/p' '\(Clients.folder)/documented-procedure.sh')"
        """

    @Test(
        .enabled(if: Program.onPath("kubectl", home: "/") != nil, "kubectl is not on PATH"),
        arguments: Kubectl.oldestAndNewest)
    func doesThePagesProcedure(_ kubectl: Kubectl) async throws {
        try await EmptyCluster.with { cluster in
            var stowage = cluster.stowage
            stowage.environment["KUBECONFIG"] = cluster.kubeconfig
            let shell = try cluster.shell(with: kubectl)
            let dry = try await stowage.run(["setup"] + Self.base + ["--create-namespace", "--dry-run"])
            #expect(dry.status == 0 && dry.output.contains("would be created (checked by the cluster)"), "\(dry)")
            let early = try await stowage.run(["setup"] + Self.base)
            #expect(early.status == 64 && early.errors.contains("--create-namespace"), "\(early)")

            let setup = try await stowage.run(
                ["setup"] + Self.base + ["--create-namespace", "--create-service-account"])
            #expect(setup.status == 0, "\(setup)")
            #expect(setup.output.matches(of: /: created\n/).count == 4, "\(setup)")
            let page = try await shell(
                "-c",
                "\(Self.pageYAML)\ntest -s kubernetes-state-storage-role-rolebinding.yaml && kubectl diff -f kubernetes-state-storage-role-rolebinding.yaml"
            )
            #expect(page.status == 0 && page.output.isEmpty, "\(page)")

            let again = try await stowage.run(
                ["setup"] + Self.base + ["--create-namespace", "--create-service-account"])
            #expect(again.output.matches(of: /: unchanged\n/).count == 4, "\(again)")
            let printed = try await stowage.run(["setup"] + Self.base + ["-o", "yaml"])
            try write(["printed.yaml": printed.output], below: cluster.home)
            let difference = try await shell("-c", "kubectl diff -f printed.yaml && kubectl apply -f printed.yaml")
            #expect(difference.status == 0 && !difference.output.contains("created"), "\(difference)")

            // RBAC is real: the ServiceAccount may do exactly this.
            let rights = try await shell(
                "-c",
                """
                token=$(kubectl -n humanitec-runner create token humanitec-runner)
                kubectl --token=$token --kubeconfig=\(cluster.certificateOnly) -n humanitec-runner auth can-i --list
                """)
            let storage = rights.output.split(separator: "\n").filter { $0.contains("create") && !$0.contains("self") }
            #expect(storage.count == 2, "\(rights)")
            #expect(rights.output.contains(/secrets +\[\] +\[\] +\[create get list update\]/), "\(rights)")
            #expect(
                rights.output.contains(/leases.coordination.k8s.io +\[\] +\[\] +\[create get update\]/), "\(rights)")
        }
    }

    @Test func leavesARoleOfOthersAlone() async throws {
        try await RunnerCluster.with { cluster in
            let base = ["setup", "--kubeconfig", cluster.adminKubeconfig] + Self.base
            let refused = try await cluster.stowage.run(base + ["--with", "delete,locks"])
            #expect(refused.status == 64 && refused.errors.contains("--replace"), "\(refused)")
            #expect(refused.errors.contains("+ leases.coordination.k8s.io: delete, list"), "\(refused)")
            let unchanged = try await cluster.stowage.run(base)
            #expect(unchanged.output.matches(of: /: unchanged\n/).count == 2, "\(unchanged)")

            let dry = try await cluster.stowage.run(base + ["--with", "delete", "--replace", "--dry-run"])
            #expect(dry.output.contains("would be changed (checked by the cluster)"), "\(dry)")
            #expect(try await rules(cluster) == Grants(StorageRights.rules()))
            #expect(try await cluster.stowage.run(base + ["--with", "delete", "--replace"]).status == 0)
            #expect(try await rules(cluster) == Grants(StorageRights.rules(with: [.delete])))

            // What a binding binds cannot be changed: it is made anew.
            try await cluster.asAdministrator { client in
                try await client.delete(
                    .roleBinding, namespace: RunnerCluster.namespace, name: StorageRights.roleName)
                var binding = RunnerCluster.documentedRoleBinding
                binding["roleRef"] = [
                    "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view",
                ]
                _ = try await client.create(.roleBinding, namespace: RunnerCluster.namespace, binding)
            }
            let other = try await cluster.stowage.run(base + ["--with", "delete"])
            #expect(other.status == 64 && other.errors.contains("- ClusterRole view"), "\(other)")
            let replaced = try await cluster.stowage.run(base + ["--with", "delete", "--replace", "-o", "json"])
            let actions = try JSON(parsing: replaced.output)["objects"]?.array?.map { $0["action"]?.string }
            #expect(actions == ["unchanged", "replaced"], "\(replaced)")

            // Whoever may not grant it is told so by the cluster.
            let runner = try await cluster.stowage.run(
                ["setup", "--kubeconfig", cluster.runnerKubeconfig] + Self.base)
            #expect(runner.status == 77, "\(runner)")
        }
    }

    private func rules(_ cluster: RunnerCluster) async throws -> Grants {
        try await cluster.asAdministrator { client in
            let role = try await client.get(.role, namespace: RunnerCluster.namespace, name: StorageRights.roleName)
            return Grants(PolicyRule.rules(of: role))
        }
    }

    @Test(
        .enabled(if: Program.onPath("terraform", home: "/") != nil, "terraform is not on PATH"),
        arguments: [
            [], ["--create-namespace", "--create-service-account"],
            ["--per-environment", environment, "--service-account-namespace", "jobs"],
        ])
    func printsHCLAsTerraformFormatsIt(_ arguments: [String]) async throws {
        try await withTemporaryFolder { home in
            // No cluster is chosen, and none is needed.
            let hcl = try await Program.stowage(home: home).run(["setup"] + Self.base + arguments + ["-o", "hcl"])
            #expect(hcl.status == 0, "\(hcl)")
            #expect(hcl.output.contains(#"resource "kubernetes_role" "humanitec-runner-kubernetes-stage-storage"#))
            #expect(hcl.output.contains("kubernetes_namespace"))
            try write(["main.tf": hcl.output], below: home)
            let terraform = try #require(Program.onPath("terraform", home: home, folder: home))
            let format = try await terraform("fmt", "-check", "-diff")
            #expect(format.status == 0 && format.output.isEmpty, "\(format)")
        }
    }

    @Test(.enabled(if: Program.onPath("terraform", home: "/") != nil, "terraform is not on PATH"))
    func aRoleForOneEnvironmentIsEnoughForItsRuns() async throws {
        try await RunnerCluster.with { cluster in
            let other = "5b41bf32-b337-93a4-ad65-1d565c5e25be"
            let setup = try await cluster.stowage(
                "setup", "--kubeconfig", cluster.adminKubeconfig, "--namespace", RunnerCluster.namespace,
                "--service-account", "one", "--create-service-account", "--per-environment", Self.environment)
            #expect(setup.status == 0 && setup.output.contains("create cannot be limited by name"), "\(setup)")
            let wider = try await cluster.stowage.run(
                ["setup", "--kubeconfig", cluster.adminKubeconfig] + Self.base
                    + ["--per-environment", Self.environment, "--dry-run"])
            #expect(wider.output.contains("with it every state can be read"), "\(wider)")
            #expect(!setup.output.contains("with it every state can be read"), "\(setup)")
            let kubeconfig = "\(cluster.home)/one"
            try await cluster.writeKubeconfig(ofServiceAccount: "one", to: kubeconfig)
            let module = "\(cluster.home)/module"
            try write(["main.tf": StockTerraformTests.module], below: module)
            func run(_ operation: String, _ environment: String, _ arguments: String...) async throws -> ProgramResult {
                try await cluster.stowage.run(
                    ["run", operation, "--environment", environment, "--kubeconfig", kubeconfig] + arguments + [module])
            }
            let first = try await run("apply", Self.environment)
            #expect(first.status == 0 && first.output.contains("1 added"), "\(first)")
            let second = try await run("apply", Self.environment, "--var", "who=you")
            #expect(second.status == 0 && second.output.contains("Hello, you!"), "\(second)")
            #expect(try await run("plan", other).status == 77)

            try await cluster.asUser(of: kubeconfig) { client in
                for name in ["tfstate-default-\(other)", "anything"] {
                    await #expect(throws: KubernetesError.self) {
                        try await client.get(.secret, namespace: RunnerCluster.namespace, name: name)
                    }
                }
                await #expect(throws: KubernetesError.self) {
                    try await client.list(.secret, namespace: RunnerCluster.namespace).all()
                }
            }
        }
    }

    @Test func takesNamesFromARunnerConfiguration() async throws {
        try await RunnerCluster.with { cluster in
            try write(
                [
                    "runner-config.yaml": """
                    runner_configuration:
                      type: kubernetes-gke
                      cluster:
                        name: c
                        project_id: project-1
                        location: europe-west1
                        auth:
                          gcp_audience: //iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q
                          gcp_service_account: a@project-1.iam.gserviceaccount.com
                      job:
                        namespace: jobs
                        service_account: worker
                    state_storage_configuration:
                      type: kubernetes
                      namespace: states
                    """
                ], below: cluster.home)
            try await cluster.asAdministrator {
                _ = try await $0.create(.namespace, namespace: nil, ["metadata": ["name": "jobs"]])
            }
            // An option that names a cluster wins over the file's.
            let options = [
                "--config", "\(cluster.home)/runner-config.yaml", "--kubeconfig", cluster.adminKubeconfig,
            ]
            let setup = try await cluster.stowage.run(
                ["setup"] + options + ["--create-namespace", "--create-service-account"])
            #expect(setup.status == 0, "\(setup)")
            #expect(setup.output.contains("ServiceAccount worker in namespace jobs: created"), "\(setup)")
            #expect(setup.output.contains("in namespace states: created\n  + ServiceAccount jobs/worker"), "\(setup)")
            let check = try await cluster.stowage.run(["check"] + options + ["-o", "json"])
            let json = try JSON(parsing: check.output)
            #expect(check.status == 0 && json["askedFor"] == "system:serviceaccount:jobs:worker", "\(check)")
            #expect(json["consumers"]?.array?.contains("stowage deploy") == true, "\(check)")
            let other = try await cluster.stowage.run(["check"] + options + ["--namespace", "other"])
            #expect(other.status == 64, "\(other)")
        }
    }

    @Test func refusesWhatItCannotMean() async throws {
        try await withTemporaryFolder { home in
            let stowage = try Program.stowage(home: home)
            for (arguments, hint) in [
                (["--service-account", "a", "-o", "yaml"], "--namespace"),
                (["--namespace", "b", "-o", "yaml"], "--service-account"),
                (["--service-account", "jobs/a", "--namespace", "b", "-o", "yaml"], "--service-account-namespace"),
                (["--service-account", "a", "--namespace", "B", "-o", "hcl"], "not the name of a namespace"),
                (["--service-account", "a", "--namespace", "b", "--with", "all"], "--with"),
                (["--service-account", "a", "--namespace", "b", "--per-environment", "x", "-o", "yaml"], "not a UUID"),
            ] {
                let result = try await stowage.run(["setup"] + arguments)
                #expect(result.status == 64 && result.errors.contains(hint), "\(arguments) \(result)")
            }
            let help = try await stowage("setup", "--help")
            #expect(help.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
        }
    }
}
