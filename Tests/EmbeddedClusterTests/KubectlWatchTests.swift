@testable internal import EmbeddedCluster
internal import Foundation
internal import LocalFiles
internal import OrderedJSON
internal import TestScopes
internal import Testing

/// What kubectl does by watches.
@Suite(.enabled(if: Program.onPath("kubectl", home: "/") != nil, "kubectl is not on PATH"))
struct KubectlWatchTests {
    private static let secrets = "/api/v1/namespaces/default/secrets"

    private struct Kubectl: Sendable {
        let cluster: TestCluster
        let shell: Program
        let folder: String

        /// Runs kubectl while the body runs, which is given what it has written so far; interrupts it at the end.
        func interrupted(
            _ command: String,
            _ body: @escaping @Sendable (_ output: @Sendable () throws -> String) async throws -> Void
        ) async throws {
            let file = "\(folder)/output"
            try PrivateFile.write("", to: file)
            _ = try await shell.whileRunning(["-c", "exec kubectl \(command) >>\(file) 2>&1"]) { process in
                defer { kill(process, SIGINT) }
                try await body { try text(of: file) }
            }
        }

        /// Runs kubectl, which waits for what the body does.
        func waiting(_ command: String, _ body: @escaping @Sendable () async throws -> Void) async throws
            -> ProgramResult
        {
            try await shell.whileRunning(["-c", "exec kubectl \(command)"]) { _ in
                while cluster.store.feed.watcherCount == 0 { _ = try await cluster.send("GET", "/readyz") }
                try await body()
            }
        }
    }

    private func withKubectl(
        _ body: @escaping @Sendable (TestCluster, Kubectl) async throws -> Void
    ) async throws {
        try await withTestCluster { cluster in
            try await withTemporaryFolder { folder in
                let text = kubeconfig(
                    server: cluster.server, certificateAuthority: cluster.certificateAuthority, user: "admin",
                    token: cluster.administratorToken, namespace: "default")
                try PrivateFile.write(text, to: "\(folder)/kubeconfig")
                var shell = try #require(Program.onPath("sh", home: folder, folder: folder))
                shell.environment["KUBECONFIG"] = "\(folder)/kubeconfig"
                try await body(cluster, Kubectl(cluster: cluster, shell: shell, folder: folder))
            }
        }
    }

    @Test func printsWhatHappensAsATable() async throws {
        try await withKubectl { cluster, kubectl in
            _ = try await cluster.send("POST", Self.secrets, ["metadata": ["name": "a"]])
            try await kubectl.interrupted("get secrets -w --output-watch-events") { output in
                func wait(for line: String) async throws {
                    while try !output().contains(line) { _ = try await cluster.send("GET", "/readyz") }
                }
                try await wait(for: "ADDED      a      Opaque   0      ")
                _ = try await cluster.send(
                    "PUT", "\(Self.secrets)/a", ["metadata": ["name": "a"], "data": ["k": "dg=="]])
                try await wait(for: "MODIFIED   a      Opaque   1      ")
                _ = try await cluster.send("DELETE", "\(Self.secrets)/a")
                try await wait(for: "DELETED    a      Opaque   1      ")
                #expect(try output().hasPrefix("EVENT      NAME   TYPE     DATA   AGE\n"))
            }
        }
    }

    @Test func waitsForWhatItIsTold() async throws {
        try await withKubectl { cluster, kubectl in
            _ = try await cluster.send("POST", Self.secrets, ["metadata": ["name": "a"]])
            let changed = try await kubectl.waiting("wait secret/a --for=jsonpath={.data.k}=dg== --timeout=60s") {
                _ = try await cluster.send(
                    "PUT", "\(Self.secrets)/a", ["metadata": ["name": "a"], "data": ["k": "dg=="]])
            }
            #expect(changed.output == "secret/a condition met\n")
            #expect(changed.status == 0, "\(changed)")
            let gone = try await kubectl.waiting("wait secret/a --for=delete --timeout=60s") {
                _ = try await cluster.send("DELETE", "\(Self.secrets)/a")
            }
            #expect(gone.status == 0, "\(gone)")
        }
    }

    @Test func waitsForADeletedNamespaceToGo() async throws {
        try await withKubectl { cluster, kubectl in
            let namespaces = "/api/v1/namespaces"
            _ = try await cluster.send("POST", namespaces, ["metadata": ["name": "gone"]])
            let held: JSON = ["metadata": ["name": "held", "finalizers": ["example.com/hold"]]]
            _ = try await cluster.send("POST", "\(namespaces)/gone/secrets", held)
            let deleted = try await kubectl.waiting("delete namespace gone --timeout=60s") {
                let patch: JSON = ["metadata": ["finalizers": .null]]
                _ = try await cluster.send(
                    "PATCH", "\(namespaces)/gone/secrets/held",
                    headers: ["Content-Type": "application/merge-patch+json"], patch)
            }
            #expect(deleted.output == "namespace \"gone\" deleted\n")
            #expect(deleted.status == 0, "\(deleted)")
            #expect(try await cluster.send("GET", "\(namespaces)/gone").status == 404)
        }
    }
}
