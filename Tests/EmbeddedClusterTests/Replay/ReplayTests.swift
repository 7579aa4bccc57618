@testable internal import EmbeddedCluster
internal import KubernetesAPI
internal import OrderedJSON
internal import TestScopes
internal import Testing

/// Every exchange that was recorded from a real API server, in order, against a fresh cluster.
struct ReplayTests {
    // The time stands still, so that ages in tables are those of objects that were made just now.

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
}
