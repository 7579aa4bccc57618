import AsyncHTTPClient
import GuardedHTTP
import KubernetesAPI
import Logging
import NIOCore
import NIOHTTP1
import StateGateway
import StateStorage
import TestScopes

/// A gateway that listens, before a cluster of its own, which it uses with exactly the documented Role.
struct ListeningGateway: Sendable {
    let cluster: RunnerCluster
    let store: StateStore
    let port: Int

    struct Answer: Sendable {
        let status: Int
        let headers: HTTPHeaders
        let body: String
    }

    var tokens: GatewayTokens { GatewayTokens(client: store.client, namespace: store.namespace) }

    func path(_ environment: String = StockTerraformTests.environment) -> String {
        "/v1/environments/\(environment)/state"
    }

    func address(_ environment: String = StockTerraformTests.environment) -> String {
        "http://127.0.0.1:\(port)\(path(environment))"
    }

    func token(
        _ environment: String = StockTerraformTests.environment, _ scope: GatewayScope = .write,
        lifetime: Duration? = nil
    ) async throws -> String {
        try await tokens.create(
            for: EnvironmentID(environment), scope: scope, lifetime: lifetime, creator: "tester@host"
        ).credential
    }

    func ask(
        _ method: String, _ token: String?, _ body: String = "", query: String = "", headers: [String: String] = [:],
        environment: String = StockTerraformTests.environment
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: address(environment) + query)
        request.method = .RAW(value: method)
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if !body.isEmpty { request.body = .bytes(ByteBuffer(string: body)) }
        let response = try await HTTPClient.shared.execute(request, timeout: .minutes(5))
        let text = String(buffer: try await response.body.collect(upTo: 64 << 20))
        return Answer(status: Int(response.status.code), headers: response.headers, body: text)
    }

    /// Listens while the body runs.
    static func with(
        record: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        configure: @escaping @Sendable (inout GatewayConfiguration) throws -> Void = { _ in },
        _ body: @escaping @Sendable (ListeningGateway) async throws -> Void
    ) async throws {
        try await RunnerCluster.with { cluster in
            try await cluster.asUser(of: cluster.runnerKubeconfig) { client in
                try await serve(cluster, client, record: record, configure: configure, body)
            }
        }
    }

    /// Listens while the body runs, before a cluster that there is.
    static func serve(
        _ cluster: RunnerCluster, _ client: KubernetesClient, port: Int = 0,
        record: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        configure: (inout GatewayConfiguration) throws -> Void = { _ in },
        _ body: @escaping @Sendable (ListeningGateway) async throws -> Void
    ) async throws {
        let store = StateStore(
            client: client, namespace: RunnerCluster.namespace,
            configuration: StateStoreConfiguration(writer: "tester@host", programVersion: "0.0.0"))
        var configuration = GatewayConfiguration(host: "127.0.0.1", port: port)
        // On a busy machine everything can take its time.
        configuration.connections.head = .seconds(600)
        configuration.connections.body = .seconds(600)
        try configure(&configuration)
        let server = GatewayServer(
            store: store,
            authority: TokenAuthority(GatewayTokens(client: store.client, namespace: store.namespace)),
            configuration: configuration, record: record)
        let (ports, portFound) = AsyncStream.makeStream(of: Int.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run { portFound.yield($0) } }
            for await port in ports {
                try await body(ListeningGateway(cluster: cluster, store: store, port: port))
                break
            }
            group.cancelAll()
            while let result = await group.nextResult() {
                if case .failure(let error) = result, !(error is CancellationError) { throw error }
            }
        }
    }
}

extension ListeningGateway {
    /// The backend block for an environment.
    func backend(_ environment: String = StockTerraformTests.environment) -> String {
        """
        terraform {
          backend "http" {
            address        = "\(address(environment))"
            lock_address   = "\(address(environment))"
            unlock_address = "\(address(environment))"
            username       = "stowage"
            retry_max      = 20
            retry_wait_max = 1
          }
        }
        """
    }

    /// Terraform in a folder of its own that uses the gateway.
    func terraform(
        in folder: String = "stock", _ environment: String = StockTerraformTests.environment, module: String
    ) async throws -> Program {
        let folder = "\(cluster.home)/\(folder)"
        try write(["main.tf": module, "backend.tf": backend(environment)], below: folder)
        guard var terraform = Program.onPath("terraform", home: cluster.home, folder: folder) else {
            throw ProgramMissing(name: "terraform")
        }
        terraform.environment["TF_HTTP_PASSWORD"] = try await token(environment)
        return terraform
    }
}

/// A small state.
func gatewayState(_ serial: Int, _ lineage: String = "6f1b2c3d-0000-4000-8000-00000000000a") -> String {
    #"{"version":4,"terraform_version":"1.11.4","serial":\#(serial),"lineage":"\#(lineage)","outputs":{},"resources":[]}"#
}

/// What an engine writes about its lock.
func gatewayLockInfo(_ id: String) -> String { #"{"ID":"\#(id)","Operation":"OperationTypeApply","Who":"jane@ci"}"# }
