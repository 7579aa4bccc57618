@testable internal import EmbeddedCluster
internal import LocalFiles
internal import OrderedJSON
internal import TestScopes
internal import Testing

/// What kubectl does by patches.
@Suite(.enabled(if: Program.onPath("kubectl", home: "/") != nil, "kubectl is not on PATH"))
struct KubectlPatchTests {
    private static let path = "/api/v1/namespaces/default/secrets/s1"

    /// Runs kubectl as the administrator, from a folder of its own.
    private struct Kubectl: Sendable {
        let program: Program
        let folder: String

        init(_ cluster: TestCluster, _ folder: String) throws {
            self.folder = folder
            let text = kubeconfig(
                server: cluster.server, certificateAuthority: cluster.certificateAuthority, user: "admin",
                token: cluster.administratorToken, namespace: "default")
            try PrivateFile.write(text, to: "\(folder)/kubeconfig")
            var program = try #require(Program.onPath("kubectl", home: folder, folder: folder))
            program.environment["KUBECONFIG"] = "\(folder)/kubeconfig"
            self.program = program
        }

        @discardableResult
        func callAsFunction(_ arguments: String..., status: Int32 = 0) async throws -> ProgramResult {
            let result = try await program.run(arguments)
            #expect(result.status == status, "kubectl \(arguments.joined(separator: " ")): \(result)")
            return result
        }

        /// - Returns: the path of a file with the Secret.
        func secret(_ data: JSON) throws -> String {
            let object: JSON = ["apiVersion": "v1", "kind": "Secret", "metadata": ["name": "s1"], "data": data]
            try PrivateFile.write(object.text, to: "\(folder)/secret.json")
            return "\(folder)/secret.json"
        }
    }

    private func withKubectl(
        _ body: @escaping @Sendable (TestCluster, Kubectl) async throws -> Void
    ) async throws {
        try await withTestCluster { cluster in
            try await withTemporaryFolder { folder in try await body(cluster, try Kubectl(cluster, folder)) }
        }
    }

    @Test func labelsAnnotatesAndPatches() async throws {
        try await withKubectl { cluster, kubectl in
            let list = "/api/v1/namespaces/default/secrets"
            _ = try await cluster.send("POST", list, ["metadata": ["name": "s1"], "data": ["a": "Yg=="]])
            #expect(try await kubectl("label", "secret", "s1", "x=y", "z=1").output == "secret/s1 labeled\n")
            #expect(try await kubectl("label", "secret", "s1", "z-").output == "secret/s1 unlabeled\n")
            #expect(try await kubectl("annotate", "secret", "s1", "x=y").output == "secret/s1 annotated\n")
            for (type, patch) in [
                ("merge", #"{"stringData":{"c":"d"}}"#), ("strategic", #"{"data":{"a":null}}"#),
                ("json", #"[{"op":"add","path":"/metadata/labels/j","value":"k"}]"#),
            ] {
                #expect(
                    try await kubectl("patch", "secret", "s1", "--type", type, "-p", patch).output
                        == "secret/s1 patched\n")
            }
            #expect(
                try await kubectl("patch", "secret", "s1", "--type", "merge", "-p", "{}").output
                    == "secret/s1 patched (no change)\n")
            let object = try await cluster.send("GET", Self.path).json
            #expect(object["data"]?.text == #"{"c":"ZA=="}"#)
            #expect(object["metadata"]?["labels"]?.text == #"{"j":"k","x":"y"}"#)
            #expect(object["metadata"]?["annotations"]?.text == #"{"x":"y"}"#)
            let refused = try await kubectl(
                "patch", "secret", "s1", "--type", "json", "-p", #"[{"op":"remove","path":"/nope"}]"#, status: 1)
            #expect(
                refused.errors
                    == "The request is invalid: the server rejected our request due to an error in our request\n")
        }
    }

    @Test func appliesTwice() async throws {
        try await withKubectl { cluster, kubectl in
            func apply(_ data: JSON) async throws -> String {
                try await kubectl("apply", "--validate=false", "-f", try kubectl.secret(data)).output
            }
            #expect(try await apply(["a": "MQ==", "b": "MQ=="]) == "secret/s1 created\n")
            #expect(try await apply(["a": "MQ==", "b": "MQ=="]) == "secret/s1 unchanged\n")
            try await kubectl("patch", "secret", "s1", "-p", #"{"data":{"other":"eA=="}}"#)
            #expect(try await apply(["a": "Mg=="]) == "secret/s1 configured\n")
            let object = try await cluster.send("GET", Self.path).json
            #expect(object["data"]?.text == #"{"a":"Mg==","other":"eA=="}"#)
        }
    }

    @Test func appliesOnTheServer() async throws {
        try await withKubectl { cluster, kubectl in
            func apply(_ data: JSON, _ manager: String, status: Int32 = 0, _ more: String...) async throws
                -> ProgramResult
            {
                let result = try await kubectl.program.run(
                    ["apply", "--server-side", "--validate=false", "--field-manager", manager]
                        + ["-f", try kubectl.secret(data)] + more)
                #expect(result.status == status, "\(result)")
                return result
            }
            #expect(try await apply(["a": "MQ==", "b": "MQ=="], "one").output == "secret/s1 serverside-applied\n")
            let created = try await cluster.send("GET", Self.path).json
            #expect(try await apply(["a": "MQ==", "b": "MQ=="], "one").output == "secret/s1 serverside-applied\n")
            #expect(try await cluster.send("GET", Self.path).json == created)
            let refused = try await apply(["a": "Mg=="], "two", status: 1)
            #expect(refused.errors.contains(#"Apply failed with 1 conflict: conflict with "one": .data.a"#))
            _ = try await apply(["a": "Mg=="], "two", status: 0, "--force-conflicts")
            #expect(try await cluster.send("GET", Self.path).json["data"]?["a"] == "Mg==")
        }
    }

    @Test func goesOverToApplyingOnTheServer() async throws {
        try await withKubectl { cluster, kubectl in
            try await kubectl("apply", "--validate=false", "-f", try kubectl.secret(["a": "MQ=="]))
            try await kubectl("apply", "--server-side", "--validate=false", "-f", try kubectl.secret(["a": "Mg=="]))
            let object = try await cluster.send("GET", Self.path).json
            #expect(object["data"]?.text == #"{"a":"Mg=="}"#)
            let owners = (object["metadata"]?["managedFields"]?.array ?? []).compactMap { $0["manager"]?.string }
            #expect(owners.contains("kubectl"))
        }
    }
}
