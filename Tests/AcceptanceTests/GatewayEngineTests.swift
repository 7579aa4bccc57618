import CLibrary
import KubernetesAPI
import NIOCore
import NIOPosix
import OrderedJSON
import StateGateway
import StateStorage
import TerraformState
import TestScopes
import Testing

/// The real terraform through the gateway, where something goes wrong, or something else is used beside it.
@Suite(
    .enabled(if: Program.onPath("terraform", home: "/") != nil, "terraform is not on PATH"), .timeLimit(.minutes(20)))
struct GatewayEngineTests {
    private static let environment = StockTerraformTests.environment

    private static func slowModule(_ home: String) -> String {
        """
        resource "terraform_data" "slow" {
          provisioner "local-exec" {
            command = "echo $PPID > \(home)/started.0; mv \(home)/started.0 \(home)/started; until test -e \(home)/go; do sleep 0.05; done"
          }
        }
        output "done" { value = terraform_data.slow.id }
        """
    }

    private static func waitUntilStarted(_ home: String) async throws {
        while !exists("\(home)/started") { try await Task.sleep(for: .milliseconds(20)) }
    }

    @Test func anEngineWaitsForTheLock() async throws {
        let log = RecordedLog()
        try await ListeningGateway.with(record: log.logger) { gateway in
            let terraform = try await gateway.terraform(module: StockTerraformTests.module)
            try await terraform.initialise()
            let token = try await gateway.token()
            #expect(try await gateway.ask("LOCK", token, gatewayLockInfo("other")).status == 200)
            let refused = try await terraform("plan", "-input=false", "-no-color")
            #expect(refused.status == 1 && refused.errors.contains("ID=other"), "\(refused)")
            let refusals = log.lines.count { $0.contains("status=423") }
            async let applied = terraform("apply", "-auto-approve", "-no-color", "-lock-timeout=120s")
            while log.lines.count(where: { $0.contains("status=423") }) == refusals {
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(try await gateway.ask("UNLOCK", token, gatewayLockInfo("other")).status == 200)
            let result = try await applied
            #expect(result.status == 0, "\(result)")
            #expect(try await gateway.store.heldLock(EnvironmentID(Self.environment)) == nil)
        }
    }

    @Test func aKilledEngineLeavesItsLockUntilItIsGivenBack() async throws {
        try await ListeningGateway.with { gateway in
            let home = gateway.cluster.home
            let terraform = try await gateway.terraform(module: Self.slowModule(home))
            try await terraform.initialise()
            _ = try await terraform.whileRunning(["apply", "-auto-approve", "-no-color"]) { process in
                try await Self.waitUntilStarted(home)
                kill(process, SIGKILL)
                // What it started waits for that.
                try write(["go": ""], below: home)
            }
            let lock = try #require(try await gateway.store.heldLock(EnvironmentID(Self.environment)))
            let refused = try await terraform("apply", "-auto-approve", "-no-color")
            #expect(refused.status == 1 && refused.errors.contains("ID=\(lock.id)"), "\(refused)")

            // It does not tell which lock it means, or nothing at all; either way nothing is given back blindly.
            let forced = try await terraform("force-unlock", "-force", lock.id)
            let isHeld = try await gateway.store.heldLock(EnvironmentID(Self.environment))?.id == lock.id
            #expect(isHeld == (forced.status != 0), "\(forced)")
            if isHeld {
                let unlock = try await gateway.cluster.stowage(
                    "state", "unlock", Self.environment, lock.id, "--kubeconfig", gateway.cluster.runnerKubeconfig)
                #expect(unlock.status == 0, "\(unlock)")
            }
            let next = try await terraform("apply", "-auto-approve", "-no-color")
            #expect(next.status == 0, "\(next)")
        }
    }

    /// OpenTofu sends the lock's ID.
    @Test func aLockIsForcedOpenByItsID() async throws {
        try await ListeningGateway.with { gateway in
            let token = try await gateway.token()
            #expect(try await gateway.ask("LOCK", token, gatewayLockInfo("one")).status == 200)
            #expect(try await gateway.ask("UNLOCK", token, #"{"ID":"two"}"#).status == 423)
            #expect(try await gateway.ask("UNLOCK", token, #"{"ID":"one"}"#).status == 200)
            #expect(try await gateway.ask("LOCK", token, gatewayLockInfo("three")).status == 200)
            #expect(try await gateway.ask("UNLOCK", token, query: "?ID=three").status == 200)
            #expect(try await gateway.store.heldLock(EnvironmentID(Self.environment)) == nil)
        }
    }

    @Test func aGatewayThatRestartsInTheMiddleOfAnApplyIsWaitedFor() async throws {
        try await RunnerCluster.with { cluster in
            try await cluster.asUser(of: cluster.runnerKubeconfig) { client in
                let (ready, isReady) = AsyncStream.makeStream(of: Program.self)
                async let applied = {
                    for await terraform in ready { return try await terraform("apply", "-auto-approve", "-no-color") }
                    throw CancellationError()
                }()
                let port = try await lastingPort()
                try await ListeningGateway.serve(cluster, client, port: port) { gateway in
                    let terraform = try await gateway.terraform(module: Self.slowModule(cluster.home))
                    try await terraform.initialise()
                    isReady.yield(terraform)
                    try await Self.waitUntilStarted(cluster.home)
                }
                try await Self.loseOneConnection(to: port) { try write(["go": ""], below: cluster.home) }
                try await ListeningGateway.serve(cluster, client, port: port) { gateway in
                    while try await gateway.store.heldLock(EnvironmentID(Self.environment)) != nil {
                        try await Task.sleep(for: .milliseconds(20))
                    }
                    let state = try #require(try await gateway.store.pull(EnvironmentID(Self.environment))?.file)
                    #expect(String(decoding: state.bytes, as: UTF8.self).contains("terraform_data"))
                }
                let result = try await applied
                #expect(result.status == 0, "\(result)")
            }
        }
    }

    /// Accepts a connection and closes it at once.
    ///
    /// - Parameter body: what makes somebody connect.
    private static func loseOneConnection(to port: Int, _ body: () throws -> Void) async throws {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .bind(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        try await server.executeThenClose { inbound in
            try body()
            for try await connection in inbound {
                try await connection.channel.close()
                break
            }
        }
    }

    @Test func oneGoesFromTheKubernetesBackendToTheGatewayAndBack() async throws {
        try await ListeningGateway.with { gateway in
            let (cluster, home) = (gateway.cluster, gateway.cluster.home)
            let terraform = try await gateway.terraform(module: StockTerraformTests.module)
            let kubernetes = kubernetesBackend(Self.environment, kubeconfig: cluster.runnerKubeconfig)
            @Sendable func switchTo(_ backend: String, _ arguments: String...) async throws {
                try write(["backend.tf": backend], below: "\(home)/stock")
                let result = try await terraform.run(["init", "-input=false", "-no-color"] + arguments)
                #expect(result.status == 0, "\(arguments) \(result)")
                let plan = try await terraform("plan", "-input=false", "-no-color")
                #expect(plan.status == 0 && plan.output.contains("No changes."), "\(arguments) \(plan)")
            }
            try write(["backend.tf": kubernetes], below: "\(home)/stock")
            try await terraform.initialise()
            #expect(try await terraform("apply", "-auto-approve", "-no-color").status == 0)
            // It is the same state, and there is one lock for it, which Terraform would take twice.
            try await switchTo(gateway.backend(), "-migrate-state", "-force-copy", "-lock=false")
            #expect(try await terraform("apply", "-auto-approve", "-no-color", "-var", "who=gateway").status == 0)
            try write(
                ["main.tf": StockTerraformTests.module.replacing("world", with: "gateway")], below: "\(home)/stock")
            try await switchTo(kubernetes, "-migrate-state", "-force-copy", "-lock=false")
            #expect(try await terraform("apply", "-auto-approve", "-no-color").status == 0)
            try await switchTo(gateway.backend(), "-reconfigure")

            // From elsewhere, a state is written under the lock.
            let local = try await gateway.terraform(in: "local", other, module: StockTerraformTests.module)
            try write(["backend.tf": ""], below: "\(home)/local")
            try await local.initialise()
            #expect(try await local("apply", "-auto-approve", "-no-color").status == 0)
            try write(["backend.tf": gateway.backend(other)], below: "\(home)/local")
            let migrated = try await local("init", "-input=false", "-no-color", "-migrate-state", "-force-copy")
            #expect(migrated.status == 0, "\(migrated)")
            let plan = try await local("plan", "-input=false", "-no-color")
            #expect(plan.output.contains("No changes."), "\(plan)")
            try await expectSilentDoctor(cluster)
        }
    }

    private let other = "4b41bf32-b337-93a4-ad65-1d565c5e25bf"

    private func expectSilentDoctor(_ cluster: RunnerCluster) async throws {
        let doctor = try await cluster.stowage("doctor", "-o", "json", "--kubeconfig", cluster.runnerKubeconfig)
        #expect(doctor.status == 0, "\(doctor)")
        #expect(try JSON(parsing: doctor.output).array?.isEmpty == true, "\(doctor)")
    }

    @Test func aStateOfFivePartsGrowsAndShrinks() async throws {
        try await ListeningGateway.with { gateway in
            let (cluster, environment) = (gateway.cluster, try EnvironmentID(Self.environment))
            let token = try await gateway.token()
            let stock = try cluster.stockTerraform(for: Self.environment)
            let version = try await KnownStates.version(of: stock)
            for (offset, parts) in [1, 5, 2, 5, 1].enumerated() {
                let serial = 2 * offset + 1
                let text = KnownStates(engineVersion: version, parts: parts).text(serial: serial, variant: offset + 1)
                let lock = "lock-\(offset)"
                #expect(try await gateway.ask("LOCK", token, gatewayLockInfo(lock)).status == 200)
                #expect(try await gateway.ask("POST", token, text, query: "?ID=\(lock)").status == 200)
                let isSame = try await gateway.ask("GET", token).body == text
                #expect(isSame, "\(parts) part(s)")
                #expect(try await gateway.ask("UNLOCK", token, gatewayLockInfo(lock)).status == 200)
                #expect(try await gateway.store.pull(environment)?.partCount == parts)
                if offset == 0 { try await stock.initialise() }
                let pulled = try await stock("state", "pull")
                let isReadByStock = pulled.output == text + "\n"
                #expect(isReadByStock, "\(parts) part(s): \(pulled.errors)")
                // Alternating with the others: a push of the same content under the next serial.
                let next = KnownStates(engineVersion: version, parts: parts).text(
                    serial: serial + 1, variant: offset + 1)
                try write(["next": next], below: cluster.home)
                let push = try await cluster.stowage(
                    "state", "push", Self.environment, "\(cluster.home)/next", "--kubeconfig", cluster.runnerKubeconfig)
                #expect(push.status == 0, "\(push)")
                let isNext = try await gateway.ask("GET", token).body == next
                #expect(isNext, "\(parts) part(s)")
            }
            try await expectSilentDoctor(cluster)
        }
    }
}
