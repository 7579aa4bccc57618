import CLibrary
import KubernetesAPI
import OrderedJSON
import TestScopes
import Testing

/// A write that the cluster acknowledged is on disk, whatever happens to the cluster next.
@Suite struct KilledClusterTests {
    private static let kills = 50

    @Test func noAcknowledgedWriteIsLost() async throws {
        try await RunnerCluster.with { cluster in
            var acknowledged: [String: String] = [:]
            for round in 0..<Self.kills {
                // The kill falls between two writes of this round, wherever the second has got to.
                let written = try await writeUntilKilled(cluster, round: round)
                acknowledged.merge(written) { $1 }
                try await cluster.start()
                let stored = try await contents(cluster)
                for (name, value) in acknowledged { #expect(stored[name] == value, "\(name) after kill \(round)") }
            }
            #expect(acknowledged.count >= Self.kills)
        }
    }

    /// Creates and updates Secrets one after another while the cluster is killed.
    ///
    /// - Returns: what was acknowledged.
    private func writeUntilKilled(_ cluster: RunnerCluster, round: Int) async throws -> [String: String] {
        let instance = try JSON(parsing: try text(of: "\(cluster.folder)/instance.json"))
        let process = try #require(instance["pid"]?.int.flatMap { Int32(exactly: $0) })
        let (acknowledgements, sink) = AsyncStream.makeStream(of: Void.self)
        return try await withThrowingTaskGroup(of: [String: String].self) { group in
            group.addTask {
                defer { sink.finish() }
                var written: [String: String] = [:]
                _ = try? await cluster.asAdministrator { client in
                    for number in 0..<1_000 {
                        let name = "w-\(round)-\(number)"
                        let value = Base64.encode(Array("value \(round) \(number)".utf8))
                        let secret: JSON = ["metadata": ["name": .string(name)], "data": ["v": .string(value)]]
                        guard
                            (try? await client.create(.secret, namespace: RunnerCluster.namespace, secret)) != nil
                        else { return }
                        written[name] = value
                        sink.yield()
                    }
                }
                return written
            }
            // At least one write, and another number of them each round.
            var seen = 0
            for await _ in acknowledgements {
                seen += 1
                if seen == 1 + round % 7 { kill(process, SIGKILL) }
            }
            return try await group.next() ?? [:]
        }
    }

    private func contents(_ cluster: RunnerCluster) async throws -> [String: String] {
        let secrets = try await cluster.asAdministrator {
            try await $0.list(.secret, namespace: RunnerCluster.namespace).all()
        }
        return Dictionary(
            secrets.compactMap { secret in
                guard let name = secret.objectName, let value = secret["data"]?["v"]?.string else { return nil }
                return (name, value)
            }, uniquingKeysWith: { $1 })
    }
}
