@testable import EmbeddedCluster
import OrderedJSON
import Testing

private let pods = "/api/v1/namespaces/default/pods"
private let jobs = "/apis/batch/v1/namespaces/default/jobs"

@Suite struct PodKindTests {
    @Test func aPodIsCompletedAsInKubernetes() async throws {
        try await withTestCluster { cluster in
            let answer = try await cluster.send(
                "POST", pods,
                [
                    "metadata": ["name": "one"],
                    "spec": [
                        "containers": [
                            [
                                "name": "main", "image": "busybox:1", "env": [["name": "A", "value": "b"]],
                                "ports": [["containerPort": 80]],
                                "resources": ["limits": ["memory": "1024Mi", "cpu": "0.5"]],
                            ]
                        ],
                        "volumes": [["name": "work"], ["name": "s", "secret": ["secretName": "x"]]],
                    ],
                ])
            #expect(answer.status == 201, "\(answer.text)")
            let pod = try answer.json
            #expect(pod["metadata"]?["generation"] == 1)
            let expected: JSON = [
                "volumes": [
                    ["name": "work", "emptyDir": [:]],
                    ["name": "s", "secret": ["secretName": "x", "defaultMode": 420]],
                ],
                "containers": [
                    [
                        "name": "main", "image": "busybox:1", "ports": [["containerPort": 80, "protocol": "TCP"]],
                        "env": [["name": "A", "value": "b"]],
                        "resources": [
                            "limits": ["cpu": "500m", "memory": "1Gi"], "requests": ["cpu": "500m", "memory": "1Gi"],
                        ],
                        "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File",
                        "imagePullPolicy": "IfNotPresent",
                    ]
                ],
                "restartPolicy": "Always", "terminationGracePeriodSeconds": 30, "dnsPolicy": "ClusterFirst",
                "serviceAccountName": "default", "serviceAccount": "default", "securityContext": [:],
                "schedulerName": "default-scheduler",
                "tolerations": [
                    [
                        "key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute",
                        "tolerationSeconds": 300,
                    ],
                    [
                        "key": "node.kubernetes.io/unreachable", "operator": "Exists", "effect": "NoExecute",
                        "tolerationSeconds": 300,
                    ],
                ],
                "priority": 0, "enableServiceLinks": true, "preemptionPolicy": "PreemptLowerPriority",
            ]
            #expect(pod["spec"]?.text == expected.text)
            #expect(pod["status"]?["phase"] == "Pending")
            #expect(pod["status"]?["qosClass"] == "Guaranteed")
        }
    }

    @Test(
        arguments: [
            (["spec": [:]], "spec.containers: Required value"),
            (
                ["spec": ["containers": [["name": "A", "image": "x"]]]],
                "spec.containers[0].name: Invalid value: \"A\": a lowercase RFC 1123 label must consist of"
            ),
            (["spec": ["containers": [["name": "a"]]]], "spec.containers[0].image: Required value"),
            (
                ["spec": ["containers": [["name": "a", "image": "x"], ["name": "a", "image": "x"]]]],
                "spec.containers[1].name: Duplicate value: \"a\""
            ),
            (
                ["spec": ["containers": [["name": "a", "image": "x", "env": [["name": "A=B"]]]]]],
                "spec.containers[0].env[0].name: Invalid value: \"A=B\": a valid environment variable name must"
            ),
            (
                [
                    "spec": [
                        "containers": [
                            ["name": "a", "image": "x", "volumeMounts": [["name": "v", "mountPath": "/v"]]]
                        ]
                    ]
                ], "spec.containers[0].volumeMounts[0].name: Not found: \"v\""
            ),
            (
                ["spec": ["restartPolicy": "Sometimes", "containers": [["name": "a", "image": "x"]]]],
                "spec.restartPolicy: Unsupported value: \"Sometimes\": supported values: \"Always\", \"Never\", \"OnFailure\""
            ),
            (
                ["spec": ["activeDeadlineSeconds": -1, "containers": [["name": "a", "image": "x"]]]],
                "spec.activeDeadlineSeconds: Invalid value: -1: must be between 1 and 2147483647, inclusive"
            ),
        ] as [(JSON, String)])
    func aPodThatBreaksTheRulesIsRefused(_ body: JSON, _ message: String) async throws {
        try await withTestCluster { cluster in
            var body = body
            body["metadata"] = ["name": "bad"]
            let answer = try await cluster.send("POST", pods, body)
            #expect(answer.status == 422)
            #expect(try answer.json["message"]?.string?.contains(message) == true, "\(answer.text)")
        }
    }

    @Test func aQuantityThatIsNoneIsABadRequest() async throws {
        try await withTestCluster { cluster in
            let answer = try await cluster.send(
                "POST", pods,
                [
                    "metadata": ["name": "bad"],
                    "spec": [
                        "containers": [
                            ["name": "a", "image": "x", "resources": ["limits": ["memory": "much"]]]
                        ]
                    ],
                ])
            #expect(answer.status == 400)
            #expect(answer.text.contains("quantities must match the regular expression"))
        }
    }

    @Test func anAccountThatIsNotThereRunsNothing() async throws {
        try await withTestCluster { cluster in
            let answer = try await cluster.send(
                "POST", pods,
                [
                    "metadata": ["name": "one"],
                    "spec": ["serviceAccountName": "nobody", "containers": [["name": "a", "image": "x"]]],
                ])
            #expect(answer.status == 403)
            #expect(
                try answer.json["message"]?.string == """
                    pods "one" is forbidden: error looking up service account default/nobody: \
                    serviceaccount "nobody" not found
                    """)
        }
    }

    @Test func theStatusIsChangedAlone() async throws {
        try await withTestCluster { cluster in
            _ = try await cluster.send(
                "POST", pods,
                ["metadata": ["name": "one"], "spec": ["containers": [["name": "a", "image": "x"]]]])
            let answer = try await cluster.send(
                "PATCH", "\(pods)/one/status", headers: ["Content-Type": "application/merge-patch+json"],
                ["status": ["message": "hello"], "spec": ["containers": []]])
            #expect(answer.status == 200, "\(answer.text)")
            #expect(try answer.json["status"]?["message"] == "hello")
            #expect(try answer.json["status"]?["phase"] == "Pending")
            #expect(try answer.json["spec"]?["containers"]?.array?.count == 1)
            #expect(try answer.json["metadata"]?["generation"] == 1)
            #expect(try await cluster.send("GET", "\(pods)/one/status").json["kind"] == "Pod")
        }
    }

    @Test func whatAPodRunsCannotChange() async throws {
        try await withTestCluster { cluster in
            var pod: JSON = [
                "metadata": ["name": "one"],
                "spec": ["containers": [["name": "a", "image": "x", "command": ["true"]]]],
            ]
            pod = try await cluster.send("POST", pods, pod).json
            pod["spec"]?.changeEach("containers") { $0["image"] = "y" }
            let changed = try await cluster.send("PUT", "\(pods)/one", pod)
            #expect(changed.status == 200, "\(changed.text)")
            #expect(try changed.json["metadata"]?["generation"] == 2)
            pod = try changed.json
            pod["spec"]?.changeEach("containers") { $0["command"] = ["false"] }
            let refused = try await cluster.send("PUT", "\(pods)/one", pod)
            #expect(refused.status == 422)
            #expect(refused.text.contains("spec: Forbidden: pod updates may not change fields other than"))
        }
    }
}

@Suite struct JobKindTests {
    private static let template: JSON = [
        "spec": ["restartPolicy": "Never", "containers": [["name": "main", "image": "x"]]]
    ]

    @Test func aJobIsCompletedAsInKubernetes() async throws {
        try await withTestCluster { cluster in
            let answer = try await cluster.send(
                "POST", jobs, ["metadata": ["name": "one"], "spec": ["template": Self.template]])
            #expect(answer.status == 201, "\(answer.text)")
            let job = try answer.json
            let uid = job["metadata"]?["uid"] ?? .null
            let labels: JSON = [
                "batch.kubernetes.io/controller-uid": uid, "batch.kubernetes.io/job-name": "one", "controller-uid": uid,
                "job-name": "one",
            ]
            #expect(job["metadata"]?["labels"] == labels)
            var spec = job["spec"] ?? [:]
            #expect(spec["template"]?["metadata"]?["labels"] == labels)
            #expect(spec["template"]?["spec"]?["terminationGracePeriodSeconds"] == 30)
            #expect(spec["template"]?["spec"]?["enableServiceLinks"] == nil)
            spec["template"] = nil
            let expected: JSON = [
                "parallelism": 1, "completions": 1, "backoffLimit": 6,
                "selector": ["matchLabels": ["batch.kubernetes.io/controller-uid": uid]], "manualSelector": false,
                "completionMode": "NonIndexed", "suspend": false, "podReplacementPolicy": "TerminatingOrFailed",
            ]
            #expect(spec.text == expected.text)
            #expect(job["status"] == [:])
        }
    }

    @Test(
        arguments: [
            (
                ["spec": ["template": ["spec": ["containers": [["name": "m", "image": "x"]]]]]],
                "spec.template.spec.restartPolicy: Required value: valid values: \"OnFailure\", \"Never\""
            ),
            (
                ["spec": ["backoffLimit": -1, "template": template]],
                "spec.backoffLimit: Invalid value: -1: must be greater than or equal to 0"
            ),
            (
                ["spec": ["template": ["spec": ["restartPolicy": "Never"]]]],
                "spec.template.spec.containers: Required value"
            ),
        ] as [(JSON, String)])
    func aJobThatBreaksTheRulesIsRefused(_ body: JSON, _ message: String) async throws {
        try await withTestCluster { cluster in
            var body = body
            body["metadata"] = ["name": "bad"]
            let answer = try await cluster.send("POST", jobs, body)
            #expect(answer.status == 422)
            #expect(try answer.json["message"]?.string?.contains(message) == true, "\(answer.text)")
        }
    }

    @Test func theTemplateOfAJobCannotChange() async throws {
        try await withTestCluster { cluster in
            var job = try await cluster.send(
                "POST", jobs, ["metadata": ["name": "one"], "spec": ["template": Self.template]]
            ).json
            job["spec"]?["suspend"] = true
            let changed = try await cluster.send("PUT", "\(jobs)/one", job)
            #expect(changed.status == 200)
            #expect(try changed.json["metadata"]?["generation"] == 2)
            job = try changed.json
            job["spec"]?["template"]?["spec"]?["restartPolicy"] = "OnFailure"
            let refused = try await cluster.send("PUT", "\(jobs)/one", job)
            #expect(refused.status == 422)
            #expect(refused.text.contains("spec.template: Invalid value:"))
            #expect(refused.text.contains("field is immutable"))
        }
    }
}
