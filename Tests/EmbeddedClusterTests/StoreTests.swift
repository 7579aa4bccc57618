@testable import EmbeddedCluster
import KubernetesAPI
import OrderedJSON
import TestScopes
import Testing

/// An object with this name and label, and content to tell it apart.
func draft(_ name: String, labels: [String: String] = [:], value: String = "v") -> ObjectDraft {
    var metadata: JSON = ["name": .string(name), "resourceVersion": "", "creationTimestamp": "2026-11-23T00:00:00Z"]
    if !labels.isEmpty { metadata["labels"] = JSON(sorted: labels) }
    return ObjectDraft(["metadata": metadata, "data": ["key": .string(value)]])
}

func key(_ name: String, namespace: String = "ns", resource: String = "secrets") -> ObjectKey {
    ObjectKey(resource: resource, namespace: namespace, name: name)
}

extension Store {
    @discardableResult
    func add(_ name: String, namespace: String = "ns", labels: [String: String] = [:], value: String = "v") async throws
        -> Int64
    {
        try #require(
            await apply([.create(key(name, namespace: namespace), draft(name, labels: labels, value: value))]).first
        ).revision
    }

    func names(_ query: ListQuery) async throws -> [String] {
        var (query, names) = (query, [String]())
        let start = try await list(query)
        names += start.objects.map(\.key.name)
        var unread = start.unread
        query.revision = start.revision
        query.limit = query.limit.map { $0 - names.count }
        while let position = unread {
            query.after = position
            let batch = try await more(query)
            query.limit = query.limit.map { $0 - batch.objects.count }
            names += batch.objects.map(\.key.name)
            unread = batch.unread
        }
        return names
    }
}

@Suite struct StoreTests {
    @Test func keepsAnObjectAsItsFinalBytes() async throws {
        try await withTestStore { store in
            let revision = try await store.add("a", labels: ["x": "y"])
            let object = try #require(try await store.object(key("a")))
            #expect(
                String(decoding: object.metadata, as: UTF8.self)
                    == #"{"name":"a","resourceVersion":"\#(revision)","creationTimestamp":"2026-11-23T00:00:00Z","labels":{"x":"y"}}"#
            )
            #expect(String(decoding: object.content, as: UTF8.self) == #","data":{"key":"v"}}"#)
            #expect(try object.json()["data"]?["key"]?.string == "v")
        }
    }

    @Test func revisionsGrowAcrossResources() async throws {
        try await withTestStore { store in
            let first = try await store.add("a")
            let second = try await store.apply([.create(key("l", resource: "leases"), draft("l"))])[0].revision
            let third = try await store.apply([.delete(key("a"), from: first)])[0].revision
            #expect(first < second && second < third)
            #expect(try await store.currentRevision() == third)
            #expect(store.latestRevision(of: "leases") == second)
        }
    }

    @Test func replacesOnlyWhatWasRead() async throws {
        try await withTestStore { store in
            let first = try await store.add("a")
            let second = try await store.apply([.update(key("a"), from: first, draft("a", value: "w"))])[0].revision
            await #expect(throws: StoreConflict.changed(key("a"), current: second)) {
                try await store.apply([.update(key("a"), from: first, draft("a"))])
            }
            await #expect(throws: StoreConflict.changed(key("a"), current: second)) {
                try await store.apply([.delete(key("a"), from: first)])
            }
            await #expect(throws: StoreConflict.exists(key("a"))) { try await store.add("a") }
            await #expect(throws: StoreConflict.missing(key("b"))) {
                try await store.apply([.update(key("b"), from: 1, draft("b"))])
            }
        }
    }

    @Test func onlyOneOfManyWritersWins() async throws {
        try await withTestStore { store in
            let revision = try await store.add("a")
            let wins = await withTaskGroup(of: Bool.self) { group in
                for writer in 0..<20 {
                    group.addTask {
                        (try? await store.apply([.update(key("a"), from: revision, draft("a", value: "\(writer)"))]))
                            != nil
                    }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(wins == 1)
        }
    }

    @Test func makesAllChangesOrNone() async throws {
        try await withTestStore { store in
            try await store.add("taken")
            await #expect(throws: StoreConflict.exists(key("taken"))) {
                try await store.apply([.create(key("new"), draft("new")), .create(key("taken"), draft("taken"))])
            }
            #expect(try await store.object(key("new")) == nil)
            await #expect(throws: StoreConflict.requirement(key("taken"))) {
                try await store.apply(
                    [.create(key("new"), draft("new"))], requiring: [Requirement(key: key("taken"), revision: 99)])
            }
            #expect(try await store.object(key("new")) == nil)
        }
    }

    @Test func makesWhatHoldsOfManyChanges() async throws {
        try await withTestStore { store in
            let (first, second) = (try await store.add("a", labels: ["x": "y"]), try await store.add("b"))
            let conflicts = try await store.applyWhatHolds([
                .delete(key("a"), from: first), .delete(key("b"), from: second + 7), .create(key("c"), draft("c")),
                .delete(key("d"), from: 1),
            ])
            #expect(conflicts == [key("b"), key("d")])
            #expect(try await store.names(ListQuery(resource: "secrets")) == ["b", "c"])
        }
    }

    @Test func tellsWhatHappened() async throws {
        try await withTestStore { store in
            let start = try await store.currentRevision()
            let first = try await store.add("a", labels: ["x": "1"])
            let second = try await store.apply([
                .update(key("a"), from: first, draft("a", labels: ["x": "2"], value: "w"))
            ])[0]
            .revision
            try await store.apply([.create(key("l", resource: "leases"), draft("l"))])
            try await store.add("other", namespace: "elsewhere")
            try await store.apply([.delete(key("a"), from: second)])
            let filter = EventFilter(resource: "secrets", namespace: "ns")
            let events = try await store.events(after: start, filter).events
            #expect(events.map(\.kind) == [.added, .modified, .deleted])
            #expect(events.map(\.labels) == [["x": "1"], ["x": "2"], ["x": "2"]])
            #expect(events.map(\.previousLabels) == [nil, ["x": "1"], ["x": "2"]])
            // The last state, at the revision of the deletion.
            #expect(try events[2].object.json()["data"]?["key"]?.string == "w")
            #expect(try events[2].object.json().resourceVersion == String(events[2].object.revision))
            #expect(
                try await store.events(after: second, filter).events.map(\.kind) == [.deleted])
        }
    }

    @Test func keepsTokensByHash() async throws {
        try await withTestStore { store in
            let token = StoredToken(hash: Authenticator.hash("secret"), holder: .administrator, identifier: "1")
            try await store.keep(token)
            #expect(try await store.token(hash: Authenticator.hash("secret")) == token)
            #expect(try await store.token(hash: Authenticator.hash("Secret")) == nil)
            let next = StoredToken(hash: Authenticator.hash("next"), holder: .administrator, identifier: "2")
            try await store.keep(next, replacing: true)
            #expect(try await store.token(hash: Authenticator.hash("secret")) == nil)
        }
    }
}
