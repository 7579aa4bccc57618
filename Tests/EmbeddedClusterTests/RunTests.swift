@testable import EmbeddedCluster
import Foundation
import LocalFiles
import Logging
import OrderedJSON
import ServiceLifecycle
import TestScopes
import Testing

/// Runs a cluster from the folder, until the body ends.
private func withCluster(
    _ folder: ClusterFolder, port: Int? = nil,
    _ body: @escaping @Sendable (EmbeddedClusterEndpoint) async throws -> Void
) async throws {
    struct Done: Error {}
    let configuration = EmbeddedClusterConfiguration(folder: folder, port: port, logger: quietLogger)
    do {
        try await runEmbeddedCluster(configuration) { endpoint in
            try await body(endpoint)
            throw Done()
        }
    } catch is Done {}
}

@Suite struct RunTests {
    @Test func keepsTokenPortAndFilesFromRunToRun() async throws {
        try await withTemporaryFolder { path in
            let folder = ClusterFolder("\(path)/deep/cluster")
            try await withCluster(folder) { endpoint in
                #expect(endpoint.server == "https://127.0.0.1:\(endpoint.port)")
                let instance = try JSON(parsing: try text(of: folder.instancePath))
                #expect(instance["pid"]?.int == Int(getpid()))
                #expect(instance["server"]?.string == endpoint.server)
            }
            #expect(!exists(folder.instancePath))
            let first = try text(of: folder.kubeconfigPath)
            #expect(first.contains("certificate-authority-data: "))
            try await withCluster(folder) { _ in }
            #expect(try text(of: folder.kubeconfigPath) == first)
            for name in try FolderTree.entries(of: folder.path) {
                let attributes = try FileManager.default.attributesOfItem(atPath: "\(folder.path)/\(name)")
                #expect(attributes[.posixPermissions] as? Int == 0o600, "\(name)")
            }
            let attributes = try FileManager.default.attributesOfItem(atPath: folder.path)
            #expect(attributes[.posixPermissions] as? Int == 0o700)
        }
    }

    @Test func issuesANewTokenForAKubeconfigThatIsNotGoodAnyMore() async throws {
        try await withTemporaryFolder { path in
            let folder = ClusterFolder(path)
            try await withCluster(folder) { _ in }
            let first = try text(of: folder.kubeconfigPath)
            try PrivateFile.write("nothing of ours", to: folder.kubeconfigPath)
            try await withCluster(folder) { _ in }
            let second = try text(of: folder.kubeconfigPath)
            #expect(token(inKubeconfig: second) != nil)
            #expect(token(inKubeconfig: second) != token(inKubeconfig: first))
        }
    }

    @Test func oneServerAFolder() async throws {
        try await withTemporaryFolder { path in
            let folder = ClusterFolder(path)
            try await withCluster(folder) { _ in
                let error = await #expect(throws: EmbeddedClusterError.self) { try await withCluster(folder) { _ in } }
                #expect(error?.code == .alreadyRunning)
                #expect(error?.pid == getpid())
                #expect(error?.description.contains(folder.path) == true)
            }
        }
    }

    @Test func aPortThatWasAskedForIsThatPortOrAnError() async throws {
        try await withTemporaryFolder { path in
            try await withCluster(ClusterFolder("\(path)/a")) { endpoint in
                let other = ClusterFolder("\(path)/b")
                let error = await #expect(throws: EmbeddedClusterError.self) {
                    try await withCluster(other, port: endpoint.port) { _ in }
                }
                #expect(error?.code == .portInUse)
                #expect(error?.port == endpoint.port)
            }
        }
    }

    @Test func aPortOfTheLastTimeThatIsTakenIsReplaced() async throws {
        try await withTemporaryFolder { path in
            try await withCluster(ClusterFolder("\(path)/a")) { endpoint in
                let other = ClusterFolder("\(path)/b")
                try PrivateFile.createFolder(other.path)
                let store = try await Store.open(other.storePath)
                try await store.set("port", String(endpoint.port))
                try store.close()
                try await withCluster(other) { #expect($0.port != endpoint.port) }
            }
        }
    }

    @Test func endsWhenItsTaskIsCancelled() async throws {
        try await withTemporaryFolder { path in
            let folder = ClusterFolder(path)
            let (ready, isReady) = AsyncStream.makeStream(of: Void.self)
            await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await runEmbeddedCluster(EmbeddedClusterConfiguration(folder: folder, logger: quietLogger)) {
                        _ in
                        isReady.yield()
                    }
                }
                for await _ in ready { break }
                group.cancelAll()
                _ = await group.nextResult()
            }
            #expect(!exists(folder.instancePath))
            // The lock is free, and the store was closed.
            try await withCluster(folder) { _ in }
        }
    }

    @Test func endsWithTheServiceGroupThatItRunsIn() async throws {
        struct Cluster: Service {
            let folder: ClusterFolder
            let onReady: @Sendable () -> Void

            func run() async throws {
                let configuration = EmbeddedClusterConfiguration(folder: folder, logger: quietLogger)
                try await runEmbeddedCluster(configuration) { _ in onReady() }
            }
        }
        try await withTemporaryFolder { path in
            let folder = ClusterFolder(path)
            let (ready, isReady) = AsyncStream.makeStream(of: Void.self)
            let group = ServiceGroup(
                services: [Cluster(folder: folder, onReady: { isReady.yield() })], logger: quietLogger)
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await group.run() }
                for await _ in ready { break }
                await group.triggerGracefulShutdown()
                try await tasks.next()
            }
            #expect(!exists(folder.instancePath))
            try await withCluster(folder) { _ in }
        }
    }

    @Test func theServersCertificateIsReplacedBeforeItExpires() async throws {
        try await withTemporaryFolder { path in
            let folder = ClusterFolder(path)
            let start = Timestamp(seconds: 1_800_000_000)
            let first = try ClusterCertificates.load(folder, now: start)
            let same = try ClusterCertificates.load(folder, now: start + .seconds(200 * 86400))
            #expect(same.server == first.server)
            let later = try ClusterCertificates.load(folder, now: start + .seconds(300 * 86400))
            #expect(later.server != first.server)
            #expect(later.authority == first.authority)
            try PrivateFile.write("broken", to: folder.certificateAuthorityKeyPath)
            let error = #expect(throws: EmbeddedClusterError.self) { try ClusterCertificates.load(folder, now: start) }
            #expect(error?.code == .certificates)
        }
    }

    @Test func aKubeconfigIsOneThatClientsRead() {
        let text = kubeconfig(
            server: "https://127.0.0.1:1", certificateAuthority: "PEM", user: "u", token: "t:\"x\"", namespace: "ns")
        #expect(token(inKubeconfig: text) == "t:\"x\"")
        #expect(text.contains("    namespace: \"ns\"\n"))
        #expect(text.contains("certificate-authority-data: UEVN\n"))
    }

    @Test(arguments: [
        ("2026-11-23T23:30:33Z", "2026-11-23T23:30:33Z"), ("2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"),
        ("2026-11-24T00:30:33.5+01:00", "2026-11-23T23:30:33Z"), ("1969-12-31T23:59:59Z", "1969-12-31T23:59:59Z"),
    ])
    func timesAreRFC3339(given: String, written: String) throws {
        #expect(try #require(Timestamp(parsing: given)).text == written)
    }
}
