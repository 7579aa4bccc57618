import StateStorage
import Synchronization
import TerraformState
import TestScopes
import Testing

/// Two gateways before one cluster, which know nothing of each other.
@Suite struct GatewayReplicaTests {
    private final class Acknowledged: Sendable {
        private let state = Mutex((serial: UInt64(0), isOver: false))

        var serial: UInt64 { state.withLock { $0.serial } }
        var isOver: Bool { state.withLock { $0.isOver } }

        func note(_ serial: UInt64) { state.withLock { $0.serial = serial } }
        func end() { state.withLock { $0.isOver = true } }
    }

    @Test func nobodyIsGivenAStateOlderThanWhatWasAcknowledgedBefore() async throws {
        try await RunnerCluster.with { cluster in
            try await cluster.asUser(of: cluster.runnerKubeconfig) { client in
                try await ListeningGateway.serve(cluster, client) { one in
                    try await ListeningGateway.serve(cluster, client) { other in
                        try await Self.readWhileItIsWritten([one, other])
                    }
                }
            }
        }
    }

    private static func readWhileItIsWritten(_ gateways: [ListeningGateway]) async throws {
        let token = try await gateways[0].token()
        let acknowledged = Acknowledged()
        #expect(try await gateways[0].ask("LOCK", token, gatewayLockInfo("one")).status == 200)
        #expect(try await gateways[0].ask("POST", token, gatewayState(1), query: "?ID=one").status == 200)
        acknowledged.note(1)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { acknowledged.end() }
                for serial in 2...40 {
                    let gateway = gateways[serial % 3 % 2]
                    let answer = try await gateway.ask("POST", token, gatewayState(serial), query: "?ID=one")
                    #expect(answer.status == 200)
                    acknowledged.note(UInt64(serial))
                }
            }
            for reader in 0..<8 {
                group.addTask {
                    while !acknowledged.isOver {
                        let before = acknowledged.serial
                        let answer = try await gateways[reader % 2].ask("GET", token)
                        let serial = try StateFile(Array(answer.body.utf8)).serial
                        #expect(serial >= before, "answered \(serial) after \(before) was acknowledged")
                    }
                }
            }
            try await group.waitForAll()
        }
        for gateway in gateways { #expect(try await gateway.ask("GET", token).body == gatewayState(40)) }
    }
}
