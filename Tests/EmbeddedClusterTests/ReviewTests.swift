@testable internal import EmbeddedCluster
internal import KubernetesAPI
internal import OrderedJSON
internal import Testing

private let authorization = "/apis/authorization.k8s.io/v1"

struct ReviewTests {
    private static let secrets: JSON = ["namespace": "humanitec-runner", "verb": "update", "resource": "secrets"]
    private static let runner: JSON = "system:serviceaccount:humanitec-runner:humanitec-runner"

    @Test func theRulesOfAnAccountAreThoseOfItsBindings() async throws {
        try await withTestCluster { cluster in
            try await cluster.prepareRunnerNamespace()
            let token = TestCluster.Sender.token(try await cluster.token("humanitec-runner", "humanitec-runner"))
            let answer = try await cluster.send(
                "POST", "\(authorization)/selfsubjectrulesreviews", as: token,
                ["spec": ["namespace": "humanitec-runner"]])
            #expect(answer.status == 201)
            // As it was recorded.
            #expect(
                answer.text.hasPrefix(
                    #"{"kind":"SelfSubjectRulesReview","apiVersion":"authorization.k8s.io/v1","metadata":{},"spec":{},"#
                ))
            #expect(
                try answer.json["status"] == [
                    "resourceRules": [
                        [
                            "verbs": ["create"], "apiGroups": ["authorization.k8s.io"],
                            "resources": ["selfsubjectaccessreviews", "selfsubjectrulesreviews"],
                        ],
                        [
                            "verbs": ["create"], "apiGroups": ["authentication.k8s.io"],
                            "resources": ["selfsubjectreviews"],
                        ],
                        ["verbs": ["create", "get", "list", "update"], "apiGroups": [""], "resources": ["secrets"]],
                        [
                            "verbs": ["create", "get", "update"], "apiGroups": ["coordination.k8s.io"],
                            "resources": ["leases"],
                        ],
                    ],
                    "nonResourceRules": [
                        [
                            "verbs": ["get"],
                            "nonResourceURLs": [
                                "/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez", "/openapi", "/openapi/*",
                                "/readyz", "/version", "/version/",
                            ],
                        ],
                        [
                            "verbs": ["get"],
                            "nonResourceURLs": ["/healthz", "/livez", "/readyz", "/version", "/version/"],
                        ],
                        [
                            "verbs": ["get"],
                            "nonResourceURLs": [
                                "/.well-known/openid-configuration", "/.well-known/openid-configuration/",
                                "/openid/v1/jwks", "/openid/v1/jwks/",
                            ],
                        ],
                        ["verbs": ["get"], "nonResourceURLs": ["/.well-known", "/.well-known/*"]],
                    ],
                    "incomplete": false,
                ])
            let nowhere = try await cluster.send(
                "POST", "\(authorization)/selfsubjectrulesreviews", as: token, ["spec": [:]])
            #expect(nowhere.status == 400)
            #expect(try nowhere.json["message"]?.string == "no namespace on request")
        }
    }

    @Test func accessIsReviewedForOthers() async throws {
        try await withTestCluster { cluster in
            try await cluster.prepareRunnerNamespace()
            func allowed(_ path: String, _ spec: JSON) async throws -> Bool? {
                try await cluster.send("POST", path, ["spec": spec]).json["status"]?["allowed"]?.bool
            }
            let all = "\(authorization)/subjectaccessreviews"
            var delete = Self.secrets
            delete["verb"] = "delete"
            #expect(try await allowed(all, ["user": Self.runner, "resourceAttributes": Self.secrets]) == true)
            #expect(try await allowed(all, ["user": Self.runner, "resourceAttributes": delete]) == false)
            #expect(try await allowed(all, ["groups": ["system:masters"], "resourceAttributes": delete]) == true)
            let path: JSON = ["path": "/version", "verb": "get"]
            #expect(try await allowed(all, ["user": "x", "nonResourceAttributes": path]) == false)
            #expect(
                try await allowed(all, ["groups": ["system:unauthenticated"], "nonResourceAttributes": path]) == true)

            let local = "\(authorization)/namespaces/humanitec-runner/localsubjectaccessreviews"
            let answer = try await cluster.send(
                "POST", local, ["spec": ["user": Self.runner, "resourceAttributes": Self.secrets]])
            #expect(answer.status == 201)
            #expect(try answer.json.objectNamespace == "humanitec-runner")
            #expect(try answer.json["status"]?["allowed"] == true)
            delete["namespace"] = "default"
            let elsewhere = try await cluster.send(
                "POST", local, ["spec": ["user": Self.runner, "resourceAttributes": delete]])
            #expect(
                try elsewhere.json["message"]?.string
                    == "LocalSubjectAccessReview.authorization.k8s.io \"\" is invalid: "
                    + "spec.resourceAttributes.namespace: Invalid value: \"default\": must match metadata.namespace")
        }
    }

    @Test func aReviewWithoutAQuestionIsNone() async throws {
        try await withTestCluster { cluster in
            let answer = try await cluster.send("POST", "\(authorization)/subjectaccessreviews", ["spec": [:]])
            #expect(answer.status == 422)
            let causes = try answer.json["details"]?["causes"]?.array ?? []
            #expect(causes.compactMap { $0["field"]?.string } == ["spec.resourceAttributes", "spec.user"])
            let named = try await cluster.send(
                "POST", "\(authorization)/selfsubjectaccessreviews",
                ["metadata": ["name": "x"], "spec": ["resourceAttributes": Self.secrets]])
            #expect(try named.json["message"]?.string?.hasSuffix("must be empty") == true)
            // Who may do nothing may not ask about others either.
            let token = TestCluster.Sender.token(try await cluster.token("default", "default"))
            #expect(
                try await cluster.send("POST", "\(authorization)/subjectaccessreviews", as: token, ["spec": [:]]).status
                    == 403)
        }
    }
}
