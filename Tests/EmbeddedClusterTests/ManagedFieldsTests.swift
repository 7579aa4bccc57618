@testable import EmbeddedCluster
import OrderedJSON
import TestScopes
import Testing

private let secrets = "/api/v1/namespaces/default/secrets"

extension TestCluster.Answer {
    /// The owners of the object's fields, without the times.
    fileprivate var owners: String {
        get throws { try json.owners.joined(separator: "\n") }
    }
}

/// As a real API server 1.36.2 wrote it.
private func update(_ fields: String, by manager: String = "unknown", _ version: String = "v1") -> String {
    #"{"manager":"\#(manager)","operation":"Update","apiVersion":"\#(version)","fieldsType":"FieldsV1","fieldsV1":\#(fields)}"#
}

private func apply(_ fields: String, by manager: String) -> String {
    #"{"manager":"\#(manager)","operation":"Apply","apiVersion":"v1","fieldsType":"FieldsV1","fieldsV1":\#(fields)}"#
}

@Suite struct ManagedFieldsTests {
    @Test(arguments: [
        (
            secrets, #"{"metadata":{"name":"s","labels":{"x":"y"}},"type":"Opaque","data":{"a":"Yg=="}}"#,
            update(#"{"f:data":{".":{},"f:a":{}},"f:metadata":{"f:labels":{".":{},"f:x":{}}},"f:type":{}}"#)
        ),
        (
            secrets, #"{"metadata":{"name":"s"},"stringData":{"k":"v"}}"#,
            update(#"{"f:data":{".":{},"f:k":{}},"f:type":{}}"#)
        ),
        (
            "\(secrets)?dryRun=All", #"{"metadata":{"name":"s"},"data":{"a":"Yg=="}}"#,
            update(#"{"f:data":{".":{},"f:a":{}},"f:type":{}}"#)
        ),
        (
            secrets, #"{"metadata":{"name":"s"},"data":{"a":"Yg=="},"immutable":true}"#,
            update(#"{"f:data":{".":{},"f:a":{}},"f:immutable":{},"f:type":{}}"#)
        ),
        (
            secrets, #"{"metadata":{"generateName":"gen-"}}"#,
            update(#"{"f:metadata":{"f:generateName":{}},"f:type":{}}"#)
        ),
        (
            "/apis/coordination.k8s.io/v1/namespaces/default/leases",
            #"{"metadata":{"name":"l"},"spec":{"holderIdentity":"me","leaseDurationSeconds":15,"renewTime":"2026-11-23T00:00:00.000000Z"}}"#,
            update(
                #"{"f:spec":{"f:holderIdentity":{},"f:leaseDurationSeconds":{},"f:renewTime":{}}}"#,
                by: "unknown", "coordination.k8s.io/v1")
        ),
        (
            "/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles?fieldManager=kubectl-client-side-apply",
            #"{"metadata":{"name":"r","annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{}"}},"rules":[{"apiGroups":[""],"resources":["secrets"],"verbs":["get"]}]}"#,
            update(
                #"{"f:metadata":{"f:annotations":{".":{},"f:kubectl.kubernetes.io/last-applied-configuration":{}}},"f:rules":{}}"#,
                by: "kubectl-client-side-apply", "rbac.authorization.k8s.io/v1")
        ),
        (
            "/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings",
            #"{"metadata":{"name":"r"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"r"},"subjects":[{"kind":"ServiceAccount","name":"a"}]}"#,
            update(#"{"f:roleRef":{},"f:subjects":{}}"#, by: "unknown", "rbac.authorization.k8s.io/v1")
        ),
        (
            "/api/v1/namespaces", #"{"metadata":{"name":"ns"}}"#,
            update(#"{"f:metadata":{"f:labels":{".":{},"f:kubernetes.io/metadata.name":{}}}}"#)
        ),
        ("/api/v1/namespaces/default/serviceaccounts", #"{"metadata":{"name":"sa"}}"#, ""),
        (
            "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
            #"{"spec":{"resourceAttributes":{"namespace":"n","verb":"update","resource":"secrets"}}}"#,
            update(
                #"{"f:spec":{"f:resourceAttributes":{".":{},"f:namespace":{},"f:resource":{},"f:verb":{}}}}"#,
                by: "unknown", "authorization.k8s.io/v1")
        ),
        ("/apis/authentication.k8s.io/v1/selfsubjectreviews", "{}", ""),
        (
            "/api/v1/namespaces/default/serviceaccounts/default/token", #"{"spec":{"expirationSeconds":600}}"#,
            #"{"manager":"unknown","operation":"Update","apiVersion":"authentication.k8s.io/v1","fieldsType":"FieldsV1","fieldsV1":{"f:spec":{"f:expirationSeconds":{}}},"subresource":"token"}"#
        ),
    ])
    func aCreateOwnsWhatItWrote(path: String, body: String, owners: String) async throws {
        try await withTestCluster { cluster in
            let answer = try await cluster.send("POST", path, body: Array(body.utf8))
            #expect(answer.status == 201, "\(answer.text)")
            #expect(try answer.owners == owners)
        }
    }

    @Test func eachWriterOwnsItsFields() async throws {
        let hand = HandClock()
        try await withTestCluster(clock: hand.clock) { cluster in
            let body: JSON = ["metadata": ["name": "s1"], "data": ["a": "Yg=="]]
            _ = try await cluster.send("POST", "\(secrets)?fieldManager=kubectl-create", body)
            var owners = [update(#"{"f:data":{".":{},"f:a":{}},"f:type":{}}"#, by: "kubectl-create")]
            for (manager, type, patch, fields) in [
                (
                    "kubectl-label", PatchType.merge, #"{"metadata":{"labels":{"x":"y"}}}"#,
                    #"{"f:metadata":{"f:labels":{".":{},"f:x":{}}}}"#
                ),
                (
                    "kubectl-annotate", .merge, #"{"metadata":{"annotations":{"x":"y"}}}"#,
                    #"{"f:metadata":{"f:annotations":{".":{},"f:x":{}}}}"#
                ),
                ("kubectl-patch", .merge, #"{"stringData":{"c":"d"}}"#, #"{"f:data":{"f:c":{}}}"#),
            ] {
                hand.advance(.seconds(1))
                let answer = try await cluster.patch("\(secrets)/s1?fieldManager=\(manager)", type, patch)
                owners.append(update(fields, by: manager))
                #expect(try answer.owners == owners.joined(separator: "\n"))
            }
            hand.advance(.seconds(1))
            let answer = try await cluster.patch(
                "\(secrets)/s1?fieldManager=kubectl-patch", .json,
                #"[{"op":"add","path":"/metadata/labels/j","value":"k"}]"#)
            owners[3] = update(#"{"f:data":{"f:c":{}},"f:metadata":{"f:labels":{"f:j":{}}}}"#, by: "kubectl-patch")
            #expect(try answer.owners == owners.joined(separator: "\n"))

            let same = try await cluster.send("PUT", "\(secrets)/s1", try answer.json)
            #expect(try same.json == answer.json)
        }
    }

    @Test func namespacesOfTheClusterHaveTheirLabelAndItsOwner() async throws {
        try await withTestCluster { cluster in
            let answer = try await cluster.send("GET", "/api/v1/namespaces/default")
            #expect(try answer.json["metadata"]?["labels"]?.text == #"{"kubernetes.io/metadata.name":"default"}"#)
            #expect(
                try answer.owners
                    == update(
                        #"{"f:metadata":{"f:labels":{".":{},"f:kubernetes.io/metadata.name":{}}}}"#,
                        by: "kube-apiserver"))
        }
    }

    @Test func theManagerIsTheProgramWhereNobodySaysOtherwise() async throws {
        try await withTestCluster { cluster in
            let answer = try await cluster.send(
                "POST", secrets, headers: ["User-Agent": "Terraform/1.11.4 (linux)"], ["metadata": ["name": "a"]])
            #expect(try answer.owners == update(#"{"f:type":{}}"#, by: "Terraform"))
            let long = String(repeating: "x", count: 129)
            let refused = try await cluster.send(
                "POST", "\(secrets)?fieldManager=\(long)", ["metadata": ["name": "b"]])
            #expect(refused.status == 422)
            #expect(
                try refused.json["message"]?.string
                    == #"CreateOptions.meta.k8s.io "" is invalid: fieldManager: Too long: may not be more than 128 bytes"#
            )
        }
    }

    @Test func clientsMayForgetAndRewriteOwners() async throws {
        try await withTestCluster { cluster in
            _ = try await cluster.send("POST", secrets, ["metadata": ["name": "a"], "data": ["a": "YQ=="]])
            let rewritten = try await cluster.patch(
                "\(secrets)/a", .merge,
                #"{"metadata":{"managedFields":[\#(apply(#"{"f:data":{"f:a":{}}}"#, by: "me"))]}}"#)
            #expect(try rewritten.owners == apply(#"{"f:data":{"f:a":{}}}"#, by: "me"))
            let nonsense = try await cluster.patch(
                "\(secrets)/a", .merge, #"{"metadata":{"managedFields":[{"manager":"x"}]}}"#)
            #expect(try nonsense.json == rewritten.json)
            let reset = try await cluster.patch("\(secrets)/a", .merge, #"{"metadata":{"managedFields":[]}}"#)
            #expect(try reset.json["metadata"]?["managedFields"] == nil)
            let later = try await cluster.patch("\(secrets)/a", .merge, #"{"data":{"b":"YQ=="}}"#)
            #expect(try later.json["metadata"]?["managedFields"] == nil)
        }
    }
}

@Suite struct ApplyTests {
    private let path = "\(secrets)/ssa"

    @Test func behavesAsRecorded() async throws {
        try await withTestCluster { cluster in
            let first = #"{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "ssa"}, "data": {"a": "Yg=="}}"#
            let second = first.replacing("Yg==", with: "Yw==")
            let created = try await cluster.patch("\(path)?fieldManager=one", .apply, first)
            #expect(created.status == 201)
            #expect(try created.owners == apply(#"{"f:data":{"f:a":{}}}"#, by: "one"))
            #expect(try created.json["type"] == "Opaque")

            let conflict = try await cluster.patch("\(path)?fieldManager=two", .apply, second)
            #expect(
                conflict.text
                    == #"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Apply failed with 1 conflict: conflict with \"one\": .data.a","reason":"Conflict","details":{"causes":[{"reason":"FieldManagerConflict","message":"conflict with \"one\"","field":".data.a"}]},"code":409}"#
                    + "\n")
            let forced = try await cluster.patch("\(path)?fieldManager=two&force=true", .apply, second)
            #expect(forced.status == 200)
            #expect(try forced.owners == apply(#"{"f:data":{"f:a":{}}}"#, by: "two"))
            #expect(try forced.json["data"]?.text == #"{"a":"Yw=="}"#)

            let nobody = try await cluster.patch(path, .apply, first)
            #expect(
                nobody.text
                    == #"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch","reason":"Invalid","details":{"group":"meta.k8s.io","kind":"PatchOptions","causes":[{"reason":"FieldValueRequired","message":"Required value: is required for apply patch","field":"fieldManager"}]},"code":422}"#
                    + "\n")
        }
    }

    @Test func takesStringData() async throws {
        let hand = HandClock()
        try await withTestCluster(clock: hand.clock) { cluster in
            let text =
                #"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"ssa","creationTimestamp":null},"stringData":{"k":"v"}}"#
            let created = try await cluster.patch("\(path)?fieldManager=kubectl", .apply, text)
            #expect(created.status == 201, "\(created.text)")
            #expect(try created.json["data"]?.text == #"{"k":"dg=="}"#)
            #expect(try created.owners == apply(#"{"f:stringData":{"f:k":{}}}"#, by: "kubectl"))
            // The same again changes nothing, and is not written.
            hand.advance(.seconds(5))
            let again = try await cluster.patch("\(path)?fieldManager=kubectl", .apply, text)
            #expect(again.status == 200)
            #expect(try again.json == created.json)
        }
    }

    @Test func takesOverWhatKubectlApplied() async throws {
        try await withTestCluster { cluster in
            let applied = #"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"ssa"},"data":{"a":"YQ=="}}"#
            let annotation: JSON = [LastApplied.annotation: .string(applied)]
            _ = try await cluster.send(
                "POST", "\(secrets)?fieldManager=kubectl-client-side-apply",
                ["metadata": ["name": "ssa", "annotations": annotation], "data": ["a": "YQ=="]])
            let next = applied.replacing("YQ==", with: "Yg==")
            #expect(try await cluster.patch("\(path)?fieldManager=other", .apply, next).status == 409)
            let taken = try await cluster.patch("\(path)?fieldManager=kubectl", .apply, next)
            #expect(taken.status == 200, "\(taken.text)")
            #expect(
                try taken.json["metadata"]?["annotations"]?[LastApplied.annotation]?.string
                    == #"{"apiVersion":"v1","data":{"a":"Yg=="},"kind":"Secret","metadata":{"name":"ssa"}}"# + "\n")
        }
    }

    @Test(arguments: [
        (
            "[]", 400,
            "error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go "
                + "value of type map[string]interface {}"
        ),
        (#"{"metadata":{"name":"ssa"}}"#, 400, "invalid object type: /, Kind="),
        (#"{"apiVersion":"apps/v1","kind":"Secret"}"#, 400, "invalid object type: apps/v1, Kind=Secret"),
        (
            #"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"ssa","managedFields":[]}}"#, 400,
            "metadata.managedFields must be nil"
        ),
        (
            #"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"ssa","namespace":"default"},"nope":1}"#, 500,
            "failed to create typed patch object (default/ssa; /v1, Kind=Secret): .nope: field not declared in schema"
        ),
        (
            #"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"b"}}"#, 400,
            "the name of the object (b) does not match the name on the URL (ssa)"
        ),
        (
            #"{"apiVersion":"v1","kind":"Secret"}"#, 400,
            "the name of the object (ssa based on URL) was undeterminable: name must be provided"
        ),
        (
            #"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"ssa","uid":"u"}}"#, 409,
            #"Operation cannot be fulfilled on secrets "ssa": uid mismatch: the provided object specified uid u, and "#
                + "no existing object was found"
        ),
        (
            #"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"ssa","namespace":"other"}}"#, 400,
            "the namespace of the provided object does not match the namespace sent on the request"
        ),
    ])
    func refuses(body: String, status: Int, message: String) async throws {
        try await withTestCluster { cluster in
            let answer = try await cluster.patch("\(path)?fieldManager=one", .apply, body)
            #expect(answer.status == status)
            #expect(try answer.json["message"]?.string == message)
            #expect(try await cluster.send("GET", path).status == 404)
        }
    }

    @Test func creatingNeedsTheRightToCreate() async throws {
        try await withTestCluster { cluster in
            let rbac = "/apis/rbac.authorization.k8s.io/v1/namespaces/default"
            _ = try await cluster.send(
                "POST", "\(rbac)/roles",
                [
                    "metadata": ["name": "p"],
                    "rules": [["apiGroups": [""], "resources": ["secrets"], "verbs": ["patch"]]],
                ])
            _ = try await cluster.send(
                "POST", "\(rbac)/rolebindings",
                [
                    "metadata": ["name": "p"],
                    "roleRef": ["apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "p"],
                    "subjects": [["kind": "ServiceAccount", "name": "default"]],
                ])
            let token = TestCluster.Sender.token(try await cluster.token("default", "default"))
            let body = #"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"ssa"}}"#
            func apply() async throws -> TestCluster.Answer {
                try await cluster.send(
                    "PATCH", "\(path)?fieldManager=one", as: token, headers: ["Content-Type": PatchType.apply.rawValue],
                    body: Array(body.utf8))
            }
            let refused = try await apply()
            #expect(refused.status == 403)
            #expect(try refused.json["message"]?.string?.contains(#"cannot create resource "secrets""#) == true)
            _ = try await cluster.send("POST", secrets, ["metadata": ["name": "ssa"]])
            #expect(try await apply().status == 200)
        }
    }

    @Test func appliesAtTheSameTimeAllCount() async throws {
        try await withTestCluster { cluster in
            try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<6 {
                    group.addTask {
                        try await cluster.patch(
                            "\(path)?fieldManager=m\(number)", .apply,
                            #"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"ssa"},"data":{"k\#(number)":"eA=="}}"#
                        ).status
                    }
                }
                for try await status in group { #expect([200, 201].contains(status)) }
            }
            let object = try await cluster.send("GET", path).json
            #expect(object["data"]?.object?.count == 6)
            #expect(object["metadata"]?["managedFields"]?.array?.count == 6)
        }
    }
}
