@testable import EmbeddedCluster
import KubernetesAPI
import OrderedJSON
import Testing

private let secrets = "/api/v1/namespaces/default/secrets"

extension TestCluster {
    @discardableResult
    fileprivate func add(_ name: String, _ metadata: JSON = [:]) async throws -> JSON {
        var metadata = metadata
        metadata["name"] = .string(name)
        return try await send("POST", secrets, ["metadata": metadata]).json
    }

    fileprivate func names(_ query: String = "") async throws -> [String] {
        (try await send("GET", secrets + query).json["items"]?.array ?? []).compactMap(\.objectName)
    }
}

@Suite struct DeletionTests {
    @Test func aCollectionIsDeletedAsItIsListed() async throws {
        try await withTestCluster { cluster in
            for name in ["a", "b", "c"] { try await cluster.add(name, ["labels": ["x": "y"]]) }
            try await cluster.add("d")
            let list = try await cluster.send("GET", "\(secrets)?labelSelector=x%3Dy")
            let deleted = try await cluster.send("DELETE", "\(secrets)?labelSelector=x%3Dy")
            #expect(deleted.status == 200)
            #expect(deleted.text == list.text)
            #expect(try await cluster.names() == ["d"])
            // Nothing to delete is no error.
            let none = try await cluster.send("DELETE", "\(secrets)?fieldSelector=metadata.name%3Dnope")
            #expect(try none.json["items"]?.array?.isEmpty == true)
            #expect(try await cluster.send("DELETE", "/api/v1/namespaces/nowhere/secrets").status == 200)
        }
    }

    @Test func aCollectionIsDeletedAsFarAsAsked() async throws {
        try await withTestCluster { cluster in
            for name in ["a", "b", "c", "d"] { try await cluster.add(name) }
            #expect(try await cluster.send("DELETE", "\(secrets)?dryRun=All").status == 200)
            #expect(try await cluster.names() == ["a", "b", "c", "d"])
            let page = try await cluster.send("DELETE", "\(secrets)?limit=2").json
            #expect((page["items"]?.array ?? []).compactMap(\.objectName) == ["a", "b"])
            #expect(page["metadata"]?["remainingItemCount"] == 2)
            #expect(try await cluster.names() == ["c", "d"])
            let wrong = try await cluster.send("DELETE", secrets, ["preconditions": ["uid": "x"]])
            #expect(wrong.status == 409)
            #expect(try await cluster.names() == ["c", "d"])
            #expect(try await cluster.send("DELETE", "\(secrets)?labelSelector=a%3D%3D%3Db").status == 400)
            let accept = ["Accept": "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"]
            let rest = try await cluster.send("DELETE", secrets, headers: accept).json
            #expect(rest["kind"] == "PartialObjectMetadataList")
            #expect(try await cluster.names() == [])
        }
    }

    @Test func whatIsHeldInACollectionStays() async throws {
        try await withTestCluster { cluster in
            for name in ["a", "c"] { try await cluster.add(name) }
            try await cluster.add("b", ["finalizers": ["example.com/hold"]])
            #expect(try await cluster.send("DELETE", secrets).status == 200)
            #expect(try await cluster.names() == ["b"])
            let held = try await cluster.send("GET", "\(secrets)/b").json
            #expect(held["metadata"]?["deletionTimestamp"] != nil)
            #expect(held["metadata"]?["deletionGracePeriodSeconds"] == 0)
        }
    }

    @Test func longCollectionsAreDeletedToTheEnd() async throws {
        try await withTestCluster { cluster in
            for number in 0..<1100 {
                try await cluster.store.add("s\(number)", namespace: "default")
            }
            let deleted = try await cluster.send("DELETE", secrets).json
            #expect(deleted["items"]?.array?.count == 1100)
            #expect(try await cluster.names() == [])
        }
    }

    @Test func namespacesAreDeletedOneByOneOnly() async throws {
        try await withTestCluster { cluster in
            let answer = try await cluster.send("DELETE", "/api/v1/namespaces")
            #expect(answer.status == 405)
            #expect(try answer.json["reason"] == "MethodNotAllowed")
            for (path, isServed) in [("/api/v1/namespaces", false), (secrets, true)] {
                let name = path.split(separator: "/").last.map(String.init) ?? ""
                let resources = try await cluster.send("GET", "/api/v1").json["resources"]?.array ?? []
                let verbs = resources.first { $0["name"]?.string == name }?["verbs"]?.array ?? []
                #expect(verbs.contains("watch"))
                #expect(verbs.contains("deletecollection") == isServed, "\(path)")
            }
        }
    }

    @Test func theDeletedAccountIsTheAnswer() async throws {
        try await withTestCluster { cluster in
            let accounts = "/api/v1/namespaces/default/serviceaccounts"
            let account = try await cluster.send("POST", accounts, ["metadata": ["name": "a"]]).json
            let deleted = try await cluster.send("DELETE", "\(accounts)/a").json
            #expect(deleted["kind"] == "ServiceAccount")
            #expect(deleted["metadata"]?["uid"] == account["metadata"]?["uid"])
        }
    }

    @Test func preconditionsAreToldOfTheKind() async throws {
        try await withTestCluster { cluster in
            let uid = try await cluster.add("a")["metadata"]?["uid"]?.string ?? ""
            let wrong = try await cluster.send("DELETE", "\(secrets)/a", ["preconditions": ["uid": "x"]]).json
            #expect(
                wrong["message"]?.string
                    == #"Operation cannot be fulfilled on Secret "a": the UID in the precondition (x) does not match the UID in record (\#(uid)). The object might have been deleted and then recreated"#
            )
            #expect(wrong["details"] == ["name": "a", "kind": "Secret"])
        }
    }

    @Test(arguments: [
        (
            #"{"propagationPolicy":"Later"}"#, 422,
            #"DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: "Later": supported values: "Foreground", "Background", "Orphan", "nil""#
        ),
        (
            #"{"propagationPolicy":"Orphan","orphanDependents":true}"#, 422,
            #"DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Invalid value: "Orphan": orphanDependents and deletionPropagation cannot be both set"#
        ),
        (
            #"{"dryRun":["some"]}"#, 422,
            #"DeleteOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ["some"]: supported values: "All""#
        ),
        (
            #"{"gracePeriodSeconds":"x"}"#, 400,
            "json: cannot unmarshal string into Go struct field DeleteOptions.gracePeriodSeconds of type int64"
        ),
    ])
    func whatCannotBeAskedIsRefused(body: String, status: Int, message: String) async throws {
        try await withTestCluster { cluster in
            try await cluster.add("a")
            for path in ["\(secrets)/a", secrets] {
                let answer = try await cluster.send("DELETE", path, body: Array(body.utf8))
                #expect(answer.status == status)
                #expect(try answer.json["message"]?.string == message)
            }
            #expect(try await cluster.names() == ["a"])
        }
    }

    @Test func optionsMayStandInTheQuery() async throws {
        try await withTestCluster(hasControllers: false) { cluster in
            try await cluster.add("a")
            #expect(try await cluster.send("DELETE", "\(secrets)/a?propagationPolicy=x").status == 422)
            #expect(try await cluster.send("DELETE", "\(secrets)/a?gracePeriodSeconds=x").status == 400)
            let kept = try await cluster.send("DELETE", "\(secrets)/a?propagationPolicy=Orphan&gracePeriodSeconds=5")
            #expect(kept.status == 200)
            #expect(try kept.json["metadata"]?["finalizers"] == ["orphan"])
            // The last word counts.
            let waiting = try await cluster.send("DELETE", "\(secrets)/a?propagationPolicy=Foreground")
            #expect(try waiting.json["metadata"]?["finalizers"] == ["foregroundDeletion"])
            #expect(try await cluster.send("DELETE", "\(secrets)/a?propagationPolicy=Background").status == 200)
            #expect(try await cluster.names() == [])
        }
    }

    @Test func aDeletionThatWaitsTakesNoNewFinalizers() async throws {
        try await withTestCluster { cluster in
            try await cluster.add("a", ["finalizers": ["example.com/hold"]])
            var object = try await cluster.send("DELETE", "\(secrets)/a").json
            var metadata = object["metadata"] ?? [:]
            metadata["finalizers"] = ["example.com/hold", "example.com/more"]
            object["metadata"] = metadata
            let refused = try await cluster.send("PUT", "\(secrets)/a", object)
            #expect(refused.status == 422)
            #expect(
                try refused.json["details"]?["causes"]?.array?.first?["message"]?.string
                    == #"Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"example.com/more"}"#
            )
        }
    }
}
