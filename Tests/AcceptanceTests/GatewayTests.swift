import KubernetesAPI
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

    @Test func keepsTheProtocol() async throws {
        try await ListeningGateway.with { gateway in
            let token = try await gateway.token()
            #expect(try await gateway.ask("GET", token).status == 204)
            #expect(try await gateway.ask("POST", token, gatewayState(1)).status == 409)
            #expect(try await gateway.ask("LOCK", token, "no json").status == 400)
            for _ in 0..<2 { #expect(try await gateway.ask("LOCK", token, gatewayLockInfo("one")).status == 200) }
            let held = try await gateway.ask("LOCK", token, gatewayLockInfo("two"))
            #expect(held.status == 423)
            #expect(LockInfo(parsing: held.body)?.id == "one")
            #expect(LockInfo(parsing: held.body)?.who == "jane@ci")
            #expect(try await gateway.ask("POST", token, gatewayState(1), query: "?ID=two").status == 423)
            #expect(try await gateway.ask("POST", token, gatewayState(1)).status == 423)
            for _ in 0..<2 {
                #expect(try await gateway.ask("POST", token, gatewayState(1), query: "?ID=one").status == 200)
            }
            #expect(try await gateway.ask("GET", token).body == gatewayState(1))

            let wrongSum = try await gateway.ask(
                "POST", token, gatewayState(2), query: "?ID=one", headers: ["Content-MD5": "AAAAAAAAAAAAAAAAAAAAAA=="])
            #expect(wrongSum.status == 400)
            #expect(try await gateway.ask("POST", token, "{}", query: "?ID=one").status == 400)
            let another = try await gateway.ask("POST", token, gatewayState(9, "another"), query: "?ID=one")
            #expect(another.status == 409 && another.body.contains("lineage"), "\(another)")
            #expect(try await gateway.ask("POST", token, gatewayState(0), query: "?ID=one").status == 409)
            #expect(try await gateway.ask("GET", token).body == gatewayState(1))

            #expect(try await gateway.ask("DELETE", token).status == 409)
            let blind = try await gateway.ask("UNLOCK", token)
            #expect(blind.status == 409 && blind.body.contains("stowage state unlock"), "\(blind)")
            #expect(try await gateway.ask("UNLOCK", token, gatewayLockInfo("two")).status == 423)
            for _ in 0..<2 { #expect(try await gateway.ask("UNLOCK", token, gatewayLockInfo("one")).status == 200) }
        }
    }

    @Test func whatIsSavedUnderOneLockIsOneVersion() async throws {
        try await ListeningGateway.with { gateway in
            let (token, environment) = (try await gateway.token(), try EnvironmentID(Self.environment))
            var serial = 0
            for lock in ["one", "two", "three"] {
                #expect(try await gateway.ask("LOCK", token, gatewayLockInfo(lock)).status == 200)
                for _ in 0..<12 {
                    serial += 1
                    // A client that does not wait for the answer sends it again.
                    let state = gatewayState(serial)
                    async let first = gateway.ask("POST", token, state, query: "?ID=\(lock)")
                    async let second = gateway.ask("POST", token, state, query: "?ID=\(lock)")
                    let statuses = [try await first.status, try await second.status]
                    #expect(statuses == [200, 200])
                }
                #expect(try await gateway.ask("GET", token).body == gatewayState(serial))
                #expect(try await gateway.ask("UNLOCK", token, gatewayLockInfo(lock)).status == 200)
            }
            #expect(try await gateway.store.history(environment).map(\.serial) == [24, 12])

            // What others write is seen at once, and kept.
            try await gateway.store.push(StateFile(Array(gatewayState(50).utf8)), to: environment)
            #expect(try await gateway.ask("GET", token).body == gatewayState(50))
            #expect(try await gateway.ask("LOCK", token, gatewayLockInfo("four")).status == 200)
            #expect(try await gateway.ask("POST", token, gatewayState(51), query: "?ID=four").status == 200)
            #expect(try await gateway.store.history(environment).map(\.serial) == [50, 36, 24, 12])
        }
    }

    @Test func letsInWhoMay() async throws {
        try await ListeningGateway.with { gateway in
            let (write, read) = (try await gateway.token(), try await gateway.token(Self.environment, .read))
            let other = try await gateway.token(Self.other)
            let over = try await gateway.token(Self.environment, .write, lifetime: .seconds(-1))
            #expect(try await gateway.ask("GET", nil).status == 401)
            for token in [other, over, "stowage_a_b", "x", write + "0"] {
                // Terraform takes a 404 for an environment without a state, and would begin with an empty one.
                #expect(try await gateway.ask("GET", token).status == 401, "\(token)")
                #expect(try await gateway.ask("LOCK", token).status == 404, "\(token)")
            }
            for method in ["POST", "UNLOCK", "DELETE"] {
                #expect(try await gateway.ask(method, over).status == 404, "\(method)")
            }
            #expect(try await gateway.ask("GET", read).status == 204)
            #expect(try await gateway.ask("LOCK", read, gatewayLockInfo("one")).status == 403)
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
        try await ListeningGateway.with { gateway in
            let folder = "\(gateway.cluster.home)/stock"
            let terraform = try await gateway.terraform(environment, module: StockTerraformTests.module)
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
