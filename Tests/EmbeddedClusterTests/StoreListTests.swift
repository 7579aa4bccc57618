@testable import EmbeddedCluster
import KubernetesAPI
import OrderedJSON
import TestScopes
import Testing

@Suite struct StoreListTests {
    @Test(arguments: [
        ("", ["a", "b", "c", "d"]), ("env=1", ["a", "b"]), ("env=1,tier=x", ["a"]), ("env", ["a", "b", "c"]),
        ("!env", ["d"]), ("env!=1", ["c", "d"]), ("env in (1,2)", ["a", "b", "c"]), ("env notin (1,2)", ["d"]),
        ("env>1", ["c"]), ("env<2", ["a", "b"]), ("env=3", []), ("env=1,env=2", []),
    ])
    func selectsByLabels(selector: String, expected: [String]) async throws {
        try await withTestStore { store in
            try await store.add("b", labels: ["env": "1"])
            try await store.add("a", labels: ["env": "1", "tier": "x"])
            try await store.add("c", labels: ["env": "2"])
            try await store.add("d", labels: ["tier": "x"])
            try await store.add("e", namespace: "other", labels: ["env": "1", "tier": "x"])
            var query = ListQuery(resource: "secrets", namespace: "ns")
            query.selector = try LabelSelector(parsing: selector)
            #expect(try await store.names(query) == expected)
            // The same from the log, once something was written.
            query.revision = try await store.currentRevision()
            try await store.add("a0", labels: ["env": "1", "tier": "x"])
            #expect(try await store.names(query) == expected)
        }
    }

    @Test func labelsOfAnUpdateReplaceThoseBefore() async throws {
        try await withTestStore { store in
            let revision = try await store.add("a", labels: ["x": "1", "y": "1"])
            try await store.apply([.update(key("a"), from: revision, draft("a", labels: ["x": "2"]))])
            for (selector, expected) in [("x=1", []), ("x=2", ["a"]), ("y", [])] {
                var query = ListQuery(resource: "secrets", namespace: "ns")
                query.selector = try LabelSelector(parsing: selector)
                #expect(try await store.names(query) == expected)
            }
        }
    }

    @Test func pagesAreOfOneRevisionWhateverIsWrittenMeanwhile() async throws {
        try await withTestStore { store in
            for name in ["a", "b", "c", "d", "e"] { try await store.add(name) }
            var query = ListQuery(resource: "secrets", namespace: "ns", limit: 2)
            let first = try await store.list(query)
            #expect(first.objects.map(\.key.name) == ["a", "b"])
            #expect(first.continuation == ListPosition(namespace: "ns", name: "b"))
            #expect(first.remaining == 3)

            try await store.add("bb")
            let c = try #require(try await store.object(key("c")))
            try await store.apply([.update(c.key, from: c.revision, draft("c", value: "new"))])
            let d = try #require(try await store.object(key("d")))
            try await store.apply([.delete(d.key, from: d.revision)])

            query.revision = first.revision
            query.after = first.continuation
            let second = try await store.list(query)
            #expect(second.objects.map(\.key.name) == ["c", "d"])
            #expect(try second.objects[0].json()["data"]?["key"]?.string == "v")
            #expect(second.remaining == 1)
            query.after = second.continuation
            let last = try await store.list(query)
            #expect(last.objects.map(\.key.name) == ["e"])
            #expect(last.continuation == nil && last.remaining == nil)
            #expect(
                try await store.names(ListQuery(resource: "secrets", namespace: "ns")) == ["a", "b", "bb", "c", "e"])
        }
    }

    @Test func noRemainderIsCountedWithASelector() async throws {
        try await withTestStore { store in
            for name in ["a", "b", "c"] { try await store.add(name, labels: ["x": "y"]) }
            var query = ListQuery(resource: "secrets", namespace: "ns", limit: 2)
            query.selector = try LabelSelector(parsing: "x=y")
            let start = try await store.list(query)
            #expect(start.continuation?.name == "b")
            #expect(start.remaining == nil)
        }
    }

    @Test func goesOnAcrossNamespaces() async throws {
        try await withTestStore { store in
            for (namespace, name) in [("a", "1"), ("a", "2"), ("b", "1")] {
                try await store.add(name, namespace: namespace)
            }
            var query = ListQuery(resource: "secrets", limit: 2)
            let start = try await store.list(query)
            #expect(start.continuation == ListPosition(namespace: "a", name: "2"))
            query.after = start.continuation
            #expect(try await store.list(query).objects.map(\.key.namespace) == ["b"])
        }
    }

    @Test func largeListsAreReadInBatches() async throws {
        try await withTestStore { store in
            let value = String(repeating: "x", count: 200_000)
            for number in 10..<25 { try await store.add("s\(number)", value: value) }
            let start = try await store.list(ListQuery(resource: "secrets", namespace: "ns"))
            #expect(start.objects.count < 15)
            #expect(start.unread != nil)
            #expect(try await store.names(ListQuery(resource: "secrets", namespace: "ns")).count == 15)
            #expect(try await store.names(ListQuery(resource: "secrets", namespace: "ns", limit: 12)).count == 12)
        }
    }

    @Test func metadataComesWithoutBodies() async throws {
        try await withTestStore { store in
            try await store.add("a")
            var query = ListQuery(resource: "secrets", namespace: "ns")
            query.metadataOnly = true
            let object = try #require(try await store.list(query).objects.first)
            #expect(object.content.isEmpty)
            #expect(try object.metadataJSON()["name"]?.string == "a")
        }
    }

    @Test func aRevisionToComeIsRefused() async throws {
        try await withTestStore { store in
            let revision = try await store.add("a")
            var query = ListQuery(resource: "secrets")
            query.revision = revision + 1
            await #expect(throws: ListFailure.future(revision + 1, current: revision)) { try await store.list(query) }
        }
    }
}
