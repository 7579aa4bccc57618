import CLibrary
import LocalFiles
import KubernetesAPI
import OrderedJSON
import Runner
import StateStorage
import TestScopes
import Testing

/// `--config`: a runner configuration gives commands their cluster and namespace, by each of its types.
@Suite struct RunnerConfigTests {
    /// How the documented Role's ServiceAccount reaches a cluster: what is in its kubeconfig.
    private struct Access {
        let server: String
        let authority: String
        let token: String

        init(kubeconfig: String) throws {
            func value(_ key: String) throws -> String {
                let line = try #require(kubeconfig.split(separator: "\n").first { $0.contains("\(key): ") })
                return try #require(line.split(separator: " ").last).trimmingPrefix("\"").split(separator: "\"")
                    .joined()
            }
            server = try value("server")
            authority = try value("certificate-authority-data")
            token = try value("token")
        }
    }

    private static let tail = """
          job:
            namespace: \(RunnerCluster.namespace)
            service_account: humanitec-runner
        state_storage_configuration:
          type: kubernetes
          namespace: \(RunnerCluster.namespace)

        """

    private func files(_ access: Access) -> [String: String] {
        let credential = """
            {"kind": "ExecCredential", "apiVersion": "client.authentication.k8s.io/v1beta1", \
            "status": {"token": "\(access.token)", "expirationTimestamp": "2020-01-01T00:00:00Z"}}
            """
        return [
            "token.yaml": """
            runner_configuration:
              type: kubernetes
              cluster:
                cluster_data: {server: "\(access.server)", certificate_authority_data: \(access.authority)}
                auth: {service_account_token: \(access.token)}

            """ + Self.tail,
            "gke.yaml": """
            runner_configuration:
              type: kubernetes-gke
              cluster:
                name: my-cluster
                project_id: my-project
                location: europe-west3
                auth: {gcp_audience: //iam.googleapis.com/x, gcp_service_account: runner@my-project.iam.gserviceaccount.com}

            """ + Self.tail,
            "eks.yaml": """
            runner_configuration:
              type: kubernetes-eks
              cluster:
                name: my-cluster
                region: us-west-2
                auth: {role_arn: "arn:aws:iam::123456789012:role/r", session_name: a-session, sts_region: us-east-1}

            """ + Self.tail,
            "bin/gcloud": """
            #!/bin/sh
            echo "$*" >> "$HOME/asked"
            echo '{"endpoint": "\(access.server.trimmingPrefix("https://"))",'
            echo '"masterAuth": {"clusterCaCertificate": "\(access.authority)"}}'

            """,
            "bin/gke-gcloud-auth-plugin": """
            #!/bin/sh
            echo "$*" >> "$HOME/asked"
            echo '\(credential)'

            """,
            "bin/aws": """
            #!/bin/sh
            echo "$AWS_ACCESS_KEY_ID/$AWS_SECRET_ACCESS_KEY/$AWS_SESSION_TOKEN $*" >> "$HOME/asked"
            case "$2" in
            assume-role) echo '{"Credentials": {"AccessKeyId": "k", "SecretAccessKey": "s", "SessionToken": "t"}}';;
            describe-cluster)
                echo '{"cluster": {"endpoint": "\(access.server)",'
                echo '"certificateAuthority": {"data": "\(access.authority)"}}}';;
            get-token) echo '\(credential)';;
            esac

            """,
        ]
    }

    @Test func everyTypeReachesItsCluster() async throws {
        try await RunnerCluster.with { cluster in
            let access = try Access(kubeconfig: try text(of: cluster.runnerKubeconfig))
            try write(files(access), below: cluster.home)
            var stowage = cluster.stowage
            stowage.folder = cluster.home
            for program in ["gcloud", "gke-gcloud-auth-plugin", "aws"] {
                chmod("\(cluster.home)/bin/\(program)", 0o700)
            }
            stowage.environment["PATH"] = "\(cluster.home)/bin:/usr/bin:/bin"
            let state = #"{"version": 4, "serial": 1, "lineage": "l", "outputs": {}, "resources": []}"#
            try write(["state.json": state], below: cluster.home)
            let environment = StockTerraformTests.environment
            let pushed = try await stowage("state", "push", environment, "state.json", "--config", "token.yaml")
            #expect(pushed.status == 0, "\(pushed)")

            for file in ["token.yaml", "gke.yaml", "eks.yaml"] {
                let pulled = try await stowage("state", "pull", environment, "--config", file)
                #expect(pulled.output == state, "\(file): \(pulled)")
            }
            try await createsItsJob(cluster)

            // What goes into commands of the clouds, and into none of them what is for another.
            let account = "runner@my-project.iam.gserviceaccount.com"
            let (asAnybody, inRole) = ("//", "k/s/t")
            var asked = try text(of: "\(cluster.home)/asked").split(separator: "\n").map(String.init)
            // Tokens that have expired already are asked for again for every request; once is enough to look at.
            asked = asked.enumerated().filter { index, line in asked.firstIndex(of: line) == index }.map(\.element)
            #expect(
                asked == [
                    "container clusters describe my-cluster --project=my-project --location=europe-west3 "
                        + "--impersonate-service-account=\(account) --format=json --quiet",
                    "--impersonate_service_account=\(account)",
                    "\(asAnybody) sts assume-role --role-arn arn:aws:iam::123456789012:role/r --role-session-name a-session "
                        + "--region us-east-1 --output json",
                    "\(inRole) eks describe-cluster --name my-cluster --region us-west-2 --output json",
                    "\(inRole) eks get-token --cluster-name my-cluster --region us-west-2 --output json",
                ])

            // An option that names a cluster wins, and the namespace stays that of the file.
            let elsewhere = try await stowage(
                "state", "pull", environment, "--config", "eks.yaml", "--kubeconfig", cluster.runnerKubeconfig)
            #expect(elsewhere.output == state, "\(elsewhere)")
            let same = try await stowage(
                "state", "pull", environment, "--config", "token.yaml", "-n", RunnerCluster.namespace)
            #expect(same.output == state, "\(same)")
            let other = try await stowage("state", "pull", environment, "--config", "token.yaml", "-n", "default")
            #expect(other.status == 64, "\(other)")
            #expect(other.errors.contains("token.yaml keeps state in '\(RunnerCluster.namespace)'"))
        }
    }

    /// A cluster takes the Job that a deployment is, and adds nothing but defaults to it.
    private func createsItsJob(_ cluster: RunnerCluster) async throws {
        let template = """
            {"metadata": {"labels": {"team": "a"}}, "spec": {"tolerations": [{"operator": "Exists"}], "containers":
             [{"name": "main", "env": [{"name": "HTTPS_PROXY", "value": "p"}]}, {"name": "sidecar", "image": "s"}]}}
            """
        let manifest = JobManifest(
            job: JobSettings(
                namespace: RunnerCluster.namespace, serviceAccount: "humanitec-runner",
                podTemplate: try JSON(parsing: template)),
            deployment: DeploymentID(), environment: try EnvironmentID(StockTerraformTests.environment),
            mode: .planOnly, image: "registry.test/none", organization: "org", runner: "my-runner")
        let wanted = try manifest.json()
        let created = try await cluster.asAdministrator { client in
            try await client.create(.job, namespace: RunnerCluster.namespace, wanted)
        }
        #expect(created["metadata"]?["name"]?.string == manifest.deployment.description)
        for key in ["ttlSecondsAfterFinished", "parallelism", "backoffLimit"] {
            #expect(created["spec"]?[key] == wanted["spec"]?[key])
        }
        let (spec, wantedSpec) = (created["spec"]?["template"]?["spec"], wanted["spec"]?["template"]?["spec"])
        for key in ["serviceAccountName", "restartPolicy", "volumes", "tolerations"] {
            #expect(spec?[key] == wantedSpec?[key], "\(key)")
        }
        let containers = zip(spec?["containers"]?.array ?? [], wantedSpec?["containers"]?.array ?? [])
        for (container, wanted) in containers {
            for (key, value) in wanted.object ?? [:] { #expect(container[key] == value, "\(key)") }
        }
    }

    @Test func whatKeepsACommandFromItsClusterIsNamed() async throws {
        try await withTemporaryFolder { home in
            let access = try Access(
                kubeconfig:
                    "server: https://127.0.0.1:1\ncertificate-authority-data: \(Self.authority)\ntoken: abc.def.ghi")
            var files = files(access)
            files["agent.yaml"] = AgentConfiguration.head + Self.tail
            files["bad.yaml"] = files["token.yaml"]?.replacing("namespace:", with: "namspace:")
            try write(files, below: home)
            var stowage = try Program.stowage(home: home)
            stowage.folder = home
            stowage.environment["PATH"] = home
            let cases: [(String, Int32, [String])] = [
                ("gke.yaml", 77, ["'gcloud'", "cannot be started", "pass --kubeconfig"]),
                ("eks.yaml", 77, ["'aws'", "cannot be started", "pass --kubeconfig"]),
                ("agent.yaml", 64, ["kubernetes-agent", "pass --kubeconfig"]),
                ("bad.yaml", 65, ["bad.yaml:7:5: ", "bad.yaml:11:3: ", "did you mean 'namespace'?"]),
                ("missing.yaml", 74, ["missing.yaml"]), ("bin", 74, ["is a folder"]),
            ]
            for (file, status, parts) in cases {
                let result = try await stowage("state", "list", "--config", file)
                #expect(result.status == status, "\(result)")
                for part in parts { #expect(result.errors.contains(part), "\(result)") }
                #expect(!result.description.contains("abc.def.ghi"))
            }
        }
    }

    @Test func aFileIsValidatedAndShown() async throws {
        try await withTemporaryFolder { home in
            let access = try Access(
                kubeconfig:
                    "server: https://127.0.0.1:1\ncertificate-authority-data: \(Self.authority)\ntoken: abc.def.ghi")
            var files = files(access)
            files["bad.yaml"] = files["token.yaml"]?.replacing("namespace:", with: "namspace:")
            try write(files, below: home)
            var stowage = try Program.stowage(home: home)
            stowage.folder = home
            let good = try await stowage("runner", "validate", "token.yaml")
            #expect(good.status == 0)
            #expect(good.output == "token.yaml: a valid kubernetes runner, with state in namespace humanitec-runner\n")
            let bad = try await stowage("runner", "validate", "bad.yaml")
            #expect(bad.status == 65)
            #expect(bad.output.split(separator: "\n").count == 4, "\(bad)")
            #expect(bad.errors == "stowage: bad.yaml has 4 problems\n")
            let json = try JSON(parsing: try await stowage("runner", "validate", "bad.yaml", "-o", "json").output)
            #expect(json.array?.count == 4)
            #expect(
                json.array?.dropFirst().first == [
                    "file": "bad.yaml", "line": 7, "column": 5, "key": "runner_configuration.job.namespace",
                    "problem": "is missing",
                    "allowed": "up to 63 lower-case letters, digits and '-', with a letter or digit at both ends",
                ])
            #expect(try await stowage("runner", "validate", "good.yaml").status == 74)
            #expect(try await stowage("runner", "validate").status == 64)

            for format in ["table", "json", "yaml"] {
                let shown = try await stowage("runner", "show", "-o", format, "token.yaml")
                #expect(shown.status == 0)
                #expect(shown.output.contains("https://127.0.0.1:1"))
                #expect(!shown.description.contains("abc.def.ghi"))
            }
            let whole = try await stowage("runner", "show", "-o", "yaml", "--show-sensitive", "token.yaml")
            try write(["again.yaml": whole.output], below: home)
            #expect(
                try await stowage("runner", "show", "-o", "yaml", "--show-sensitive", "again.yaml").output
                    == whole.output)
        }
    }

    /// Of no worth.
    private static let authority = """
        LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUJtVENDQVQrZ0F3SUJBZ0lVU1VLbUlKSDJqNFhuWTVkdlA1WHFUVm1jVGhBd0NnWUlLb1\
        pJemowRUF3SXcKSVRFZk1CMEdBMVVFQXd3V2MzUnZkMkZuWlNCMFpYTjBJR0YxZEdodmNtbDBlVEFnRncweU5qRXhNalF3TURRdwpNVGxhR0E4\
        eU1USTJNVEF6TVRBd05EQXhPVm93SVRFZk1CMEdBMVVFQXd3V2MzUnZkMkZuWlNCMFpYTjBJR0YxCmRHaHZjbWwwZVRCWk1CTUdCeXFHU000OU\
        FnRUdDQ3FHU000OUF3RUhBMElBQkpnMXVvakVEcEV3Y2p6VCtTUDYKU2tWbjBzbHFlUGtsQ3pWNjBhUm0xMmVDUjlyUjc3d1lMWkVudUd4dHYr\
        Z1o3QXJVWXQ1bzNpZzhBWm1BbG9PVApybWVqVXpCUk1CMEdBMVVkRGdRV0JCU3lxY2hFMFdNSmxXWEhzbGViYVFzT1BmUEJwREFmQmdOVkhTTU\
        VHREFXCmdCU3lxY2hFMFdNSmxXWEhzbGViYVFzT1BmUEJwREFQQmdOVkhSTUJBZjhFQlRBREFRSC9NQW9HQ0NxR1NNNDkKQkFNQ0EwZ0FNRVVD\
        SVFDbnJ4SVZJWUpSR2UyZE9kelloQVVubHVpb0doTEZFSjVkSGpZRXcyKy9Rd0lnVTdMOAptOUpKOFpmbTRHZ1RYMGFMc2VMYTJsVmhWMSs2Vl\
        dScGppbU1GcUk9Ci0tLS0tRU5EIENFUlRJRklDQVRFLS0tLS0K
        """
}
