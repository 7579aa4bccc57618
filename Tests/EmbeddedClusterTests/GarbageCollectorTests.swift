@testable import EmbeddedCluster
import GRDB
import KubernetesAPI
import OrderedJSON
import TestScopes
import Testing

private let secrets = "/api/v1/namespaces/default/secrets"

extension TestCluster {
    /// Adds a Secret.
    ///
    /// - Parameters:
    ///   - owners: objects of the cluster.
    ///   - blocks: whether the owners wait for it.
    @discardableResult
    fileprivate func add(
        _ name: String, ownedBy owners: [JSON] = [], blocks: Bool = false, finalizers: JSON = [],
        to path: String = secrets
    ) async throws -> JSON {
        let references = owners.map { owner -> JSON in
            [
                "apiVersion": owner["apiVersion"] ?? "", "kind": owner["kind"] ?? "",
                "name": owner["metadata"]?["name"] ?? "", "uid": owner["metadata"]?["uid"] ?? "",
                "blockOwnerDeletion": .bool(blocks),
            ]
        }
        let answer = try await send(
            "POST", path,
            ["metadata": ["name": .string(name), "ownerReferences": .array(references), "finalizers": finalizers]])
        #expect(answer.status == 201, "\(answer.text)")
        return try answer.json
    }

    fileprivate func delete(_ name: String, _ policy: String? = nil) async throws {
        let options: JSON = policy.map { ["propagationPolicy": .string($0)] } ?? [:]
        #expect(try await send("DELETE", "\(secrets)/\(name)", options).status == 200)
    }

    fileprivate func release(_ name: String) async throws {
        var object = try await send("GET", "\(secrets)/\(name)").json
        var metadata = object["metadata"] ?? [:]
        metadata["finalizers"] = nil
        object["metadata"] = metadata
        #expect(try await send("PUT", "\(secrets)/\(name)", object).status == 200)
    }

    fileprivate func names() async throws -> [String] {
        (try await send("GET", secrets).json["items"]?.array ?? []).compactMap(\.objectName)
    }

    /// Sees to what the requests before left to be done.
    fileprivate func settle() async throws {
        try await GarbageCollector(store: store, logger: quietLogger).cleanAll()
    }
}

/// Without the service, so that what it does is done when the test says so.
private func withUntendedCluster(_ body: @escaping @Sendable (TestCluster) async throws -> Void) async throws {
    try await withTestCluster(hasControllers: false) { cluster in
        try await cluster.settle()
        try await body(cluster)
    }
}

@Suite struct GarbageCollectorTests {
    @Test func dependentsFollowTheirOwner() async throws {
        try await withUntendedCluster { cluster in
            let owner = try await cluster.add("owner")
            let child = try await cluster.add("child", ownedBy: [owner])
            try await cluster.add("grandchild", ownedBy: [child])
            try await cluster.add("other")
            try await cluster.settle()
            try await cluster.delete("owner")
            // After it, not with it.
            #expect(try await cluster.names() == ["child", "grandchild", "other"])
            try await cluster.settle()
            #expect(try await cluster.names() == ["other"])
        }
    }

    @Test func oneOwnerIsReasonEnough() async throws {
        try await withUntendedCluster { cluster in
            let owners = [try await cluster.add("o1"), try await cluster.add("o2")]
            try await cluster.add("child", ownedBy: owners)
            try await cluster.delete("o1")
            try await cluster.settle()
            let child = try await cluster.send("GET", "\(secrets)/child").json
            let references = child["metadata"]?["ownerReferences"]?.array ?? []
            #expect(references.compactMap { $0["name"]?.string } == ["o2"])
            try await cluster.delete("o2")
            try await cluster.settle()
            #expect(try await cluster.names() == [])
        }
    }

    @Test func whoseOwnerIsNotThereGoes() async throws {
        try await withUntendedCluster { cluster in
            _ = try await cluster.send("POST", "/api/v1/namespaces", ["metadata": ["name": "other"]])
            let elsewhere = try await cluster.add("owner", to: "/api/v1/namespaces/other/secrets")
            // An owner is looked for in the same namespace; and by its uid.
            try await cluster.add("a", ownedBy: [elsewhere])
            var owner = try await cluster.add("owner")
            try await cluster.add("kept", ownedBy: [owner])
            owner["metadata"] = ["name": "owner", "uid": "another"]
            try await cluster.add("b", ownedBy: [owner])
            // A namespace may own what lies in it, or elsewhere.
            try await cluster.add("c", ownedBy: [try await cluster.send("GET", "/api/v1/namespaces/other").json])
            // Nothing is known of a kind that is not served.
            owner["kind"] = "Deployment"
            owner["apiVersion"] = "apps/v1"
            try await cluster.add("d", ownedBy: [owner])
            try await cluster.settle()
            #expect(try await cluster.names() == ["c", "d", "kept", "owner"])
        }
    }

    @Test func anOwnerInTheForegroundGoesLast() async throws {
        try await withUntendedCluster { cluster in
            let owner = try await cluster.add("owner")
            try await cluster.add("blocking", ownedBy: [owner], blocks: true, finalizers: ["example.com/hold"])
            try await cluster.add("free", ownedBy: [owner])
            try await cluster.delete("owner", "Foreground")
            let waiting = try await cluster.send("GET", "\(secrets)/owner").json
            #expect(waiting["metadata"]?["finalizers"] == ["foregroundDeletion"])
            #expect(waiting["metadata"]?["deletionTimestamp"] != nil)
            try await cluster.settle()
            #expect(try await cluster.names() == ["blocking", "owner"])
            try await cluster.release("blocking")
            try await cluster.settle()
            #expect(try await cluster.names() == [])
        }
    }

    @Test func generationsGoFromTheLastToTheFirst() async throws {
        try await withUntendedCluster { cluster in
            let owner = try await cluster.add("owner")
            let child = try await cluster.add("child", ownedBy: [owner], blocks: true)
            try await cluster.add("grandchild", ownedBy: [child], blocks: true, finalizers: ["example.com/hold"])
            try await cluster.delete("owner", "Foreground")
            try await cluster.settle()
            #expect(try await cluster.names() == ["child", "grandchild", "owner"])
            try await cluster.release("grandchild")
            try await cluster.settle()
            #expect(try await cluster.names() == [])
        }
    }

    @Test func circlesDoNotWaitForThemselves() async throws {
        try await withUntendedCluster { cluster in
            let first = try await cluster.add("first")
            let second = try await cluster.add("second", ownedBy: [first], blocks: true)
            var changed = first
            var metadata = changed["metadata"] ?? [:]
            metadata["ownerReferences"] = [
                [
                    "apiVersion": "v1", "kind": "Secret", "name": "second", "blockOwnerDeletion": true,
                    "uid": second["metadata"]?["uid"] ?? "",
                ]
            ]
            changed["metadata"] = metadata
            #expect(try await cluster.send("PUT", "\(secrets)/first", changed).status == 200)
            try await cluster.settle()
            #expect(try await cluster.names() == ["first", "second"])
            try await cluster.delete("first", "Foreground")
            try await cluster.settle()
            #expect(try await cluster.names() == [])
        }
    }

    @Test func orphansForgetTheirOwner() async throws {
        try await withUntendedCluster { cluster in
            let owner = try await cluster.add("owner")
            let other = try await cluster.add("other")
            try await cluster.add("a", ownedBy: [owner])
            try await cluster.add("b", ownedBy: [owner, other])
            try await cluster.delete("owner", "Orphan")
            #expect(try await cluster.send("GET", "\(secrets)/owner").json["metadata"]?["finalizers"] == ["orphan"])
            try await cluster.settle()
            #expect(try await cluster.names() == ["a", "b", "other"])
            let a = try await cluster.send("GET", "\(secrets)/a").json
            #expect(a["metadata"]?["ownerReferences"] == nil)
            let b = try await cluster.send("GET", "\(secrets)/b").json
            #expect(b["metadata"]?["ownerReferences"]?.array?.count == 1)
        }
    }

    @Test func manyDependentsAreNoMatter() async throws {
        try await withUntendedCluster { cluster in
            let owner = try await cluster.add("owner")
            let reference: JSON = [
                "apiVersion": "v1", "kind": "Secret", "name": "owner", "uid": owner["metadata"]?["uid"] ?? "",
            ]
            var changes: [Change] = []
            for number in 0..<1000 {
                let name = "s\(number)"
                changes.append(
                    .create(
                        key(name, namespace: "default"),
                        ObjectDraft([
                            "metadata": [
                                "name": .string(name), "namespace": "default", "uid": .string("uid-\(number)"),
                                "ownerReferences": [reference],
                            ]
                        ])))
            }
            try await cluster.store.apply(changes)
            try await cluster.settle()
            #expect(try await cluster.names().count == 1001)
            try await cluster.delete("owner")
            try await cluster.settle()
            #expect(try await cluster.names() == [])
        }
    }

    @Test func theNextStartMakesUpForACrash() async throws {
        try await withUntendedCluster { cluster in
            let owner = try await cluster.add("owner")
            try await cluster.add("child", ownedBy: [owner])
            let waiting = try await cluster.add("waiting")
            try await cluster.add("blocking", ownedBy: [waiting], blocks: true)
            try await cluster.delete("owner")
            try await cluster.delete("waiting", "Foreground")
            // What is left to be done is lost.
            #expect(!cluster.store.aftermath.take().isEmpty)
            let copy = "\(cluster.store.path).copy"
            try await cluster.store.pool.writeWithoutTransaction {
                try $0.execute(sql: "VACUUM INTO ?", arguments: [copy])
            }
            let store = try await Store.open(copy)
            try await GarbageCollector(store: store, logger: quietLogger).cleanAll()
            #expect(try await store.names(ListQuery(resource: "secrets")) == [])
            try store.close()
        }
    }

    @Test func theServiceDoesItByItself() async throws {
        try await withTestCluster { cluster in
            var watch = try await cluster.watch("\(secrets)?watch=true")
            let owner = try await cluster.add("owner")
            try await cluster.add("child", ownedBy: [owner])
            try await cluster.delete("owner")
            #expect(
                try await watch.events(4) == ["ADDED owner", "ADDED child", "DELETED owner", "DELETED child"])
        }
    }

    @Test(arguments: [
        (#"{"apiVersion":"","kind":"Secret","name":"a","uid":"x"}"#, "metadata.ownerReferences.apiVersion"),
        (#"{"apiVersion":"v1","kind":"","name":"a","uid":"x"}"#, "metadata.ownerReferences.kind"),
        (#"{"apiVersion":"v1","kind":"Secret","name":"","uid":"x"}"#, "metadata.ownerReferences.name"),
        (#"{"apiVersion":"v1","kind":"Secret","name":"a"}"#, "metadata.ownerReferences.uid"),
        (#"{"apiVersion":"v1","kind":"Event","name":"a","uid":"x"}"#, "metadata.ownerReferences"),
        (
            #"{"apiVersion":"v1","kind":"Secret","name":"a","uid":"x","controller":true},{"apiVersion":"v1","kind":"Secret","name":"b","uid":"y","controller":true}"#,
            "metadata.ownerReferences"
        ),
    ])
    func anOwnerIsNamedWhole(reference: String, field: String) async throws {
        try await withUntendedCluster { cluster in
            let references = try JSON(parsing: "[\(reference)]")
            let answer = try await cluster.send(
                "POST", secrets, ["metadata": ["name": "a", "ownerReferences": references]])
            #expect(answer.status == 422)
            #expect(try answer.json["details"]?["causes"]?.array?.compactMap { $0["field"]?.string } == [field])
        }
    }
}
