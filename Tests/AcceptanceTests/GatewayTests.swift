import AsyncHTTPClient
import KubernetesAPI
import Logging
import NIOCore
import NIOHTTP1
import OrderedJSON
import StateGateway
import StateStorage
import TerraformState
import TestScopes
import Testing

/// The gateway, over HTTP, with exactly the documented Role, and the real terraform through it.
@Suite struct GatewayTests {
    private static let environment = StockTerraformTests.environment
    private static let other = "4b41bf32-b337-93a4-ad65-123456789012"

    /// A gateway that listens while the body runs.
    private struct Listening: Sendable {
        let cluster: RunnerCluster
        let store: StateStore
        let port: Int

        var tokens: GatewayTokens { GatewayTokens(client: store.client, namespace: store.namespace) }

        func address(_ environment: String = GatewayTests.environment) -> String {
            "http://127.0.0.1:\(port)/v1/environments/\(environment)/state"
        }

        func token(
            _ environment: String = GatewayTests.environment, _ scope: GatewayScope = .write, lifetime: Duration? = nil
        ) async throws -> String {
            try await tokens.create(
                for: EnvironmentID(environment), scope: scope, lifetime: lifetime, creator: "tester@host"
            ).credential
        }

        /// - Returns: status and body.
        func ask(
            _ method: String, _ token: String?, _ body: String = "", query: String = "",
            headers: [String: String] = [:],
            environment: String = GatewayTests.environment
        ) async throws -> (status: Int, body: String) {
            var request = HTTPClientRequest(url: address(environment) + query)
            request.method = .RAW(value: method)
            if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
            for (name, value) in headers { request.headers.add(name: name, value: value) }
            if !body.isEmpty { request.body = .bytes(ByteBuffer(string: body)) }
            let response = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
            let text = String(buffer: try await response.body.collect(upTo: 64 << 20))
            return (Int(response.status.code), text)
        }
    }

    private func withGateway(_ body: @escaping @Sendable (Listening) async throws -> Void) async throws {
        try await RunnerCluster.with { cluster in
            try await cluster.asUser(of: cluster.runnerKubeconfig) { client in
                let store = StateStore(
                    client: client, namespace: RunnerCluster.namespace,
                    configuration: StateStoreConfiguration(writer: "tester@host", programVersion: "0.0.0"))
                let tokens = GatewayTokens(client: client, namespace: RunnerCluster.namespace)
                let server = GatewayServer(
                    store: store, authority: TokenAuthority(tokens),
                    configuration: GatewayConfiguration(host: "127.0.0.1", port: 0),
                    record: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
                let (ports, portFound) = AsyncStream.makeStream(of: Int.self)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await server.run { portFound.yield($0) } }
                    for await port in ports {
                        try await body(Listening(cluster: cluster, store: store, port: port))
                        break
                    }
                    group.cancelAll()
                    while let result = await group.nextResult() {
                        if case .failure(let error) = result, !(error is CancellationError) { throw error }
                    }
                }
            }
        }
    }

    private func state(_ serial: Int, _ lineage: String = "6f1b2c3d-0000-4000-8000-00000000000a") -> String {
        #"{"version":4,"terraform_version":"1.11.4","serial":\#(serial),"lineage":"\#(lineage)","outputs":{},"resources":[]}"#
    }

    private func lockInfo(_ id: String) -> String {
        #"{"ID":"\#(id)","Operation":"OperationTypeApply","Who":"jane@ci"}"#
    }

    @Test func keepsTheProtocol() async throws {
        try await withGateway { gateway in
            let token = try await gateway.token()
            #expect(try await gateway.ask("GET", token).status == 204)
            #expect(try await gateway.ask("POST", token, state(1)).status == 409)
            #expect(try await gateway.ask("LOCK", token, "no json").status == 400)
            for _ in 0..<2 { #expect(try await gateway.ask("LOCK", token, lockInfo("one")).status == 200) }
            let held = try await gateway.ask("LOCK", token, lockInfo("two"))
            #expect(held.status == 423)
            #expect(LockInfo(parsing: held.body)?.id == "one")
            #expect(LockInfo(parsing: held.body)?.who == "jane@ci")
            #expect(try await gateway.ask("POST", token, state(1), query: "?ID=two").status == 423)
            #expect(try await gateway.ask("POST", token, state(1)).status == 423)
            for _ in 0..<2 { #expect(try await gateway.ask("POST", token, state(1), query: "?ID=one").status == 200) }
            #expect(try await gateway.ask("GET", token).body == state(1))

            let wrongSum = try await gateway.ask(
                "POST", token, state(2), query: "?ID=one", headers: ["Content-MD5": "AAAAAAAAAAAAAAAAAAAAAA=="])
            #expect(wrongSum.status == 400)
            #expect(try await gateway.ask("POST", token, "{}", query: "?ID=one").status == 400)
            let another = try await gateway.ask("POST", token, state(9, "another"), query: "?ID=one")
            #expect(another.status == 409 && another.body.contains("lineage"), "\(another)")
            #expect(try await gateway.ask("POST", token, state(0), query: "?ID=one").status == 409)
            #expect(try await gateway.ask("GET", token).body == state(1))

            #expect(try await gateway.ask("DELETE", token).status == 409)
            let blind = try await gateway.ask("UNLOCK", token)
            #expect(blind.status == 409 && blind.body.contains("stowage state unlock"), "\(blind)")
            #expect(try await gateway.ask("UNLOCK", token, lockInfo("two")).status == 423)
            for _ in 0..<2 { #expect(try await gateway.ask("UNLOCK", token, lockInfo("one")).status == 200) }
        }
    }

    @Test func letsInWhoMay() async throws {
        try await withGateway { gateway in
            let (write, read) = (try await gateway.token(), try await gateway.token(Self.environment, .read))
            let other = try await gateway.token(Self.other)
            let over = try await gateway.token(Self.environment, .write, lifetime: .seconds(-1))
            #expect(try await gateway.ask("GET", nil).status == 401)
            for token in [other, over, "stowage_a_b", "x", write + "0"] {
                #expect(try await gateway.ask("GET", token).status == 404, "\(token)")
            }
            #expect(try await gateway.ask("GET", read).status == 204)
            #expect(try await gateway.ask("LOCK", read, lockInfo("one")).status == 403)
            #expect(try await gateway.ask("GET", other, environment: Self.other).status == 204)
            #expect(try await gateway.ask("PATCH", write).status == 405)

            let environment = try EnvironmentID(Self.environment)
            let secrets = try await gateway.store.client.list(.secret, namespace: RunnerCluster.namespace).all()
            let kept = try #require(secrets.first { $0.objectName == "stowage-gateway-\(environment)" })
            for token in [write, read] {
                let secret = try #require(token.split(separator: "_").last)
                let data = try Base64.decode(try #require(kept["data"]?["tokens"]?.string))
                #expect(!String(decoding: data, as: UTF8.self).contains(secret))
            }
            // Those that are over go when another is made.
            #expect(try await gateway.tokens.list(environment).map(\.scope) == [.write, .read, .write])
            _ = try await gateway.token()
            #expect(try await gateway.tokens.list(environment).count == 3)
            let name = try #require(write.split(separator: "_").dropFirst().first)
            #expect(try await gateway.tokens.revoke(String(name), of: environment))
            #expect(try await gateway.tokens.revoke(String(name), of: environment) == false)
        }
    }

    @Test(
        .enabled(if: Program.onPath("terraform", home: "/") != nil, "terraform is not on PATH"),
        arguments: [Self.environment, Self.other])
    func terraformWorksThroughIt(environment: String) async throws {
        try await withGateway { gateway in
            let address = gateway.address(environment)
            let backend = """
                terraform {
                  backend "http" {
                    address        = "\(address)"
                    lock_address   = "\(address)"
                    unlock_address = "\(address)"
                    username       = "stowage"
                  }
                }
                """
            let folder = "\(gateway.cluster.home)/stock"
            try write(["main.tf": StockTerraformTests.module, "backend.tf": backend], below: folder)
            var terraform = try #require(Program.onPath("terraform", home: gateway.cluster.home, folder: folder))
            terraform.environment["TF_HTTP_PASSWORD"] = try await gateway.token(environment)
            for arguments in [
                ["init", "-input=false"], ["plan", "-input=false"], ["apply", "-auto-approve"], ["state", "list"],
                ["state", "mv", "terraform_data.greeting", "terraform_data.other"],
                ["state", "mv", "terraform_data.other", "terraform_data.greeting"],
                ["taint", "terraform_data.greeting"],
                ["apply", "-auto-approve"], ["state", "rm", "terraform_data.greeting"],
                ["import", "terraform_data.greeting", "an-id"], ["destroy", "-auto-approve"],
                ["apply", "-auto-approve"],
            ] {
                let result = try await terraform.run(arguments + (arguments[0] == "state" ? [] : ["-no-color"]))
                #expect(result.status == 0, "\(arguments) \(result)")
            }
            #expect(try await terraform("output", "-raw", "greeting").output == "Hello, world!")
            let pulled = try await terraform("state", "pull").output
            let there = try #require(try await gateway.store.pull(EnvironmentID(environment))?.file)
            #expect(try JSON(parsing: pulled) == JSON(parsing: there.bytes))
            try write(["pulled": pulled], below: folder)
            #expect(try await terraform("state", "push", "pulled").status == 0)
            #expect(try await gateway.store.history(EnvironmentID(environment)).count > 3)
            #expect(try await gateway.store.heldLock(EnvironmentID(environment)) == nil)

            // And away from it: the kubernetes backend finds the same state.
            guard environment == Self.environment else { return }
            let kubernetes = kubernetesBackend(environment, kubeconfig: gateway.cluster.runnerKubeconfig)
            try write(["backend.tf": kubernetes], below: folder)
            #expect(try await terraform("init", "-input=false", "-reconfigure").status == 0)
            let plan = try await terraform("plan", "-input=false", "-no-color")
            #expect(plan.output.contains("No changes."), "\(plan)")
        }
    }

    @Test func theCommandServesAndMakesTokens() async throws {
        try await RunnerCluster.with { cluster in
            let created = try await cluster.stowage(
                "gateway", "token", "create", Self.environment, "--ttl", "1h", "--kubeconfig", cluster.runnerKubeconfig)
            #expect(created.status == 0 && created.output.hasPrefix("stowage_"), "\(created.errors)")
            let list = try await cluster.stowage(
                "gateway", "token", "list", Self.environment, "-o", "json", "--kubeconfig", cluster.runnerKubeconfig)
            let name = try #require(try JSON(parsing: list.output).array?.first?["name"]?.string)
            #expect(created.output.contains(name))
            let revoked = try await cluster.stowage(
                "gateway", "token", "revoke", Self.environment, name, "--kubeconfig", cluster.runnerKubeconfig)
            #expect(revoked.status == 0)
            let unsafe = try await cluster.stowage(
                "gateway", "--listen", "0.0.0.0:0", "--kubeconfig", cluster.runnerKubeconfig)
            #expect(unsafe.status == 64 && unsafe.errors.contains("--tls-cert"), "\(unsafe)")
        }
    }
}
