import KubernetesAPI
import OrderedJSON
import Runner
import StateStorage
import Testing

@Suite struct JobManifestTests {
    private func manifest(_ template: String? = nil) throws -> JobManifest {
        JobManifest(
            job: JobSettings(
                namespace: "jobs", serviceAccount: "runner", podTemplate: try template.map { try JSON(parsing: $0) }),
            deployment: try #require(DeploymentID("a41bf32b-b337-43a4-8d65-1d565c5e25be")),
            environment: try EnvironmentID("4b41bf32-b337-93a4-ad65-1d565c5e25be"), mode: .planOnly,
            image: "registry.test/stowage:1", organization: "org", runner: "my-runner",
            variables: [("TF_VAR_region", "eu")])
    }

    private func spec(_ template: String) throws -> JSON {
        try #require(try manifest(template).json()["spec"]?["template"]?["spec"])
    }

    private func main(_ template: String) throws -> JSON {
        try #require(try spec(template)["containers"]?.array?.first { $0["name"] == "main" })
    }

    @Test func theJobOfTheContract() throws {
        #expect(
            try manifest().json() == [
                "apiVersion": "batch/v1", "kind": "Job",
                "metadata": [
                    "name": "a41bf32b-b337-43a4-8d65-1d565c5e25be", "namespace": "jobs",
                    "labels": [
                        "app.kubernetes.io/managed-by": "stowage",
                        "stowage-deployment": "a41bf32b-b337-43a4-8d65-1d565c5e25be",
                        "stowage-environment": "4b41bf32-b337-93a4-ad65-1d565c5e25be",
                    ],
                ],
                "spec": [
                    "ttlSecondsAfterFinished": 3600, "parallelism": 1, "backoffLimit": 0,
                    "template": [
                        "spec": [
                            "serviceAccountName": "runner", "restartPolicy": "Never",
                            "terminationGracePeriodSeconds": 90,
                            "containers": [
                                [
                                    "name": "main", "image": "registry.test/stowage:1", "command": ["stowage"],
                                    "args": ["standard"],
                                    "workingDir": "/var/lib/stowage",
                                    "env": [
                                        ["name": "ORG_ID", "value": "org"],
                                        ["name": "RUNNER_ID", "value": "my-runner"],
                                        ["name": "DEPLOYMENT_ID", "value": "a41bf32b-b337-43a4-8d65-1d565c5e25be"],
                                        [
                                            "name": "DEPLOYMENT_ENV_UUID",
                                            "value": "4b41bf32-b337-93a4-ad65-1d565c5e25be",
                                        ],
                                        ["name": "MODE", "value": "plan_only"], ["name": "LOG_LEVEL", "value": "info"],
                                        ["name": "TF_VAR_region", "value": "eu"],
                                    ],
                                    "resources": ["requests": ["memory": "1Gi"]],
                                    "securityContext": [
                                        "allowPrivilegeEscalation": false, "runAsNonRoot": true,
                                        "capabilities": ["drop": ["ALL"]], "seccompProfile": ["type": "RuntimeDefault"],
                                    ],
                                    "volumeMounts": [["name": "stowage-work", "mountPath": "/var/lib/stowage"]],
                                ]
                            ], "volumes": [["name": "stowage-work", "emptyDir": [:]]],
                        ]
                    ],
                ],
            ])
    }

    @Test func theRunnersContainerIsCustomisedByItsName() throws {
        let main = try main(
            """
            {"spec": {"containers": [{"name": "main", "image": "mine:2", "args": ["other"],
              "env": [{"name": "HTTPS_PROXY", "value": "p"}, {"name": "TF_VAR_region", "value": "us"}],
              "resources": {"requests": {"cpu": "1"}, "limits": {"memory": "2Gi"}},
              "securityContext": {"runAsUser": 1000},
              "volumeMounts": [{"name": "cache", "mountPath": "/cache"}],
              "ports": [{"containerPort": 80}]}]}}
            """)
        #expect(main["image"] == "mine:2")
        #expect(main["args"] == ["other"])
        #expect(main["resources"] == ["requests": ["memory": "1Gi", "cpu": "1"], "limits": ["memory": "2Gi"]])
        #expect(main["securityContext"]?["runAsNonRoot"] == true)
        #expect(main["securityContext"]?["runAsUser"] == 1000)
        let env = main["env"]?.array ?? []
        #expect(env.compactMap { $0["name"]?.string }.count == 8)
        #expect(env.contains(["name": "HTTPS_PROXY", "value": "p"]))
        #expect(env.contains(["name": "TF_VAR_region", "value": "us"]))
        #expect(main["volumeMounts"]?.array?.map { $0["mountPath"] } == ["/cache", "/var/lib/stowage"])
        #expect(main["ports"] == [["containerPort": 80]])
    }

    @Test func othersAreAddedAndWhatIsNotMergedIsReplaced() throws {
        let spec = try spec(
            """
            {"metadata": {"labels": {"a": "b"}},
             "spec": {"containers": [{"name": "sidecar", "image": "s", "env": [{"name": "MODE", "value": "mine"}]}],
              "initContainers": [{"name": "first", "image": "i"}], "restartPolicy": "OnFailure",
              "volumes": [{"name": "cache", "emptyDir": {}}, {"name": "stowage-work", "emptyDir": {"sizeLimit": "1Gi"}}],
              "tolerations": [{"key": "k", "operator": "Exists"}], "imagePullSecrets": [{"name": "p"}],
              "nodeSelector": {"disk": "ssd"}}}
            """)
        // As Kubernetes has it, what a patch brings comes before what it does not know.
        #expect(spec["containers"]?.array?.map { $0["name"] } == ["sidecar", "main"])
        #expect(spec["containers"]?.array?.first?["env"] == [["name": "MODE", "value": "mine"]])
        #expect(spec["initContainers"] == [["name": "first", "image": "i"]])
        #expect(spec["restartPolicy"] == "OnFailure")
        #expect(
            spec["volumes"] == [
                ["name": "cache", "emptyDir": [:]], ["name": "stowage-work", "emptyDir": ["sizeLimit": "1Gi"]],
            ])
        #expect(spec["tolerations"] == [["key": "k", "operator": "Exists"]])
        #expect(spec["nodeSelector"] == ["disk": "ssd"])
        #expect(spec["serviceAccountName"] == "runner")
    }

    @Test func directivesAndNullsAreFollowed() throws {
        let main = try main(
            """
            {"spec": {"containers": [{"name": "main", "resources": null,
              "securityContext": {"$patch": "replace", "runAsUser": 7},
              "env": [{"name": "TF_VAR_region", "$patch": "delete"}],
              "volumeMounts": [{"$patch": "replace"}, {"name": "stowage-work", "mountPath": "/w"}]}]}}
            """)
        #expect(main["resources"] == nil)
        #expect(main["securityContext"] == ["runAsUser": 7])
        #expect(main["env"]?.array?.contains { $0["name"] == "TF_VAR_region" } == false)
        #expect(main["volumeMounts"] == [["name": "stowage-work", "mountPath": "/w"]])
    }

    @Test(arguments: [
        (#"{"$patch": "replace"}"#, "serviceAccountName"),
        (#"{"spec": {"serviceAccountName": "x"}}"#, "serviceAccountName"),
        (#"{"spec": {"serviceAccount": "x"}}"#, "serviceAccountName"),
        (#"{"metadata": {"namespace": "x"}}"#, "namespace"),
        (#"{"spec": {"containers": [{"name": "main", "$patch": "delete"}]}}"#, "no container 'main'"),
        (#"{"spec": {"containers": null}}"#, "no container 'main'"),
        (#"{"spec": {"containers": [{"name": "main", "image": ""}]}}"#, "no container 'main'"),
        (
            #"{"spec": {"containers": [{"name": "main", "env": [{"name": "MODE", "value": "destroy"}]}]}}"#,
            "variable MODE"
        ),
        (
            #"{"spec": {"containers": [{"name": "main", "env": [{"name": "MODE", "valueFrom": {"fieldRef": {}}}]}]}}"#,
            "variable MODE"
        ),
        (
            #"{"spec": {"containers": [{"name": "main", "env": [{"name": "MODE", "$patch": "delete"}]}]}}"#,
            "variable MODE"
        ),
        (#"{"spec": {"containers": [{"image": "x"}]}}"#, "lacks 'name'"),
        (#"{"spec": {"containers": [1]}}"#, "values of several kinds"),
        (#"{"spec": {"$patch": "explode"}}"#, "unknown patch type: explode"),
    ])
    func whatTakesAwayWhatARunnerNeedsIsRefused(_ template: String, _ part: String) throws {
        let manifest = try manifest(template)
        let error = #expect(throws: PodTemplateError.self) { try manifest.json() }
        #expect(error?.description.contains(part) == true, "\(String(describing: error))")
    }

    @Test func deploymentsAreNamedByNewUUIDs() throws {
        let names = (0..<100).map { _ in DeploymentID().description }
        #expect(Set(names).count == 100)
        for name in names {
            #expect(name.wholeMatch(of: #/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/#) != nil)
            #expect(DeploymentID(name)?.description == name)
        }
        #expect(DeploymentID("A41BF32B-B337-43A4-8D65-1D565C5E25BE") == nil)
        #expect(DeploymentID("x") == nil)
    }
}
