import AsyncHTTPClient
@testable import EmbeddedCluster
import LocalFiles
import NIOCore
import NIOHTTP1
import NIOSSL
import ServiceLifecycle
import TestScopes
import Testing

@Suite struct WatchShutdownTests {
    private struct Cluster: Service {
        let folder: ClusterFolder
        let ready: AsyncStream<EmbeddedClusterEndpoint>.Continuation

        func run() async throws {
            try await runEmbeddedCluster(EmbeddedClusterConfiguration(folder: folder, logger: quietLogger)) {
                ready.yield($0)
            }
        }
    }

    @Test func watchesEndInGoodOrderWithTheServer() async throws {
        try await withTemporaryFolder { path in
            let folder = ClusterFolder(path)
            let (endpoints, ready) = AsyncStream.makeStream(of: EmbeddedClusterEndpoint.self)
            let services = ServiceGroup(services: [Cluster(folder: folder, ready: ready)], logger: quietLogger)
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await services.run() }
                for await endpoint in endpoints {
                    try await watchToTheEnd(of: endpoint, folder) { await services.triggerGracefulShutdown() }
                    break
                }
                try await tasks.next()
            }
        }
    }

    private func watchToTheEnd(
        of endpoint: EmbeddedClusterEndpoint, _ folder: ClusterFolder, end: () async -> Void
    ) async throws {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = .certificates(
            try NIOSSLCertificate.fromPEMBytes(try PrivateFile.read(folder.certificateAuthorityPath)))
        let client = HTTPClient(configuration: HTTPClient.Configuration(tlsConfiguration: tls))
        do {
            var request = HTTPClientRequest(url: "\(endpoint.server)/api/v1/namespaces?watch=true")
            let token = token(inKubeconfig: try text(of: folder.kubeconfigPath)) ?? ""
            request.headers.add(name: "Authorization", value: "Bearer \(token)")
            var watch = TestWatch(try await client.execute(request, timeout: .minutes(5)))
            let namespaces = ["default", "kube-node-lease", "kube-public", "kube-system"]
            #expect(try await watch.events(4) == namespaces.map { "ADDED \($0)" })
            await end()
            // An end that is cut short would throw.
            #expect(try await watch.line() == nil)
        } catch {
            try await client.shutdown()
            throw error
        }
        try await client.shutdown()
    }
}
