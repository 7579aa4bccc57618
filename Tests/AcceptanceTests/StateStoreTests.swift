import Logging
import OrderedJSON
import TerraformState
import TestScopes
import Testing

@testable import KubernetesAPI
@testable import StateStorage

/// The store on a cluster, as a ServiceAccount with exactly the documented Role, and what stock Terraform makes of it.
@Suite(.enabled(if: Program.onPath("terraform", home: "/") != nil, "terraform is not on PATH"))
struct StateStoreTests {
    private static let environment = StockTerraformTests.environment

    private func store(_ client: KubernetesClient, partLimit: Int = StatePart.limit) -> StateStore {
        var configuration = StateStoreConfiguration(writer: "tester@host", programVersion: "0.0.0")
        configuration.partLimit = partLimit
        return StateStore(client: client, namespace: RunnerCluster.namespace, configuration: configuration)
    }

    /// A state with an output whose digits do not compress to less than half.
    private func file(_ serial: UInt64, digits: Int) throws -> StateFile {
        var generator = SystemRandomNumberGenerator()
        var text: [UInt8] = []
        while text.count < digits { text += Array(String(generator.next() >> 4, radix: 36).utf8) }
        let head = """
            {
              "version": 4,
              "terraform_version": "1.11.4",
              "serial": \(serial),
              "lineage": "6f1b2c3d-0000-4000-8000-00000000000a",
              "outputs": {
                "text": {
                  "value": "
            """
        let tail = """
            ",
                  "type": "string"
                }
              },
              "resources": [],
              "check_results": null
            }

            """
        return try StateFile(Array(head.utf8) + text + Array(tail.utf8))
    }

    private func terraform(_ cluster: RunnerCluster) async throws -> Program {
        let terraform = try cluster.stockTerraform(for: Self.environment)
        try await terraform.initialise()
        return terraform
    }

    @Test func terraformReadsWhatWasWrittenInParts() async throws {
        try await RunnerCluster.with { cluster in
            let environment = try EnvironmentID(Self.environment)
            let terraform = try await self.terraform(cluster)
            try await cluster.asUser(of: cluster.runnerKubeconfig) { client in
                let store = self.store(client)
                var options = PushOptions()
                options.forced = [.lineage]
                var last: StateFile?
                for (serial, digits) in [(10, 100), (11, 3_200_000), (12, 3_200_000), (13, 100)] {
                    let file = try self.file(UInt64(serial), digits: digits)
                    let result = try await store.push(file, to: environment, options)
                    #expect(result.partCount == (digits > 1000 ? 2 : 1))
                    let pulled = try await terraform("state", "pull")
                    #expect(pulled.status == 0, "\(pulled.errors)")
                    #expect(try JSON(parsing: pulled.output) == JSON(parsing: file.bytes))
                    last = file
                }
                let versions = try await store.history(environment)
                #expect(versions.map(\.serial).prefix(3) == [12, 11, 10])
                let result = try await store.rollback(environment, to: versions[0].number)
                #expect(result.serial == 14)
                let pulled = try JSON(parsing: try await terraform("state", "pull").output)
                #expect(pulled["serial"] == 14)
                #expect(last?.serial == 13)
                let plan = try await terraform("plan", "-input=false", "-no-color")
                #expect(plan.status == 0, "\(plan)")
            }
        }
    }

    /// A client that dies at each request of a write: after the next reader, Terraform reads what that one read.
    @Test func terraformAgreesAfterRecovery() async throws {
        try await RunnerCluster.with { cluster in
            let environment = try EnvironmentID(Self.environment)
            let terraform = try await self.terraform(cluster)
            try await cluster.asUser(of: cluster.runnerKubeconfig) { client in
                let sound = self.store(client, partLimit: 600)
                var options = PushOptions()
                options.forced = [.lineage]
                try await sound.push(try file(10, digits: 600), to: environment, options)
                var (serial, position, recovered, isDone) = (UInt64(10), 0, 0, false)
                while !isDone {
                    serial += 1
                    let old = try await sound.pull(environment)?.file
                    let new = try file(serial, digits: 2000)
                    let transport = FaultyTransport(SendingTransport(client: client), .deathAfter, at: position)
                    let dying = self.store(
                        KubernetesClient(connection: client.connection, transport: transport), partLimit: 600)
                    do {
                        try await dying.push(new, to: environment)
                        isDone = transport.count <= position
                    } catch is FaultyTransport.Death {}
                    position += 1
                    let found = try #require(try await sound.pull(environment)).file
                    #expect(found == old || found == new)
                    guard found == new else { continue }
                    recovered += 1
                    let pulled = try await terraform("state", "pull")
                    #expect(pulled.status == 0, "\(pulled.errors)")
                    #expect(try JSON(parsing: pulled.output) == JSON(parsing: found.bytes))
                }
                #expect(recovered > 3)
            }
        }
    }
}

/// A client as a transport, for a decorator around it.
private struct SendingTransport: Transport {
    let client: KubernetesClient

    func send(_ request: APIRequest) async throws -> APIResponse { try await client.send(request) }
}
