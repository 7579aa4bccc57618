@testable internal import EmbeddedCluster
internal import KubernetesAPI
internal import OrderedJSON
internal import TestScopes
internal import Testing

/// Every exchange that was recorded from a real API server, in order, against a fresh cluster.
struct ReplayTests {
    // The time stands still, so that ages in tables are those of objects that were made just now.

    @Test func kubectl() async throws {
        try await withTestCluster(clock: HandClock().clock) { cluster in
            var replay = Replay(cluster)
            for recorded in try RecordedExchange.all(of: "kubectl.jsonl") { try await replay.send(recorded) }
        }
    }

    @Test func terraform() async throws {
        try await withTestCluster(clock: HandClock().clock) { cluster in
            try await cluster.prepareRunnerNamespace()
            var replay = Replay(cluster)
            for (index, recorded) in try RecordedExchange.all(of: "terraform.jsonl").enumerated() {
                // Somebody else took the lock before these; that was not recorded.
                if index == Self.firstWithHeldLock { try await Self.hold(lock: recorded, on: cluster) }
                try await replay.send(recorded)
            }
        }
    }

    private static let firstWithHeldLock = 95

    private static func hold(lock recorded: RecordedExchange, on cluster: TestCluster) async throws {
        let held = try JSON(parsing: recorded.responseBody.bytes)
        var lease = try await cluster.send("GET", recorded.path).json
        lease["spec"] = held["spec"]
        var metadata = lease["metadata"] ?? [:]
        metadata["annotations"] = held["metadata"]?["annotations"]
        lease["metadata"] = metadata
        let answer = try await cluster.send("PUT", recorded.path, lease)
        #expect(answer.status == 200)
    }

    @Test func cases() async throws {
        let clock = HandClock()
        try await withTestCluster(clock: clock.clock) { cluster in
            try await Self.prepareAsKubectlDid(cluster)
            // One case asks for a revision that is no longer kept.
            clock.advance(.seconds(600))
            try await cluster.store.compact()
            var replay = Replay(cluster)
            replay.accountToken = try await cluster.token("humanitec-runner", "humanitec-runner")
            for recorded in try RecordedExchange.all(of: "cases.jsonl") {
                // An object of a name that the server made up was not recorded, but is in the lists.
                if recorded.step == "create without name" {
                    _ = try await cluster.send(
                        "POST", "/api/v1/namespaces/humanitec-runner/secrets", ["metadata": ["generateName": "gen-"]])
                }
                // Nothing removed the namespace of the recorded server while it was asked for more.
                if recorded.step == "namespace delete" {
                    _ = try await cluster.send(
                        "POST", "\(recorded.path)/configmaps",
                        ["metadata": ["name": "held", "finalizers": ["stowage.test/held"]]])
                }
                try await replay.send(recorded)
            }
        }
    }

    /// The namespace, the ServiceAccount, and what `kubectl apply` sent of the Role and its binding.
    private static func prepareAsKubectlDid(_ cluster: TestCluster) async throws {
        let namespace: JSON = "humanitec-runner"
        _ = try await cluster.send("POST", "/api/v1/namespaces", ["metadata": ["name": namespace]])
        _ = try await cluster.send(
            "POST", "/api/v1/namespaces/humanitec-runner/serviceaccounts", ["metadata": ["name": namespace]])
        for recorded in try RecordedExchange.all(of: "kubectl.jsonl")
        where recorded.method == "POST" && recorded.path.contains("kubectl-client-side-apply") {
            let answer = try await cluster.send("POST", recorded.path, body: recorded.requestBody?.bytes)
            #expect(answer.status == 201, "\(recorded.title)")
        }
    }
}
