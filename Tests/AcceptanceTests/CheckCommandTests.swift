import KubernetesAPI
import LocalFiles
import OrderedJSON
import StateStorage
import TestScopes
import Testing

/// `stowage check` against a cluster whose RBAC is real.
@Suite struct CheckCommandTests {
    private static let account = "\(RunnerCluster.namespace)/humanitec-runner"
    private static let environment = StockTerraformTests.environment

    private func check(_ cluster: RunnerCluster, _ arguments: String..., as kubeconfig: String? = nil) async throws
        -> ProgramResult
    {
        try await cluster.stowage.run(
            ["check", "--kubeconfig", kubeconfig ?? cluster.adminKubeconfig, "--namespace", RunnerCluster.namespace]
                + arguments)
    }

    private func setRules(_ cluster: RunnerCluster, _ rules: [PolicyRule], of role: String = StorageRights.roleName)
        async throws
    {
        try await cluster.asAdministrator { client in
            var role = try await client.get(.role, namespace: RunnerCluster.namespace, name: role)
            role["rules"] = .array(rules.map(\.json))
            _ = try await client.update(.role, namespace: RunnerCluster.namespace, role)
        }
    }

    @Test(.enabled(if: Program.onPath("kubectl", home: "/") != nil, "kubectl is not on PATH"))
    func namesEachVerbThatIsMissingAndClosesTheGap() async throws {
        try await RunnerCluster.with { cluster in
            var kubectl = try #require(Program.onPath("kubectl", home: cluster.home, folder: cluster.home))
            kubectl.environment["KUBECONFIG"] = cluster.adminKubeconfig
            let documented = StorageRights.rules()
            for (index, rule) in documented.enumerated() {
                for verb in rule.verbs {
                    let right = "\(rule.resources[0]): \(verb)"
                    var rules = documented
                    rules[index].verbs.removeAll { $0 == verb }
                    try await setRules(cluster, rules)
                    let found = try await check(cluster, "--as-service-account", Self.account, "-o", "json")
                    #expect(found.status == 77 && found.errors.contains(right), "\(right) \(found)")
                    let json = try JSON(parsing: found.output)
                    #expect(json["missing"] == [.string(right)], "\(found)")
                    let row = json["rights"]?.array?.first { $0["right"]?.string == right }
                    #expect(row?["breaks"]?["terraform"]?.string?.isEmpty == false, "\(found)")

                    let text = try await check(cluster, "--as-service-account", Self.account)
                    #expect(text.output.contains("Missing: \(right) in namespace"), "\(text)")
                    let role = try await check(cluster, "--as-service-account", Self.account, "--print-role")
                    #expect(role.status == 77 && text.output.contains(role.output), "\(role)")
                    try write(["role.yaml": role.output], below: cluster.home)
                    let applied = try await kubectl("apply", "-f", "role.yaml")
                    #expect(applied.status == 0, "\(applied)")
                    let closed = try await check(cluster, "--as-service-account", Self.account)
                    #expect(closed.status == 0 && !closed.output.contains("Missing"), "\(closed)")
                }
            }
            let role = try await cluster.asAdministrator {
                try await $0.get(.role, namespace: RunnerCluster.namespace, name: StorageRights.roleName)
            }
            #expect(PolicyRule.rules(of: role) == documented)
        }
    }

    @Test func asksInWhicheverWayItMay() async throws {
        try await RunnerCluster.with { cluster in
            func expect(_ way: String, _ kubeconfig: String?, _ arguments: String...) async throws {
                let result = try await cluster.stowage.run(
                    [
                        "check", "--kubeconfig", kubeconfig ?? cluster.adminKubeconfig, "--namespace",
                        RunnerCluster.namespace, "-o", "json",
                    ] + arguments)
                let json = try JSON(parsing: result.output)
                #expect(result.status == 0 && json["askedBy"]?.string?.contains(way) == true, "\(result)")
            }
            try await expect("by impersonation", nil, "--as-service-account", Self.account)
            try await expect("credentials in use", cluster.runnerKubeconfig, "--as-service-account", Self.account)
            try await expect("credentials in use", cluster.runnerKubeconfig)
            for (name, resource) in [
                ("everywhere", "subjectaccessreviews"), ("local", "localsubjectaccessreviews"), ("none", nil),
            ] {
                try await account(cluster, name, mayCreate: resource)
                let kubeconfig = "\(cluster.home)/\(name)"
                try await cluster.writeKubeconfig(ofServiceAccount: name, to: kubeconfig)
                if resource != nil {
                    let way = name == "local" ? "LocalSubjectAccessReview" : "SubjectAccessReview"
                    try await expect(way, kubeconfig, "--as-service-account", Self.account)
                    let probe = try await check(
                        cluster, "--as-service-account", Self.account, "--probe", as: kubeconfig)
                    #expect(probe.status == 77 && probe.errors.contains("a probe works as the account"), "\(probe)")
                } else {
                    let result = try await check(cluster, "--as-service-account", Self.account, as: kubeconfig)
                    #expect(result.status == 77 && result.errors.contains("localsubjectaccessreviews"), "\(result)")
                }
            }
        }
    }

    private func account(_ cluster: RunnerCluster, _ name: String, mayCreate resource: String?) async throws {
        let group = "rbac.authorization.k8s.io"
        let isLocal = resource == "localsubjectaccessreviews"
        try await cluster.asAdministrator { client in
            let metadata: JSON = ["metadata": ["name": .string(name)]]
            _ = try await client.create(.serviceAccount, namespace: RunnerCluster.namespace, metadata)
            guard let resource else { return }
            var role = metadata
            role["rules"] = [
                PolicyRule(groups: ["authorization.k8s.io"], resources: [resource], verbs: ["create"]).json
            ]
            let namespace = isLocal ? RunnerCluster.namespace : nil
            _ = try await client.create(isLocal ? .role : .clusterRole, namespace: namespace, role)
            var binding = metadata
            binding["roleRef"] = [
                "apiGroup": .string(group), "kind": isLocal ? "Role" : "ClusterRole", "name": .string(name),
            ]
            binding["subjects"] = [
                ["kind": "ServiceAccount", "name": .string(name), "namespace": .string(RunnerCluster.namespace)]
            ]
            _ = try await client.create(isLocal ? .roleBinding : .clusterRoleBinding, namespace: namespace, binding)
        }
    }

    @Test func aProbeLeavesNothingThatTheRoleLetsItRemove() async throws {
        try await RunnerCluster.with { cluster in
            func objects() async throws -> [JSON] {
                try await cluster.asAdministrator { client in
                    let secrets = try await client.list(.secret, namespace: RunnerCluster.namespace).all()
                    return secrets + (try await client.list(.lease, namespace: RunnerCluster.namespace).all())
                }
            }
            // Without delete, what stays is no engine's, and stays once.
            for _ in 0..<2 {
                let probe = try await check(cluster, "--as-service-account", Self.account, "--probe")
                #expect(probe.status == 0, "\(probe)")
                #expect(probe.output.matches(of: /Probe: [a-z]+ worked/).count == 7, "\(probe)")
                #expect(probe.output.contains("may not delete secrets"), "\(probe)")
                let left = try await objects()
                #expect(left.count == 2)
                #expect(left.allSatisfy { $0["data"]?.object?.isEmpty ?? true && $0["spec"]?["holderIdentity"] == nil })
                #expect(left.first?.objectLabels["tfstate"] == nil)
            }
            try await setRules(cluster, StorageRights.rules(with: [.delete]))
            let probe = try await check(cluster, "--probe", as: cluster.runnerKubeconfig)
            #expect(probe.status == 0 && !probe.output.contains("stays"), "\(probe)")
            #expect(try await objects().isEmpty)

            // Where something is denied, the probe tidies up all the same.
            try await setRules(cluster, [StorageRights.rules(with: [.delete])[1]])
            let denied = try await check(cluster, "--probe", "-o", "json", as: cluster.runnerKubeconfig)
            #expect(denied.status == 77, "\(denied)")
            let steps = try JSON(parsing: denied.output)["probe"]?["steps"]?.array ?? []
            #expect(steps.map { $0["name"]?.string } == ["lock", "write", "unlock", "remove"], "\(denied)")
            #expect(try await objects().isEmpty)
        }
    }

    @Test func aRoleForOneEnvironmentIsCheckedForIt() async throws {
        try await RunnerCluster.with { cluster in
            let admin = ["--kubeconfig", cluster.adminKubeconfig, "--namespace", RunnerCluster.namespace]
            let setup = try await cluster.stowage.run(
                ["setup"] + admin + [
                    "--service-account", "one", "--create-service-account", "--per-environment", Self.environment,
                ])
            #expect(setup.status == 0, "\(setup)")
            let account = "\(RunnerCluster.namespace)/one"
            #expect(try await check(cluster, "--as-service-account", account).status == 77)
            let own = try await check(cluster, "--as-service-account", account, "--environment", Self.environment)
            #expect(own.status == 0, "\(own)")

            let name = "\(StorageRights.roleName)-\(Self.environment)"
            let rules = StorageRights.rules(for: try EnvironmentID(Self.environment))
            var fewer = rules
            fewer[1].verbs.removeAll { $0 == "get" }
            try await setRules(cluster, fewer, of: name)
            let missing = try await check(
                cluster, "--as-service-account", account, "--environment", Self.environment, "-o", "json")
            let repair = try JSON(parsing: missing.output)["repair"]?.array ?? []
            #expect(missing.status == 77 && repair.count == 1, "\(missing)")
            #expect(Grants(PolicyRule.rules(of: repair.first ?? .null)) == Grants(rules))
        }
    }

    @Test func tellsTheStateOfTheNamespace() async throws {
        try await RunnerCluster.with { cluster in
            try await cluster.asAdministrator { client in
                for number in 10..<22 {
                    let suffix = "4b41bf32-b337-93a4-ad65-1d565c5e25\(number)"
                    _ = try await client.create(
                        .secret, namespace: RunnerCluster.namespace,
                        [
                            "metadata": [
                                "name": .string("tfstate-default-\(suffix)"),
                                "labels": [
                                    "tfstate": "true", "tfstateWorkspace": "default",
                                    "tfstateSecretSuffix": .string(suffix),
                                ],
                            ], "data": ["tfstate": .string(Base64.encode(Array(repeating: 7, count: 30_000)))],
                        ])
                }
            }
            let estimated = try await check(cluster)
            #expect(estimated.output.contains(/12 states in 12 Secrets; .* .estimated from 10/), "\(estimated)")
            let measured = try await check(cluster, "--measure")
            #expect(
                measured.output.contains(/12 states in 12 Secrets; .* 48[0-9] kB of JSON \(measured/), "\(measured)")
            let nowhere = try await cluster.stowage(
                "check", "--kubeconfig", cluster.adminKubeconfig, "--namespace", "nowhere")
            #expect(nowhere.status == 65 && nowhere.errors.contains("nowhere does not exist"), "\(nowhere)")

            // Who submits deployments needs more, and is told what.
            let deploy = try await check(
                cluster, "--job-namespace", RunnerCluster.namespace, as: cluster.runnerKubeconfig)
            #expect(deploy.status == 77 && deploy.errors.contains("pods/log: get"), "\(deploy)")
            #expect(deploy.output.contains("name: stowage-deploy"), "\(deploy)")
            let help = try await cluster.stowage("check", "--help")
            #expect(help.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
        }
    }
}
