internal import LocalFiles
internal import OrderedJSON
internal import TestScopes
internal import Testing

@testable internal import EmbeddedCluster

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// What kubectl of every age does with types and media types: it sends protobuf, validates, explains.
@Suite(.enabled(if: Program.onPath("kubectl", home: "/") != nil, "kubectl is not on PATH"))
struct KubectlVersionsTests {
    /// Those that lie beside the one on PATH, oldest first.
    private static let versions: [String] = {
        guard let kubectl = Program.onPath("kubectl", home: "/") else { return [] }
        let path = URL(filePath: kubectl.path).resolvingSymlinksInPath().path
        let beside = ["1.27", "1.28", "1.30", "1.33"].map { "\(path).\($0)" }
        return beside.filter { FileManager.default.isExecutableFile(atPath: $0) } + [kubectl.path]
    }()

    private static let secret = """
        apiVersion: v1
        kind: Secret
        metadata:
          name: s1
        type: Opaque
        stringData:
          a: b
        """

    @Test(arguments: versions) func appliesAndExplains(path: String) async throws {
        try await withTestCluster { cluster in
            try await withTemporaryFolder { folder in
                let text = kubeconfig(
                    server: cluster.server, certificateAuthority: cluster.certificateAuthority, user: "admin",
                    token: cluster.administratorToken, namespace: "walk")
                try PrivateFile.write(text, to: "\(folder)/kubeconfig")
                try PrivateFile.write(Self.secret, to: "\(folder)/secret.yaml")
                try PrivateFile.write("\(Self.secret)\nnonsense: 1\n", to: "\(folder)/nonsense.yaml")
                var program = Program(path, environment: ["HOME": folder], folder: folder)
                program.environment["KUBECONFIG"] = "\(folder)/kubeconfig"
                let kubectl = program
                func run(_ arguments: String..., status: Int32 = 0) async throws -> String {
                    let result = try await kubectl.run(arguments)
                    #expect(result.status == status, "\(arguments.joined(separator: " ")): \(result)")
                    return result.output + result.errors
                }
                let namespace = try await run("create", "namespace", "walk")
                #expect(namespace == "namespace/walk created\n")
                #expect(try await run("create", "serviceaccount", "runner") == "serviceaccount/runner created\n")
                #expect(try await run("create", "token", "runner").count > 20)
                #expect(
                    try await run("create", "secret", "generic", "g", "--from-literal=a=b") == "secret/g created\n")
                #expect(try await run("auth", "can-i", "create", "secrets") == "yes\n")
                #expect(try await run("apply", "-f", "secret.yaml") == "secret/s1 created\n")
                #expect(try await run("apply", "-f", "secret.yaml").hasPrefix("secret/s1 "))
                #expect(try await run("describe", "secret", "s1").contains("a:  1 bytes"))
                for verb in ["create", "apply"] {
                    let refused = try await run(verb, "-f", "nonsense.yaml", status: 1)
                    #expect(refused.contains("nonsense"))
                }
                #expect(try await run("explain", "secret.data").contains("base64"))
                #expect(try await run("explain", "lease", "--recursive").contains("holderIdentity"))
                #expect(try await run("explain", "lease.spec.renewTime").contains("still there"))
            }
        }
    }
}
