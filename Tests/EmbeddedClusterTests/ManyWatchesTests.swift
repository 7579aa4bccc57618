@testable import EmbeddedCluster
import KubernetesAPI
import OrderedJSON
import TestScopes
import Testing

private let secrets = "/api/v1/namespaces/default/secrets"

extension Result where Failure == any Error {
    fileprivate init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}

@Suite struct ManyWatchesTests {
    @Test(.timeLimit(.minutes(20))) func oneWriteReachesAll() async throws {
        let count = 500
        try await withTestCluster { cluster in
            let revision = try await cluster.store.currentRevision()
            let (opened, isOpen) = AsyncStream.makeStream(of: Void.self)
            let reached = try await withThrowingTaskGroup(of: Bool.self) { group in
                // Opened some at a time: this is about how many are open, not about how fast they are.
                for _ in 0..<count / 20 {
                    for _ in 0..<20 {
                        group.addTask {
                            let opening = await Result {
                                try await cluster.watch("\(secrets)?watch=true&resourceVersion=\(revision)")
                            }
                            isOpen.yield()
                            var watch = try opening.get()
                            return try await watch.events(1) == ["ADDED a"]
                        }
                    }
                    for await _ in opened.prefix(20) {}
                }
                _ = try await cluster.send("POST", secrets, ["metadata": ["name": "a"]])
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(reached == count)
        }
    }

    @Test func aClientThatGoesIsForgotten() async throws {
        try await withTestCluster { cluster in
            do {
                let watch = try await cluster.watch("\(secrets)?watch=true")
                #expect(watch.status == 200)
            }
            // The connection was dropped with the watch.
            while cluster.store.feed.watcherCount > 0 { _ = try await cluster.send("GET", "/readyz") }
        }
    }

    @Test func aClientThatReadsSlowlyMissesNothing() async throws {
        try await withTestCluster { cluster in
            var slow = try await cluster.watch("\(secrets)?watch=true")
            let value = JSON.string(Base64.encode([UInt8](repeating: 0x78, count: 700_000)))
            // More than is kept in memory, and more than fits into sockets.
            let names = (10..<50).map { "s\($0)" }
            for name in names {
                _ = try await cluster.send(
                    "POST", secrets, ["metadata": ["name": .string(name)], "data": ["a": value]])
            }
            // Others are not held up.
            var quick = try await cluster.watch(
                "\(secrets)?watch=true&sendInitialEvents=false&resourceVersionMatch=NotOlderThan")
            _ = try await cluster.send("POST", secrets, ["metadata": ["name": "z"]])
            #expect(try await quick.events(1) == ["ADDED z"])
            #expect(try await slow.events(names.count + 1) == (names + ["z"]).map { "ADDED \($0)" })
        }
    }

    @Test func keepsInMemoryWhatSomebodyWatchesAndNoMore() async throws {
        try await withTestStore { store in
            let feed = EventFeed(byteLimit: 2000)
            feed.start(at: 0)
            let filter = EventFilter(resource: "secrets", namespace: "ns")
            #expect(feed.interest(in: key("a")) == .nothing)
            let signal = WatchSignal()
            let id = feed.subscribe(filter, after: 0, needsPrevious: false, signal: signal)
            #expect(feed.interest(in: key("a")) == .object)
            #expect(feed.interest(in: key("a", namespace: "other")) == .nothing)
            func entry(_ revision: Int64, isHeld: Bool = true) -> EventFeed.Entry {
                let object = StoredObject(
                    key: key("a"), revision: revision, metadata: [], content: [UInt8](repeating: 0, count: 200))
                let event = StoreEvent(
                    kind: .modified, object: object, labels: [:], previous: nil, previousLabels: [:])
                return EventFeed.Entry(key: key("a"), revision: revision, event: isHeld ? event : nil)
            }
            func delivered(after revision: Int64) -> [Int64]? {
                switch feed.deliver(to: id, filter, after: revision, bytes: 1 << 20) {
                case .events(let events, let through): events.map(\.object.revision) + [through]
                case .log, .closed: nil
                }
            }
            #expect(delivered(after: 0) == [0])
            feed.publish([entry(1), entry(2)])
            #expect(await signal.wait() == .news)
            #expect(delivered(after: 0) == [1, 2, 2])
            #expect(delivered(after: 2) == [2])
            // A write that was made before the watch was known is in the log only.
            feed.publish([entry(3, isHeld: false)])
            #expect(delivered(after: 2) == nil)
            #expect(delivered(after: 3) == [3])
            feed.publish((4..<20).map { entry($0) })
            #expect(delivered(after: 3) == nil)
            #expect(delivered(after: 18) == [19, 19])
            feed.close()
            #expect(delivered(after: 19) == nil)
            #expect(await signal.wait().contains(.stop))
            feed.unsubscribe(id, filter)
            #expect(feed.watcherCount == 0)
        }
    }
}
