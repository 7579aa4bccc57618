import CLibrary
import KubernetesAPI
import LocalFiles
import OrderedJSON
import Synchronization
import TerraformState
import TestScopes
import Testing

@testable import StateStorage

/// `stowage state push` as a process that is killed, and as one whose requests are disturbed, at every request that it makes.
/// Afterwards the state is the old one or the new one, and stock Terraform reads the same.
@Suite(.enabled(if: Program.onPath("terraform", home: "/") != nil, "terraform is not on PATH"))
struct FaultTests {
    /// How often which request is disturbed: each of the first kind, every so many of the others.
    private struct Matrix: Sendable {
        let name: String
        /// Base-36 digits, of which a part holds some 1.6 million.
        let digits: [Int]
        let stride: Int
        let faults: [@Sendable (Victim) -> FaultProxy.Fault]
    }

    private static let deaths: [@Sendable (Victim) -> FaultProxy.Fault] = [
        { victim in .before { await victim.kill() } }, { victim in .after { await victim.kill() } },
    ]

    private static let disturbances: [@Sendable (Victim) -> FaultProxy.Fault] = [
        { _ in .droppedBefore }, { _ in .droppedAfter }, { _ in .answer(409) }, { _ in .answer(429, retryAfter: 0) },
        { _ in .answer(500) }, { _ in .answer(503) },
    ]

    private static let matrices = [
        Matrix(name: "one part, killed", digits: [200, 250], stride: 1, faults: deaths),
        Matrix(name: "one part, disturbed", digits: [200, 250], stride: 3, faults: disturbances),
        Matrix(name: "two parts, killed", digits: [1_800_000, 300], stride: 1, faults: [deaths[1]]),
        Matrix(name: "five parts, killed", digits: [7_000_000], stride: 5, faults: [deaths[1]]),
    ]

    @Test(.timeLimit(.minutes(5))) func aPushLeavesTheOldStateOrTheNewOne() async throws {
        try await RunnerCluster.with { cluster in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (index, matrix) in Self.matrices.enumerated() {
                    group.addTask {
                        let environment = try EnvironmentID(
                            "00000000-0000-4000-8000-00000000000\("abcd".dropFirst(index).prefix(1))")
                        try await Bench(cluster: cluster, environment: environment, name: matrix.name).run(matrix)
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    /// The process that a request comes from.
    fileprivate final class Victim: Sendable {
        private let identifier = Mutex<Int32?>(nil)

        func `is`(_ process: Int32) { identifier.withLock { $0 = process } }

        func kill() async {
            while true {
                if let process = identifier.withLock({ $0 }) { return sendKill(to: process) }
                await Task.yield()
            }
        }
    }

    /// One environment, with a folder of Terraform's.
    private struct Bench {
        let cluster: RunnerCluster
        let environment: EnvironmentID
        let name: String

        func run(_ matrix: Matrix) async throws {
            let folder = "\(cluster.home)/\(environment)"
            let terraform = try cluster.stockTerraform(in: "\(environment)", for: "\(environment)")
            try await terraform.initialise()
            try await cluster.asUser(of: cluster.runnerKubeconfig) { client in
                let store = StateStore(
                    client: client, namespace: RunnerCluster.namespace,
                    configuration: StateStoreConfiguration(writer: "tester@host", programVersion: "0.0.0"))
                try await FaultProxy.with(client) { proxy, port in
                    try write(["proxied": kubeconfig(port)], below: folder)
                    var (serial, changes) = (UInt64(10), 0)
                    for fault in matrix.faults {
                        var (position, isPast) = (0, false)
                        while !isPast {
                            serial += 1
                            let old = try await store.pull(environment)?.file
                            let digits = matrix.digits[Int(serial) % matrix.digits.count]
                            let new = try state(serial, digits: digits)
                            try PrivateFile.write(String(decoding: new.bytes, as: UTF8.self), to: "\(folder)/new")
                            let victim = Victim()
                            proxy.plan(fault(victim), at: position)
                            let status = try await push(folder, victim)
                            isPast = proxy.count <= position
                            let found = try await store.pull(environment)?.file
                            let context: Comment = "\(name), request \(position), exit \(status)"
                            #expect(found == old || found == new, context)
                            if status == 0 { #expect(found == new, context) }
                            if isPast { #expect(status == 0, context) }
                            if let lock = try await store.heldLock(environment) {
                                try await store.unlock(environment, id: lock.id)
                            }
                            position += matrix.stride
                            guard found == new else { continue }
                            changes += 1
                            let pulled = try await terraform("state", "pull")
                            #expect(pulled.status == 0, context)
                            #expect(try JSON(parsing: pulled.output) == JSON(parsing: new.bytes), context)
                        }
                        #expect(position > 8 || matrix.stride > 1)
                    }
                    #expect(changes > 1)
                }
            }
        }

        private func push(_ folder: String, _ victim: Victim) async throws -> Int32 {
            var stowage = cluster.stowage
            stowage.folder = folder
            return try await stowage.whileRunning([
                "state", "push", "--kubeconfig", "\(folder)/proxied", "-n", RunnerCluster.namespace, "\(environment)",
                "new", "--force", "lineage",
            ]) { victim.is($0) }.status
        }

        private func kubeconfig(_ port: Int) -> String {
            """
            apiVersion: v1
            kind: Config
            clusters: [{name: proxy, cluster: {server: "http://127.0.0.1:\(port)"}}]
            users: [{name: nobody, user: {}}]
            contexts: [{name: proxy, context: {cluster: proxy, user: nobody}}]
            current-context: proxy
            """
        }

        private func state(_ serial: UInt64, digits: Int) throws -> StateFile {
            var generator = SystemRandomNumberGenerator()
            var text: [UInt8] = []
            text.reserveCapacity(digits + 16)
            while text.count < digits { text += String(generator.next() >> 4, radix: 36).utf8 }
            return try StateFile(
                Array(
                    """
                    {"version": 4, "terraform_version": "1.11.4", "serial": \(serial), \
                    "lineage": "6f1b2c3d-0000-4000-8000-00000000000a", "outputs": {"text": {"value": "
                    """.utf8) + text + Array(#"", "type": "string"}}, "resources": [], "check_results": null}"#.utf8))
        }
    }
}

private func sendKill(to process: Int32) { _ = kill(process, SIGKILL) }
