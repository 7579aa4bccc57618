@testable import EmbeddedCluster
import KubernetesAPI
import OrderedJSON
import TestScopes
import Testing

private let secrets = "/api/v1/namespaces/default/secrets"

@Suite struct HTTPTests {
    @Test func anUpdateThatReadTheLatestWinsAndAnyOtherLoses() async throws {
        try await withTestCluster { cluster in
            let created = try await cluster.send("POST", secrets, ["metadata": ["name": "a"], "data": ["k": "dg=="]])
            #expect(created.status == 201)
            var object = try created.json
            object["data"] = ["k": "dw=="]
            let updated = try await cluster.send("PUT", "\(secrets)/a", object)
            #expect(updated.status == 200)
            #expect(try updated.json.resourceVersion != created.json.resourceVersion)
            object["data"] = ["k": "eA=="]
            let stale = try await cluster.send("PUT", "\(secrets)/a", object)
            #expect(stale.status == 409)
            #expect(try stale.json["reason"]?.string == "Conflict")
            #expect(try await cluster.send("GET", "\(secrets)/a").body == updated.body)
        }
    }

    @Test func anUpdateOfWhatIsGoneDoesNotBringItBack() async throws {
        try await withTestCluster { cluster in
            let leases = "/apis/coordination.k8s.io/v1/namespaces/default/leases"
            let lease = try await cluster.send("POST", leases, ["metadata": ["name": "l"], "spec": [:]])
            _ = try await cluster.send("DELETE", "\(leases)/l")
            #expect(try await cluster.send("PUT", "\(leases)/l", try lease.json).status == 404)
            // Without a resourceVersion a Lease is made by an update, as in Kubernetes; a Secret is not.
            #expect(try await cluster.send("PUT", "\(leases)/l", ["metadata": ["name": "l"]]).status == 201)
            #expect(try await cluster.send("PUT", "\(secrets)/s", ["metadata": ["name": "s"]]).status == 404)
        }
    }

    @Test func theLimitOfASecretIsExact() async throws {
        try await withTestCluster { cluster in
            func secret(_ count: Int) -> JSON {
                [
                    "metadata": ["name": "max"],
                    "data": ["a": .string(Base64.encode([UInt8](repeating: 0x78, count: count)))],
                ]
            }
            let over = try await cluster.send("POST", secrets, secret(1_048_577))
            #expect(over.status == 422)
            #expect(
                try over.json["message"]?.string
                    == #"Secret "max" is invalid: data: Too long: may not be more than 1048576 bytes"#)
            #expect(try await cluster.send("POST", secrets, secret(1_048_576)).status == 201)
        }
    }

    @Test func aBodyThatIsTooLargeIsRefused() async throws {
        try await withTestCluster { cluster in
            let body = [UInt8](repeating: UInt8(ascii: " "), count: 3_145_729)
            let answer = try await cluster.send("POST", secrets, body: body)
            #expect(answer.status == 413)
            #expect(
                answer.text
                    == #"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Request entity too large: limit is 3145728","reason":"RequestEntityTooLarge","code":413}"#
                    + "\n")
            // The server goes on.
            #expect(try await cluster.send("GET", secrets).status == 200)
        }
    }

    @Test func tokensEndWithTheirTimeAndTheirAccount() async throws {
        let hand = HandClock()
        try await withTestCluster(clock: hand.clock) { cluster in
            try await cluster.prepareRunnerNamespace()
            let list = "/api/v1/namespaces/humanitec-runner/secrets"
            let token = TestCluster.Sender.token(try await cluster.token("humanitec-runner", "humanitec-runner"))
            #expect(try await cluster.send("GET", list, as: token).status == 200)
            hand.advance(.seconds(3599))
            #expect(try await cluster.send("GET", list, as: token).status == 200)
            hand.advance(.seconds(1))
            #expect(try await cluster.send("GET", list, as: token).status == 401)

            let next = TestCluster.Sender.token(try await cluster.token("humanitec-runner", "humanitec-runner"))
            #expect(try await cluster.send("GET", list, as: next).status == 200)
            let account = "/api/v1/namespaces/humanitec-runner/serviceaccounts"
            #expect(try await cluster.send("DELETE", "\(account)/humanitec-runner").status == 200)
            #expect(try await cluster.send("GET", list, as: next).status == 401)
            // Another account of the same name is another account.
            #expect(try await cluster.send("POST", account, ["metadata": ["name": "humanitec-runner"]]).status == 201)
            #expect(try await cluster.send("GET", list, as: next).status == 401)
        }
    }

    @Test func withoutARoleATokenChangesNothing() async throws {
        try await withTestCluster { cluster in
            let token = TestCluster.Sender.token(try await cluster.token("default", "default"))
            _ = try await cluster.send("POST", secrets, ["metadata": ["name": "a"]])
            let before = try await cluster.send("GET", secrets).text
            for (method, path) in [
                ("POST", secrets), ("PUT", "\(secrets)/a"), ("DELETE", "\(secrets)/a"), ("GET", "\(secrets)/a"),
            ] {
                let answer = try await cluster.send(
                    method, path, as: token,
                    body: method == "GET" ? nil : Array(#"{"metadata":{"name":"a"},"data":{"x":"eA=="}}"#.utf8))
                #expect(answer.status == 403, "\(method)")
            }
            #expect(try await cluster.send("GET", secrets).text == before)
        }
    }

    @Test func allRightsInOneNamespaceAreNoneOverOthers() async throws {
        try await withTestCluster { cluster in
            let rbac = "/apis/rbac.authorization.k8s.io/v1/namespaces/default"
            let everything: JSON = [
                "metadata": ["name": "all"], "rules": [["apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]]],
            ]
            #expect(try await cluster.send("POST", "\(rbac)/roles", everything).status == 201)
            let binding: JSON = [
                "metadata": ["name": "all"],
                "roleRef": ["apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "all"],
                "subjects": [["kind": "ServiceAccount", "name": "default"]],
            ]
            #expect(try await cluster.send("POST", "\(rbac)/rolebindings", binding).status == 201)
            #expect(
                try await cluster.send("POST", "/api/v1/namespaces", ["metadata": ["name": "victim"]]).status == 201)
            let token = TestCluster.Sender.token(try await cluster.token("default", "default"))
            let evil: JSON = ["metadata": ["name": "evil"]]
            for path in ["/api/v1/namespaces/default/namespaces", "/api/v1/namespaces"] {
                #expect([403, 404].contains(try await cluster.send("GET", path, as: token).status), "\(path)")
                #expect([403, 404].contains(try await cluster.send("POST", path, as: token, evil).status), "\(path)")
                for name in ["victim", "default"] where path.hasSuffix("default/namespaces") || name == "victim" {
                    let status = try await cluster.send("DELETE", "\(path)/\(name)", as: token).status
                    #expect([403, 404].contains(status), "\(path)/\(name)")
                }
            }
            #expect(try await cluster.send("GET", "/api/v1/namespaces/victim").status == 200)
            #expect(try await cluster.send("GET", "/api/v1/namespaces/evil").status == 404)
        }
    }

    @Test func aLeaseIsNeverOverwrittenUnread() async throws {
        try await withTestCluster { cluster in
            let leases = "/apis/coordination.k8s.io/v1/namespaces/default/leases"
            let held: JSON = ["metadata": ["name": "lock"], "spec": ["holderIdentity": "me"]]
            #expect(try await cluster.send("POST", leases, held).status == 201)
            let stolen: JSON = ["metadata": ["name": "lock"], "spec": ["holderIdentity": "thief"]]
            #expect(try await cluster.send("PUT", "\(leases)/lock", stolen).status == 422)
            let lease = try await cluster.send("GET", "\(leases)/lock").json
            #expect(lease["spec"]?["holderIdentity"] == "me")
        }
    }

    @Test func nobodyGrantsWhatTheyDoNotHold() async throws {
        try await withTestCluster { cluster in
            let rbac = "/apis/rbac.authorization.k8s.io/v1/namespaces/default"
            func role(_ name: String, _ resource: JSON, _ verbs: JSON, group: JSON = "") -> JSON {
                [
                    "metadata": ["name": .string(name)],
                    "rules": [["apiGroups": [group], "resources": [resource], "verbs": verbs]],
                ]
            }
            func binding(_ name: String, to role: String) -> JSON {
                [
                    "metadata": ["name": .string(name)],
                    "roleRef": ["apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": .string(role)],
                    "subjects": [["kind": "ServiceAccount", "name": "default"]],
                ]
            }
            var own = role("own", "secrets", ["get"])
            own["rules"] = .array(
                (own["rules"]?.array ?? []) + [
                    [
                        "apiGroups": ["rbac.authorization.k8s.io"], "resources": ["roles", "rolebindings"],
                        "verbs": ["create", "update", "get"],
                    ]
                ])
            #expect(try await cluster.send("POST", "\(rbac)/roles", own).status == 201)
            #expect(try await cluster.send("POST", "\(rbac)/roles", role("strong", "secrets", ["*"])).status == 201)
            #expect(try await cluster.send("POST", "\(rbac)/rolebindings", binding("own", to: "own")).status == 201)
            let token = TestCluster.Sender.token(try await cluster.token("default", "default"))

            let refused = try await cluster.send(
                "POST", "\(rbac)/roles", as: token, role("esc", "secrets", ["get", "delete"]))
            #expect(refused.status == 403)
            #expect(
                try refused.json["message"]?.string
                    == """
                    roles.rbac.authorization.k8s.io "esc" is forbidden: user "system:serviceaccount:default:default" \
                    (groups=["system:serviceaccounts" "system:serviceaccounts:default" "system:authenticated"]) is \
                    attempting \
                    to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["secrets"], \
                    Verbs:["delete"]}
                    """)
            #expect(
                try await cluster.send("POST", "\(rbac)/roles", as: token, role("fine", "secrets", ["get"])).status
                    == 201)
            #expect(
                try await cluster.send("PUT", "\(rbac)/roles/fine", as: token, role("fine", "secrets", ["*"])).status
                    == 403)
            #expect(
                try await cluster.send("POST", "\(rbac)/rolebindings", as: token, binding("b1", to: "strong")).status
                    == 403)
            #expect(
                try await cluster.send("POST", "\(rbac)/rolebindings", as: token, binding("b2", to: "fine")).status
                    == 201)
        }
    }

    @Test func deletionKeepsItsPreconditions() async throws {
        try await withTestCluster { cluster in
            let object = try await cluster.send("POST", secrets, ["metadata": ["name": "a"]]).json
            let uid = object["metadata"]?["uid"] ?? ""
            let wrong = try await cluster.send("DELETE", "\(secrets)/a", ["preconditions": ["uid": "x"]])
            #expect(wrong.status == 409)
            let old = try await cluster.send("DELETE", "\(secrets)/a", ["preconditions": ["resourceVersion": "1"]])
            #expect(old.status == 409)
            #expect(try await cluster.send("DELETE", "\(secrets)/a?dryRun=All").status == 200)
            #expect(try await cluster.send("DELETE", "\(secrets)/a", ["preconditions": ["uid": uid]]).status == 200)
            #expect(try await cluster.send("GET", "\(secrets)/a").status == 404)
        }
    }

    @Test func finalizersHoldAnObject() async throws {
        try await withTestCluster { cluster in
            let created = try await cluster.send(
                "POST", secrets, ["metadata": ["name": "a", "finalizers": ["example.com/hold"]]])
            #expect(created.status == 201)
            let marked = try await cluster.send("DELETE", "\(secrets)/a").json
            #expect(marked["metadata"]?["deletionTimestamp"] != nil)
            var freed = try await cluster.send("GET", "\(secrets)/a").json
            var metadata = freed["metadata"] ?? [:]
            metadata["finalizers"] = []
            freed["metadata"] = metadata
            #expect(try await cluster.send("PUT", "\(secrets)/a", freed).status == 200)
            #expect(try await cluster.send("GET", "\(secrets)/a").status == 404)
        }
    }

    @Test func aNamespaceTakesItsContentWithIt() async throws {
        try await withTestCluster { cluster in
            try await cluster.prepareRunnerNamespace("gone")
            _ = try await cluster.send("POST", "/api/v1/namespaces/gone/secrets", ["metadata": ["name": "a"]])
            var watch = try await cluster.watch(
                "/api/v1/namespaces?watch=true&fieldSelector=metadata.name%3Dgone&sendInitialEvents=false"
                    + "&resourceVersionMatch=NotOlderThan")
            let deleted = try await cluster.send("DELETE", "/api/v1/namespaces/gone")
            #expect(deleted.status == 200)
            #expect(try await watch.events(2) == ["MODIFIED gone", "DELETED gone"])
            #expect(try deleted.json["status"]?["phase"]?.string == "Terminating")
            #expect(try await cluster.send("GET", "/api/v1/namespaces/gone").status == 404)
            _ = try await cluster.send("POST", "/api/v1/namespaces", ["metadata": ["name": "gone"]])
            #expect(
                try await cluster.send("GET", "/api/v1/namespaces/gone/secrets").json["items"]?.array?.isEmpty == true)
            let accounts =
                try await cluster.send("GET", "/api/v1/namespaces/gone/serviceaccounts").json["items"]?.array ?? []
            #expect(accounts.compactMap(\.objectName) == ["default"])

            let missing = try await cluster.send("POST", "/api/v1/namespaces/nope/secrets", ["metadata": ["name": "a"]])
            #expect(missing.status == 404)
            #expect(try missing.json["message"]?.string == #"namespaces "nope" not found"#)
            #expect(try await cluster.send("DELETE", "/api/v1/namespaces/default").status == 403)
        }
    }

    @Test func onlyTheAdministratorSpeaksForOthers() async throws {
        try await withTestCluster { cluster in
            try await cluster.prepareRunnerNamespace()
            let list = "/api/v1/namespaces/humanitec-runner/secrets"
            let account = ["Impersonate-User": "system:serviceaccount:humanitec-runner:humanitec-runner"]
            #expect(try await cluster.send("GET", list, headers: account).status == 200)
            #expect(try await cluster.send("DELETE", "\(list)/x", headers: account).status == 403)
            let token = TestCluster.Sender.token(try await cluster.token("humanitec-runner", "humanitec-runner"))
            #expect(
                try await cluster.send("GET", list, as: token, headers: ["Impersonate-User": "admin"]).status == 403)
        }
    }

    @Test func whatIsNotServedIsSaidHonestly() async throws {
        try await withTestCluster { cluster in
            _ = try await cluster.send("POST", secrets, ["metadata": ["name": "a"]])
            let text = ["Content-Type": "text/plain"]
            #expect(try await cluster.send("POST", secrets, headers: text, body: Array("a".utf8)).status == 415)
            let accept = ["Accept": "text/html"]
            #expect(try await cluster.send("GET", secrets, headers: accept).status == 406)
            #expect(try await cluster.send("GET", "/api/v1/namespaces/default/services").status == 404)
            #expect(try await cluster.send("POST", "/api/v1/secrets", ["metadata": ["name": "a"]]).status == 405)
        }
    }

    @Test func listsThatAreLongAreStreamed() async throws {
        try await withTestCluster { cluster in
            let value = JSON.string(Base64.encode([UInt8](repeating: 0x78, count: 300_000)))
            for number in 10..<20 {
                _ = try await cluster.send(
                    "POST", secrets, ["metadata": ["name": .string("s\(number)")], "data": ["a": value]])
            }
            let list = try await cluster.send("GET", secrets)
            #expect(list.header("Content-Length") == nil)
            let names = (try list.json["items"]?.array ?? []).compactMap(\.objectName)
            #expect(names == (10..<20).map { "s\($0)" })
            let some = try await cluster.send("GET", "\(secrets)?limit=7").json
            #expect(some["items"]?.array?.count == 7)
            #expect(some["metadata"]?["remainingItemCount"]?.int == 3)
        }
    }

    @Test func selectsByFields() async throws {
        try await withTestCluster { cluster in
            _ = try await cluster.send("POST", secrets, ["metadata": ["name": "a"]])
            _ = try await cluster.send("POST", secrets, ["metadata": ["name": "b"], "type": "example.com/x"])
            for (selector, expected) in [
                ("metadata.name%3Da", ["a"]), ("metadata.namespace%3Ddefault", ["a", "b"]), ("type%3DOpaque", ["a"]),
                ("metadata.name!%3Da", ["b"]), ("metadata.name%3Dc", []),
            ] {
                let list = try await cluster.send("GET", "/api/v1/secrets?fieldSelector=\(selector)").json
                #expect((list["items"]?.array ?? []).compactMap(\.objectName) == expected, "\(selector)")
            }
            #expect(try await cluster.send("GET", "\(secrets)?fieldSelector=data%3Dx").status == 400)
            let elsewhere = try await cluster.send("GET", "\(secrets)?fieldSelector=metadata.namespace%3Dother").json
            #expect(elsewhere["items"]?.array?.isEmpty == true)
        }
    }
}
