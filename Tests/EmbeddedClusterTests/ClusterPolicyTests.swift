@testable internal import EmbeddedCluster
internal import KubernetesAPI
internal import OrderedJSON
internal import Testing

private let rbac = "/apis/rbac.authorization.k8s.io/v1"

/// Roles and bindings of the whole cluster.
struct ClusterPolicyTests {
    private static func rules(_ rules: PolicyRule...) -> JSON { .array(rules.map(\.json)) }

    private static func binding(_ name: String, to role: String, _ subject: JSON) -> JSON {
        [
            "metadata": ["name": .string(name)],
            "roleRef": ["apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": .string(role)],
            "subjects": [subject],
        ]
    }

    private static let account: JSON = ["kind": "ServiceAccount", "name": "default", "namespace": "default"]

    @Test func aClusterRoleCountsWhereItIsBound() async throws {
        try await withTestCluster { cluster in
            let token = TestCluster.Sender.token(try await cluster.token("default", "default"))
            let (here, there) = ("/api/v1/namespaces/default/secrets", "/api/v1/namespaces/kube-system/secrets")
            var binding = Self.binding("b", to: "view-secrets", Self.account)
            #expect(
                try await cluster.send("POST", "\(rbac)/namespaces/default/rolebindings", binding).status == 201)
            let missing = try await cluster.send("GET", here, as: token)
            #expect(missing.status == 403)
            #expect(
                try missing.json["message"]?.string?.hasSuffix(
                    ": RBAC: clusterrole.rbac.authorization.k8s.io \"view-secrets\" not found") == true)
            let role: JSON = [
                "metadata": ["name": "view-secrets"],
                "rules": Self.rules(PolicyRule(verbs: ["list"], groups: [""], resources: ["secrets"])),
            ]
            #expect(try await cluster.send("POST", "\(rbac)/clusterroles", role).status == 201)
            #expect(try await cluster.send("GET", here, as: token).status == 200)
            #expect(try await cluster.send("GET", there, as: token).status == 403)
            binding = Self.binding("c", to: "view-secrets", Self.account)
            #expect(try await cluster.send("POST", "\(rbac)/clusterrolebindings", binding).status == 201)
            #expect(try await cluster.send("GET", there, as: token).status == 200)
            #expect(try await cluster.send("GET", "/api/v1/secrets", as: token).status == 200)
            #expect(try await cluster.send("DELETE", "\(rbac)/clusterrolebindings/c").status == 200)
            #expect(try await cluster.send("GET", there, as: token).status == 403)
        }
    }

    @Test func aggregatedRolesGatherTheRulesOfOthers() async throws {
        try await withTestCluster { cluster in
            let path = "\(rbac)/clusterroles"
            func resources(_ role: String) async throws -> Set<String> {
                let rules = try await cluster.send("GET", "\(path)/\(role)").json["rules"]?.array ?? []
                return Set(rules.flatMap { ($0["resources"]?.array ?? []).compactMap(\.string) })
            }
            let view = try await resources("view")
            #expect(view.contains("configmaps"))
            #expect(try await resources("admin").isSuperset(of: ["configmaps", "secrets", "roles", "leases"]))
            #expect(!view.contains("secrets"))
            let part: JSON = [
                "metadata": [
                    "name": "things-view", "labels": ["rbac.authorization.k8s.io/aggregate-to-view": "true"],
                ],
                "rules": Self.rules(PolicyRule(verbs: ["get"], groups: ["example.com"], resources: ["things"])),
            ]
            #expect(try await cluster.send("POST", path, part).status == 201)
            for role in ["view", "edit", "admin"] { #expect(try await resources(role).contains("things")) }
            #expect(try await cluster.send("DELETE", "\(path)/things-view").status == 200)
            for role in ["view", "edit", "admin"] { #expect(try await !resources(role).contains("things")) }
        }
    }

    @Test func rolesThatGatherEachOtherComeToAnEnd() async throws {
        try await withTestCluster { cluster in
            for (name, other) in [("a", "b"), ("b", "a")] {
                let role: JSON = [
                    "metadata": ["name": .string(name), "labels": ["is": .string(name)]],
                    "aggregationRule": ["clusterRoleSelectors": [["matchLabels": ["is": .string(other)]]]],
                    "rules": Self.rules(PolicyRule(verbs: ["get"], groups: [""], resources: [name])),
                ]
                let answer = try await cluster.send("POST", "\(rbac)/clusterroles", role)
                #expect(answer.status == 201)
            }
        }
    }

    @Test func theRolesOfEveryClusterAreBroughtBack() async throws {
        try await withTestStore { store in
            try await store.seed()
            let settled = try await store.currentRevision()
            try await store.seed()
            #expect(try await store.currentRevision() == settled)

            let roles = ResourceKind.clusterRole.qualifiedResource
            func role(_ name: String) async throws -> (StoredObject, JSON) {
                let found = try #require(
                    try await store.object(ObjectKey(resource: roles, namespace: "", name: name)))
                return (found, try found.json())
            }
            // What is missing comes back, what was added stays.
            var (stored, object) = try await role("system:basic-user")
            let own = PolicyRule(verbs: ["get"], groups: ["example.com"], resources: ["things"])
            object["rules"] = [own.json]
            try await store.apply([.update(stored.key, from: stored.revision, ObjectDraft(object))])
            // What is marked so is left alone.
            (stored, object) = try await role("system:discovery")
            var metadata = object["metadata"] ?? [:]
            metadata["annotations"] = [BootstrapReconciliation.autoupdate: "false"]
            object["metadata"] = metadata
            object["rules"] = []
            try await store.apply([.update(stored.key, from: stored.revision, ObjectDraft(object))])
            try await store.seed()
            let basic = PolicyRule.rules(ofRole: try await role("system:basic-user").1)
            #expect(basic.contains(own))
            #expect(basic.count > 1)
            #expect(PolicyRule.rules(ofRole: try await role("system:discovery").1) == [])
        }
    }

    @Test func clusterRolesAreGrantedByThoseWhoHoldThem() async throws {
        try await withTestCluster { cluster in
            let token = TestCluster.Sender.token(try await cluster.token("default", "default"))
            let writer: JSON = [
                "metadata": ["name": "writer"],
                "rules": Self.rules(
                    PolicyRule(
                        verbs: ["create", "update"], groups: ["rbac.authorization.k8s.io"],
                        resources: ["clusterroles", "clusterrolebindings", "rolebindings"])),
            ]
            #expect(try await cluster.send("POST", "\(rbac)/clusterroles", writer).status == 201)
            #expect(
                try await cluster.send(
                    "POST", "\(rbac)/clusterrolebindings", Self.binding("w", to: "writer", Self.account)
                ).status == 201)

            let paths: JSON = [
                "metadata": ["name": "esc"], "rules": Self.rules(PolicyRule(verbs: ["get"], paths: ["/metrics"])),
            ]
            let refused = try await cluster.send("POST", "\(rbac)/clusterroles", as: token, paths)
            #expect(
                try refused.json["message"]?.string?.hasSuffix(
                    "not currently held:\n{NonResourceURLs:[\"/metrics\"], Verbs:[\"get\"]}") == true)
            let held: JSON = [
                "metadata": ["name": "fine"], "rules": Self.rules(PolicyRule(verbs: ["get"], paths: ["/api/v1"])),
            ]
            #expect(try await cluster.send("POST", "\(rbac)/clusterroles", as: token, held).status == 201)
            let gathering: JSON = [
                "metadata": ["name": "all"],
                "aggregationRule": ["clusterRoleSelectors": [["matchLabels": ["a": "b"]]]],
            ]
            let aggregation = try await cluster.send("POST", "\(rbac)/clusterroles", as: token, gathering)
            #expect(
                try aggregation.json["message"]?.string
                    == "clusterroles.rbac.authorization.k8s.io \"all\" is forbidden: must have cluster-admin "
                    + "privileges to use the aggregationRule")

            let bindings = "\(rbac)/clusterrolebindings"
            let strong = Self.binding("strong", to: "cluster-admin", Self.account)
            #expect(try await cluster.send("POST", bindings, as: token, strong).status == 403)
            #expect(
                try await cluster.send(
                    "POST", bindings, as: token, Self.binding("none", to: "nope", Self.account)
                ).status == 404)
            #expect(
                try await cluster.send(
                    "POST", bindings, as: token, Self.binding("own", to: "writer", Self.account)
                ).status == 201)
            // `bind` by name allows that one.
            let binder: JSON = [
                "metadata": ["name": "binder"],
                "rules": Self.rules(
                    PolicyRule(
                        verbs: ["bind"], groups: ["rbac.authorization.k8s.io"], resources: ["clusterroles"],
                        names: ["edit"])),
            ]
            #expect(try await cluster.send("POST", "\(rbac)/clusterroles", binder).status == 201)
            #expect(
                try await cluster.send("POST", bindings, Self.binding("binder", to: "binder", Self.account)).status
                    == 201)
            #expect(
                try await cluster.send(
                    "POST", bindings, as: token, Self.binding("edit", to: "edit", Self.account)
                ).status == 201)
            #expect(try await cluster.send("POST", bindings, as: token, strong).status == 403)
        }
    }

    @Test func bindingsOfTheClusterNameTheirNamespaces() async throws {
        try await withTestCluster { cluster in
            var wrong = Self.binding("b", to: "view", ["kind": "ServiceAccount", "name": "x"])
            wrong["roleRef"] = ["kind": "Role", "name": "view"]
            let causes =
                try await cluster.send("POST", "\(rbac)/clusterrolebindings", wrong)
                .json["details"]?["causes"]?.array ?? []
            #expect(causes.compactMap { $0["field"]?.string } == ["roleRef.kind", "subjects[0].namespace"])
            let rule: JSON = [
                "metadata": ["name": "r"], "rules": [["verbs": ["get"], "nonResourceURLs": ["/x"], "apiGroups": [""]]],
            ]
            let role = try await cluster.send("POST", "\(rbac)/clusterroles", rule)
            #expect(
                (try role.json["message"]?.string)
                    == "ClusterRole.rbac.authorization.k8s.io \"r\" is invalid: rules[0].nonResourceURLs: Invalid value: "
                    + "[\"/x\"]: rules cannot apply to both regular resources and non-resource URLs")
        }
    }
}
