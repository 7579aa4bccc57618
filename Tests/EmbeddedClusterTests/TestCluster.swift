import AsyncHTTPClient
@testable import EmbeddedCluster
import GuardedHTTP
import Hummingbird
import Logging
import NIOCore
import NIOHTTP1
import NIOSSL
import OrderedJSON
import TestScopes

/// A cluster that answers on a real TLS socket, in a folder of its own.
struct TestCluster: Sendable {
    let server: String
    let store: Store
    let authenticator: Authenticator
    let administratorToken: String
    /// What the server's certificate is signed by, as PEM.
    let certificateAuthority: String
    let client: HTTPClient
    let logs: ContainerLogs

    struct Answer: Sendable {
        let status: Int
        let headers: [(String, String)]
        let body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }
        var json: JSON { get throws { try JSON(parsing: body) } }
        func header(_ name: String) -> String? { headers.first { $0.0.lowercased() == name.lowercased() }?.1 }
    }

    /// Who sends a request.
    enum Sender: Sendable {
        case administrator
        case anonymous
        case token(String)
    }

    func send(
        _ method: String, _ path: String, as sender: Sender = .administrator, headers: [String: String] = [:],
        body: [UInt8]? = nil
    ) async throws -> Answer {
        let response = try await client.execute(
            request(method, path, as: sender, headers: headers, body: body), timeout: .minutes(5))
        let content = try await response.body.collect(upTo: 256 << 20)
        return Answer(
            status: Int(response.status.code), headers: response.headers.map { ($0.name, $0.value) },
            body: Array(content.readableBytesView))
    }

    func request(
        _ method: String, _ path: String, as sender: Sender, headers: [String: String], body: [UInt8]? = nil
    ) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: server + path)
        request.method = .RAW(value: method)
        switch sender {
        case .administrator: request.headers.add(name: "Authorization", value: "Bearer \(administratorToken)")
        case .anonymous: break
        case .token(let token): request.headers.add(name: "Authorization", value: "Bearer \(token)")
        }
        for (name, value) in headers { request.headers.replaceOrAdd(name: name, value: value) }
        if let body {
            request.body = .bytes(ByteBuffer(bytes: body))
            if !request.headers.contains(name: "Content-Type") {
                request.headers.add(name: "Content-Type", value: "application/json")
            }
        }
        return request
    }

    func send(
        _ method: String, _ path: String, as sender: Sender = .administrator, headers: [String: String] = [:],
        _ body: JSON
    ) async throws -> Answer {
        try await send(method, path, as: sender, headers: headers, body: body.bytes)
    }

    /// Makes what the documentation of the state storage has users make.
    func prepareRunnerNamespace(_ namespace: String = "humanitec-runner") async throws {
        _ = try await send("POST", "/api/v1/namespaces", ["metadata": ["name": .string(namespace)]])
        _ = try await send(
            "POST", "/api/v1/namespaces/\(namespace)/serviceaccounts", ["metadata": ["name": "humanitec-runner"]])
        let name: JSON = "humanitec-runner-kubernetes-stage-storage"
        let rbac = "/apis/rbac.authorization.k8s.io/v1/namespaces/\(namespace)"
        _ = try await send(
            "POST", "\(rbac)/roles",
            [
                "metadata": ["name": name],
                "rules": [
                    ["apiGroups": [""], "resources": ["secrets"], "verbs": ["create", "get", "list", "update"]],
                    [
                        "apiGroups": ["coordination.k8s.io"], "resources": ["leases"],
                        "verbs": ["create", "get", "update"],
                    ],
                ],
            ])
        _ = try await send(
            "POST", "\(rbac)/rolebindings",
            [
                "metadata": ["name": name],
                "roleRef": ["apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name],
                "subjects": [["kind": "ServiceAccount", "name": "humanitec-runner"]],
            ])
    }

    /// A token of a ServiceAccount, asked for as a client does.
    func token(_ namespace: String, _ name: String) async throws -> String {
        let answer = try await send(
            "POST", "/api/v1/namespaces/\(namespace)/serviceaccounts/\(name)/token", ["spec": [:]])
        return try answer.json["status"]?["token"]?.string ?? ""
    }
}

/// Runs a cluster for the time of the body.
///
/// - Parameter hasControllers: whether deletions are seen to their end.
func withTestCluster(
    clock: ClusterClock = .system, watchTimes: WatchTimes = WatchTimes(), limits: ConnectionLimits = .unhurried,
    hasControllers: Bool = true,
    logger: Logger = quietLogger,
    _ body: @escaping @Sendable (TestCluster) async throws -> Void
) async throws {
    try await withTemporaryFolder { path in
        let folder = ClusterFolder(path)
        let store = try await Store.open(folder.storePath, clock: clock)
        try await store.seed()
        let certificates = try ClusterCertificates.load(folder, now: ClusterClock.system.now())
        let api = ClusterAPI(
            store: store, certificateAuthority: certificates.authority, watchTimes: watchTimes, logger: logger)
        try await api.controllers.reconcile()
        let (ports, listening) = AsyncStream.makeStream(of: Int.self)
        let application = try clusterApplication(
            api, certificates: certificates, port: 0, limits: limits, logger: quietLogger,
            onListening: { listening.yield($0) })
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(certificates.authority.utf8)))
        var configuration = HTTPClient.Configuration(tlsConfiguration: tls)
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 1024
        let client = HTTPClient(configuration: configuration)
        let result: Result<Void, any Error>
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await application.run() }
                if hasControllers {
                    group.addTask { try await GarbageCollector(store: store, logger: logger).run() }
                }
                for await port in ports {
                    let cluster = TestCluster(
                        server: "https://127.0.0.1:\(port)", store: store, authenticator: api.authenticator,
                        administratorToken: try await api.authenticator.issueAdministratorToken(),
                        certificateAuthority: certificates.authority, client: client, logs: api.logs)
                    try await body(cluster)
                    break
                }
                group.cancelAll()
                while let result = await group.nextResult() {
                    if case .failure(let error) = result, !(error is CancellationError) { throw error }
                }
            }
            result = .success(())
        } catch {
            result = .failure(error)
        }
        try await client.shutdown()
        try store.close()
        try result.get()
    }
}

let quietLogger = {
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    return logger
}()

/// A store in a folder of its own, for the time of the body.
func withTestStore(clock: ClusterClock = .system, _ body: (Store) async throws -> Void) async throws {
    try await withTemporaryFolder { path in
        let store = try await Store.open("\(path)/store.sqlite", clock: clock)
        do { try await body(store) } catch {
            try? store.close()
            throw error
        }
        try store.close()
    }
}

extension ConnectionLimits {
    /// For tests that are not about limits: on a busy machine a handshake can take its time.
    static var unhurried: ConnectionLimits {
        var limits = ConnectionLimits()
        limits.handshake = .seconds(600)
        limits.head = .seconds(600)
        limits.body = .seconds(600)
        return limits
    }
}
