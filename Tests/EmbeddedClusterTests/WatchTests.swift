@testable import EmbeddedCluster
import KubernetesAPI
import OrderedJSON
import Testing

private let secrets = "/api/v1/namespaces/default/secrets"

extension TestCluster {
    @discardableResult
    fileprivate func add(_ name: String, labels: JSON = [:], to path: String = secrets) async throws -> JSON {
        try await send("POST", path, ["metadata": ["name": .string(name), "labels": labels], "data": ["k": "dg=="]])
            .json
    }

    @discardableResult
    fileprivate func change(_ name: String, labels: JSON = [:], data: JSON = ["k": "dw=="]) async throws -> JSON {
        try await send(
            "PUT", "\(secrets)/\(name)", ["metadata": ["name": .string(name), "labels": labels], "data": data]
        )
        .json
    }

    fileprivate func revision(of path: String = secrets) async throws -> String {
        try await send("GET", "\(path)?limit=1").json.resourceVersion ?? ""
    }
}

@Suite struct WatchTests {
    @Test func tellsWhatHappensAfterARevision() async throws {
        try await withTestCluster { cluster in
            try await cluster.add("before")
            let revision = try await cluster.revision()
            let added = try await cluster.add("a")
            var watch = try await cluster.watch("\(secrets)?watch=true&resourceVersion=\(revision)")
            #expect(watch.status == 200)
            #expect(watch.contentType == "application/json")
            #expect(try await watch.line() == #"{"type":"ADDED","object":\#(added.text)}"#)
            let changed = try await cluster.change("a")
            #expect(try await watch.line() == #"{"type":"MODIFIED","object":\#(changed.text)}"#)
            _ = try await cluster.send("DELETE", "\(secrets)/a")
            // The last state, at the revision of the deletion.
            var last = changed
            var metadata = last["metadata"] ?? [:]
            metadata["resourceVersion"] = .string(try await cluster.revision())
            last["metadata"] = metadata
            #expect(try await watch.line() == #"{"type":"DELETED","object":\#(last.text)}"#)
        }
    }

    @Test func beginsAtOnceAlsoWhereNothingHappens() async throws {
        try await withTestCluster { cluster in
            // Returns with the head of the answer.
            var watch = try await cluster.watch("/api/v1/namespaces/nowhere/secrets?watch=1&timeoutSeconds=1")
            #expect(watch.status == 200)
            #expect(try await watch.rest() == [])
        }
    }

    @Test(arguments: ["", "&resourceVersion=0", "&resourceVersion="])
    func withoutARevisionItTellsWhatIsThereFirst(revision: String) async throws {
        try await withTestCluster { cluster in
            for name in ["b", "a"] { try await cluster.add(name) }
            var watch = try await cluster.watch("\(secrets)?watch=true\(revision)")
            #expect(try await watch.events(2) == ["ADDED a", "ADDED b"])
            try await cluster.change("b")
            #expect(try await watch.events(1) == ["MODIFIED b"])
        }
    }

    @Test func withoutInitialEventsItTellsWhatHappensFromNowOn() async throws {
        try await withTestCluster { cluster in
            try await cluster.add("before")
            var watch = try await cluster.watch(
                "\(secrets)?watch=true&sendInitialEvents=false&resourceVersionMatch=NotOlderThan")
            try await cluster.add("after")
            #expect(try await watch.events(1) == ["ADDED after"])
        }
    }

    @Test func endsTheInitialEventsWithABookmark() async throws {
        try await withTestCluster { cluster in
            try await cluster.add("a")
            let revision = try await cluster.revision()
            let initial = "watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"
            var watch = try await cluster.watch("\(secrets)?\(initial)&resourceVersion=\(revision)")
            #expect(try await watch.events(1) == ["ADDED a"])
            #expect(
                try await watch.line()
                    == #"{"type":"BOOKMARK","object":{"kind":"Secret","apiVersion":"v1","metadata":{"resourceVersion":"\#(revision)","annotations":{"k8s.io/initial-events-end":"true"}}}}"#
            )
            // The fields that a kind always writes are written here, too.
            let leases = "/apis/coordination.k8s.io/v1/leases"
            watch = try await cluster.watch("\(leases)?\(initial)")
            let bookmark = try #require(try await watch.event())
            #expect(bookmark["object"]?["spec"] == [:])
        }
    }

    @Test func saysHowFarItIs() async throws {
        let times = WatchTimes(bookmarkInterval: .milliseconds(1))
        try await withTestCluster(watchTimes: times) { cluster in
            let revision = try await cluster.revision()
            var watch = try await cluster.watch(
                "\(secrets)?watch=true&allowWatchBookmarks=true&resourceVersion=\(revision)")
            #expect(
                try await watch.line()
                    == #"{"type":"BOOKMARK","object":{"kind":"Secret","apiVersion":"v1","metadata":{"resourceVersion":"\#(revision)"}}}"#
            )
            // Also when what happens is elsewhere.
            let lease = try await cluster.add("l", to: "/apis/coordination.k8s.io/v1/namespaces/default/leases")
            var reached = revision
            while reached != lease.resourceVersion {
                reached = try #require(try await watch.event()?["object"]?.resourceVersion)
            }
        }
    }

    @Test func endsInTimeWithALastBookmark() async throws {
        try await withTestCluster { cluster in
            try await cluster.add("a")
            let revision = try await cluster.revision()
            var watch = try await cluster.watch("\(secrets)?watch=true&timeoutSeconds=1&allowWatchBookmarks=true")
            #expect(try await watch.events(1) == ["ADDED a"])
            #expect(try await watch.event()?["object"]?["metadata"]?["annotations"] != nil)
            #expect(try await watch.event()?["object"]?["metadata"] == ["resourceVersion": .string(revision)])
            #expect(try await watch.line() == nil)
        }
    }

    @Test func anObjectComesAndGoesWithItsLabels() async throws {
        try await withTestCluster { cluster in
            let revision = try await cluster.revision()
            var watch = try await cluster.watch("\(secrets)?watch=true&labelSelector=x%3Dy&resourceVersion=\(revision)")
            try await cluster.add("a")
            let labelled = try await cluster.change("a", labels: ["x": "y"])
            #expect(try await watch.events(1) == ["ADDED a"])
            let other = try await cluster.change("a", labels: ["x": "z"], data: ["k": "eA=="])
            let event = try #require(try await watch.event())
            #expect(event["type"] == "DELETED")
            // As it was when it was chosen, at the revision at which it was no longer.
            #expect(event["object"]?.resourceVersion == other.resourceVersion)
            #expect(event["object"]?["metadata"]?["labels"] == ["x": "y"])
            #expect(event["object"]?["data"] == labelled["data"])
            _ = try await cluster.send("DELETE", "\(secrets)/a")
            try await cluster.add("b", labels: ["x": "y"])
            #expect(try await watch.events(1) == ["ADDED b"])
            // One that comes later reads the same from the log.
            watch = try await cluster.watch(
                "\(secrets)?watch=true&labelSelector=x%3Dy&resourceVersion=\(revision)&timeoutSeconds=1")
            #expect(try await watch.rest() == ["ADDED a", "DELETED a", "ADDED b"])
        }
    }

    @Test func anObjectComesAndGoesWithItsFields() async throws {
        try await withTestCluster { cluster in
            let namespaces = "/api/v1/namespaces"
            var watch = try await cluster.watch(
                "\(namespaces)?watch=true&fieldSelector=status.phase%3DActive,metadata.name!%3Ddefault")
            let others = ["kube-node-lease", "kube-public", "kube-system"]
            #expect(try await watch.events(3) == others.map { "ADDED \($0)" })
            try await cluster.add("a", to: namespaces)
            #expect(try await watch.events(1) == ["ADDED a"])
            _ = try await cluster.send("DELETE", "\(namespaces)/a")
            #expect(try await watch.events(1) == ["DELETED a"])
        }
    }

    @Test func seesWhatWasAskedFor() async throws {
        try await withTestCluster { cluster in
            _ = try await cluster.send("POST", "/api/v1/namespaces", ["metadata": ["name": "other"]])
            let revision = try await cluster.revision()
            let elsewhere = "/api/v1/namespaces/other/secrets"
            for name in ["a", "b"] { try await cluster.add(name) }
            try await cluster.add("c", to: elsewhere)
            try await cluster.add("l", to: "/apis/coordination.k8s.io/v1/namespaces/default/leases")
            let query = "watch=true&timeoutSeconds=1&resourceVersion=\(revision)"
            for (path, expected) in [
                ("\(secrets)?\(query)", ["ADDED a", "ADDED b"]),
                ("/api/v1/secrets?\(query)", ["ADDED a", "ADDED b", "ADDED c"]),
                ("\(elsewhere)?\(query)", ["ADDED c"]),
                ("\(secrets)?\(query)&fieldSelector=metadata.name%3Db", ["ADDED b"]),
                ("/api/v1/secrets?\(query)&fieldSelector=metadata.namespace%3Dother", ["ADDED c"]),
            ] {
                var watch = try await cluster.watch(path)
                #expect(try await watch.rest() == expected, "\(path)")
            }
        }
    }

    @Test func aRevisionThatIsForgottenIsAnError() async throws {
        let hand = HandClock()
        try await withTestCluster(clock: hand.clock) { cluster in
            try await cluster.add("a")
            try await cluster.change("a")
            hand.advance(.seconds(600))
            try await cluster.store.compact()
            let oldest = try await cluster.store.currentRevision()
            var watch = try await cluster.watch("\(secrets)?watch=true&resourceVersion=1")
            #expect(watch.status == 200)
            #expect(
                try await watch.line()
                    == #"{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"too old resource version: 1 (\#(oldest))","reason":"Expired","code":410}}"#
            )
            #expect(try await watch.line() == nil)
        }
    }

    @Test func aRevisionThatIsYetToComeIsWaitedFor() async throws {
        try await withTestCluster { cluster in
            let current = try await cluster.store.currentRevision()
            var watch = try await cluster.watch("\(secrets)?watch=true&resourceVersion=\(current + 1)")
            for name in ["a", "b"] { try await cluster.add(name) }
            #expect(try await watch.events(1) == ["ADDED b"])
            // But what is there cannot be told as it will be.
            watch = try await cluster.watch(
                "\(secrets)?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion=99999")
            let error = try #require(try await watch.event()?["object"])
            #expect(error["code"]?.int == 504)
            #expect(error["message"]?.string == "Timeout: Too large resource version: 99999, current: \(current + 2)")
        }
    }

    @Test(arguments: [
        (
            "resourceVersion=x", 400,
            #"resourceVersion: Invalid value: "x": strconv.ParseUint: parsing "x": invalid syntax"#
        ),
        ("timeoutSeconds=x", 400, #"strconv.ParseInt: parsing "x": invalid syntax"#),
        ("labelSelector=a%3D%3D%3Db", 400, "unable to parse requirement: found '=', expected: identifier"),
        (
            "sendInitialEvents=true", 422,
            #"ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"#
        ),
        (
            "resourceVersionMatch=NotOlderThan", 422,
            #"ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"#
        ),
        (
            "sendInitialEvents=true&resourceVersionMatch=Exact", 422,
            #"ListOptions.meta.k8s.io "" is invalid: [resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan, resourceVersionMatch: Unsupported value: "Exact": supported values: "NotOlderThan"]"#
        ),
    ])
    func whatCannotBeAskedIsAnsweredAtOnce(query: String, status: Int, message: String) async throws {
        try await withTestCluster { cluster in
            let answer = try await cluster.send("GET", "\(secrets)?watch=true&\(query)")
            #expect(answer.status == status)
            #expect(try answer.json["message"]?.string == message)
        }
    }

    @Test func tablesHaveTheirColumnsOnce() async throws {
        try await withTestCluster { cluster in
            let added = try await cluster.add("a")
            let accept = ["Accept": "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"]
            var watch = try await cluster.watch("\(secrets)?watch=true", headers: accept)
            try await cluster.change("a")
            let first = try #require(try await watch.event()?["object"])
            #expect(first["kind"] == "Table")
            #expect(first["metadata"] == ["resourceVersion": .string(added.resourceVersion ?? "")])
            #expect(first["columnDefinitions"]?.array?.count == 4)
            #expect(first["rows"]?.array?.first?["cells"]?.array?.prefix(3) == ["a", "Opaque", 1])
            #expect(first["rows"]?.array?.first?["object"]?["kind"] == "PartialObjectMetadata")
            let second = try #require(try await watch.event()?["object"])
            #expect(second["columnDefinitions"] == .null)
            #expect(second["rows"]?.array?.count == 1)
        }
    }

    @Test func metadataIsWatchedWithoutTheRest() async throws {
        try await withTestCluster { cluster in
            let added = try await cluster.add("a")
            let accept = ["Accept": "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io"]
            var watch = try await cluster.watch("\(secrets)?watch=true", headers: accept)
            func line(_ type: String, _ object: JSON) -> String {
                let metadata = (object["metadata"] ?? .null).text
                return
                    #"{"type":"\#(type)","object":{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":\#(metadata)}}"#
            }
            #expect(try await watch.line() == line("ADDED", added))
            let changed = try await cluster.change("a")
            #expect(try await watch.line() == line("MODIFIED", changed))
        }
    }

    @Test func whoMayNotWatchIsTold() async throws {
        try await withTestCluster { cluster in
            try await cluster.prepareRunnerNamespace()
            let token = try await cluster.token("humanitec-runner", "humanitec-runner")
            let watch = try await cluster.watch(
                "/api/v1/namespaces/humanitec-runner/secrets?watch=true", as: .token(token))
            #expect(watch.status == 403)
        }
    }
}
