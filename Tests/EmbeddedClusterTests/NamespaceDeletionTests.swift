@testable import EmbeddedCluster
import GRDB
import KubernetesAPI
import OrderedJSON
import Testing

private let namespaces = "/api/v1/namespaces"

extension TestCluster {
    fileprivate func add(_ name: String, finalizers: JSON = []) async throws {
        let answer = try await send(
            "POST", "\(namespaces)/gone/secrets", ["metadata": ["name": .string(name), "finalizers": finalizers]])
        #expect(answer.status == 201)
    }

    fileprivate func settle() async throws {
        try await GarbageCollector(store: store, logger: quietLogger).cleanAll()
    }
}

private func withNamespace(_ body: @escaping @Sendable (TestCluster) async throws -> Void) async throws {
    try await withTestCluster(hasControllers: false) { cluster in
        _ = try await cluster.send("POST", namespaces, ["metadata": ["name": "gone"]])
        try await cluster.settle()
        try await body(cluster)
    }
}

@Suite struct NamespaceDeletionTests {
    @Test func watchersSeeItAll() async throws {
        try await withTestCluster { cluster in
            _ = try await cluster.send("POST", namespaces, ["metadata": ["name": "gone"]])
            for name in ["a", "b"] { try await cluster.add(name) }
            let revision = try await cluster.store.currentRevision()
            var contents = try await cluster.watch("\(namespaces)/gone/secrets?watch=true&resourceVersion=\(revision)")
            var itself = try await cluster.watch("\(namespaces)?watch=true&resourceVersion=\(revision)")
            let answer = try await cluster.send("DELETE", "\(namespaces)/gone").json
            #expect(answer["status"] == ["phase": "Terminating"])
            #expect(try await contents.events(2) == ["DELETED a", "DELETED b"])
            let begun = try #require(try await itself.event())
            #expect(begun["type"] == "MODIFIED")
            #expect(begun["object"] == answer)
            let ended = try #require(try await itself.event())
            #expect(ended["type"] == "DELETED")
            #expect(ended["object"]?["status"] == ["phase": "Terminating"])
            #expect(try await cluster.send("GET", "\(namespaces)/gone").status == 404)
        }
    }

    @Test func nothingNewComesIntoIt() async throws {
        try await withNamespace { cluster in
            #expect(try await cluster.send("DELETE", "\(namespaces)/gone").status == 200)
            let refused = try await cluster.send("POST", "\(namespaces)/gone/secrets", ["metadata": ["name": "x"]])
            #expect(refused.status == 403)
            #expect(try refused.json["details"]?["causes"]?.array?.first?["reason"] == "NamespaceTerminating")
            // Another deletion changes nothing.
            let before = try await cluster.send("GET", "\(namespaces)/gone").text
            #expect(try await cluster.send("DELETE", "\(namespaces)/gone").text == before)
            try await cluster.settle()
            #expect(try await cluster.send("GET", "\(namespaces)/gone").status == 404)
        }
    }

    @Test func finalizersInItHoldIt() async throws {
        try await withNamespace { cluster in
            try await cluster.add("free")
            try await cluster.add("held", finalizers: ["example.com/hold"])
            _ = try await cluster.send("DELETE", "\(namespaces)/gone")
            try await cluster.settle()
            let secrets = try await cluster.send("GET", "\(namespaces)/gone/secrets").json["items"]?.array ?? []
            #expect(secrets.compactMap(\.objectName) == ["held"])
            #expect(secrets.first?["metadata"]?["deletionTimestamp"] != nil)
            let waiting = try await cluster.send("GET", "\(namespaces)/gone").json
            let messages = (waiting["status"]?["conditions"]?.array ?? []).filter { $0["status"] == "True" }
                .compactMap { $0["message"]?.string }
            #expect(
                messages == [
                    "Some resources are remaining: secrets. has 1 resource instances",
                    "Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances",
                ])
            // Looking again changes nothing.
            cluster.store.aftermath.add(Aftermath(movesEndings: true, isUnknown: true))
            try await cluster.settle()
            #expect(try await cluster.send("GET", "\(namespaces)/gone").json == waiting)

            let patch = try await cluster.send(
                "PATCH", "\(namespaces)/gone/secrets/held", headers: ["Content-Type": "application/merge-patch+json"],
                ["metadata": ["finalizers": .null]])
            #expect(patch.status == 200)
            try await cluster.settle()
            #expect(try await cluster.send("GET", "\(namespaces)/gone").status == 404)
        }
    }

    @Test func finalizersOfItsOwnHoldIt() async throws {
        try await withNamespace { cluster in
            try await cluster.add("a")
            let patch = try await cluster.send(
                "PATCH", "\(namespaces)/gone", headers: ["Content-Type": "application/merge-patch+json"],
                ["metadata": ["finalizers": ["example.com/hold"]]])
            #expect(patch.status == 200)
            _ = try await cluster.send("DELETE", "\(namespaces)/gone")
            try await cluster.settle()
            let emptied = try await cluster.send("GET", "\(namespaces)/gone").json
            #expect(emptied["spec"] == [:])
            #expect(try await cluster.send("GET", "\(namespaces)/gone/secrets").json["items"] == [])
            let freed = try await cluster.send(
                "PATCH", "\(namespaces)/gone", headers: ["Content-Type": "application/merge-patch+json"],
                ["metadata": ["finalizers": .null]])
            #expect(freed.status == 200)
            #expect(try await cluster.send("GET", "\(namespaces)/gone").status == 404)
        }
    }

    @Test func theNextStartGoesOn() async throws {
        try await withNamespace { cluster in
            for name in ["a", "b"] { try await cluster.add(name) }
            _ = try await cluster.send("DELETE", "\(namespaces)/gone")
            _ = cluster.store.aftermath.take()
            let copy = "\(cluster.store.path).copy"
            try await cluster.store.pool.writeWithoutTransaction {
                try $0.execute(sql: "VACUUM INTO ?", arguments: [copy])
            }
            let store = try await Store.open(copy)
            try await GarbageCollector(store: store, logger: quietLogger).cleanAll()
            #expect(try await store.contents(of: "gone") == [])
            #expect(try await !store.names(ListQuery(resource: "namespaces")).contains("gone"))
            try store.close()
        }
    }

    @Test func itsFinalizersAreChangedByFinalizeAlone() async throws {
        try await withNamespace { cluster in
            var object = try await cluster.send("GET", "\(namespaces)/gone").json
            object["spec"] = ["finalizers": ["kubernetes", "example.com/mine"]]
            let updated = try await cluster.send("PUT", "\(namespaces)/gone", object).json
            #expect(updated["spec"] == ["finalizers": ["kubernetes"]])
            object["metadata"] = updated["metadata"]
            let finalized = try await cluster.send("PUT", "\(namespaces)/gone/finalize", object)
            #expect(finalized.status == 200)
            #expect(try finalized.json["spec"] == ["finalizers": ["kubernetes", "example.com/mine"]])
            #expect(try await cluster.send("GET", "\(namespaces)/gone/finalize").status == 405)

            _ = try await cluster.send("DELETE", "\(namespaces)/gone")
            try await cluster.settle()
            var waiting = try await cluster.send("GET", "\(namespaces)/gone").json
            #expect(waiting["spec"] == ["finalizers": ["example.com/mine"]])
            waiting["spec"] = [:]
            #expect(try await cluster.send("PUT", "\(namespaces)/gone/finalize", waiting).status == 200)
            #expect(try await cluster.send("GET", "\(namespaces)/gone").status == 404)
        }
    }

    @Test func itsStatusIsASubresource() async throws {
        try await withNamespace { cluster in
            var object = try await cluster.send("GET", "\(namespaces)/gone/status").json
            object["status"] = ["phase": "Terminating"]
            #expect(try await cluster.send("PUT", "\(namespaces)/gone", object).json["status"] == ["phase": "Active"])
            object["status"] = ["phase": "Active", "conditions": [["type": "example.com/x", "status": "True"]]]
            let updated = try await cluster.send("PUT", "\(namespaces)/gone/status", object).json
            #expect(updated["status"]?["conditions"]?.array?.count == 1)
        }
    }
}
