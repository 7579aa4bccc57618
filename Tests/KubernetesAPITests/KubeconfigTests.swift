import OrderedJSON
import Testing

@testable import KubernetesAPI

@Suite struct KubeconfigTests {
    static let plain = """
        apiVersion: v1
        kind: Config
        current-context: home
        clusters:
        - name: local
          cluster: {server: "https://127.0.0.1:6443/prefix/"}
        users:
        - name: me
          user: {token: secret-token}
        contexts:
        - name: home
          context: {cluster: local, user: me, namespace: apps}
        - name: nobody
          context: {cluster: local}
        """

    @Test func readsAContext() throws {
        let connection = try makeConnection(Self.plain)
        #expect(connection.server == "https://127.0.0.1:6443/prefix")
        #expect(connection.defaultNamespace == "apps")
        #expect(connection.requestURL(path: "/api/v1") == "https://127.0.0.1:6443/prefix/api/v1")
        #expect(connection.description.hasPrefix("context 'home' of /"))
        let credential = (connection.credentials as? FixedCredentialSource)?.credential
        #expect(credential == .bearer("secret-token"))
        #expect(try makeConnection(Self.plain, context: "nobody").defaultNamespace == nil)
    }

    @Test func readsJSON() throws {
        let text = """
            {"clusters": [{"name": "c", "cluster": {"server": "https://h"}}], "current-context": "x",
             "contexts": [{"name": "x", "context": {"cluster": "c"}}]}
            """
        #expect(try makeConnection(text).server == "https://h:443")
    }

    @Test func mergesAsKubectlDoes() async throws {
        try await withTemporaryFolder { folder in
            let first = try folder.write(
                """
                clusters: [{name: c, cluster: {server: "https://first", certificate-authority: ca.pem}}]
                contexts: [{name: x, context: {cluster: c, user: u}}]
                """, to: "one/config")
            try folder.write(TestCertificates.authority, to: "one/ca.pem")
            let second = try folder.write(
                """
                current-context: x
                clusters: [{name: c, cluster: {server: "https://second"}}]
                users: [{name: u, user: {tokenFile: ../token}}]
                contexts: [{name: x, context: {cluster: other}}, {name: y, context: {cluster: c}}]
                """, to: "two/config")
            try folder.write("t", to: "token")
            let third = try folder.write("current-context: y", to: "three")
            let kubeconfig = try Kubeconfig.load(paths: ["\(folder.path)/missing", first, "", second, third])
            #expect(kubeconfig.currentContext == "x")
            #expect(kubeconfig.contextNames == ["x", "y"])
            let connection = try kubeconfig.connection(context: nil, environment: [:])
            #expect(connection.server == "https://first:443")
            #expect((connection.credentials as? TokenFileSource)?.path == "\(folder.path)/two/../token")
            guard case .certificates(let certificates) = connection.tls.trust else {
                Issue.record("the authority was not read")
                return
            }
            #expect(certificates.count == 1)
        }
    }

    @Test func namesMissingFiles() async throws {
        try await withTemporaryFolder { folder in
            let missing = "\(folder.path)/missing"
            #expect(failure { _ = try Kubeconfig.load(paths: [missing]) }?.code == .fileMissing)
            #expect(failure { _ = try Kubeconfig.load(paths: [missing, missing]) }?.code == .fileMissing)
            #expect(failure { _ = try Kubeconfig.load(paths: []) }?.code == .fileMissing)
            #expect(failure { _ = try Kubeconfig.load(paths: [folder.path]) }?.code == .unreadable)
        }
    }

    @Test func asksForTheContext() {
        let text = Self.plain.replacing("current-context: home\n", with: "")
        let none = failure { _ = try makeConnection(text) }
        #expect(none?.code == .noContext)
        #expect(none?.message.contains("'home', 'nobody'") == true)
        let unknown = failure { _ = try makeConnection(text, context: "away") }
        #expect(unknown?.code == .unknownContext)
        #expect(unknown?.message.contains("'away'") == true)
        #expect(failure { _ = try makeConnection("kind: Config", context: "x") }?.code == .unknownContext)
    }

    @Test func namesWhatAContextRefersToInVain() {
        let cluster = failure {
            _ = try makeConnection(Self.plain.replacing("cluster: local,", with: "cluster: gone,"))
        }
        #expect(cluster?.code == .unknownCluster)
        #expect(cluster?.key == "contexts[name=home].context.cluster")
        #expect(cluster?.file?.hasSuffix("config:12:22") == true)
        let user = failure { _ = try makeConnection(Self.plain.replacing("user: me,", with: "user: you,")) }
        #expect(user?.code == .unknownUser)
    }

    @Test(arguments: [
        ("clusters: [", "config:2:1"), ("a: b: c", "config:1:5"), ("clusters:\n  - name: x\n - y", "config:3:2"),
        ("a: 1\na: 2", "config:"), ("\tx: 1", "config:1:1"),
    ])
    func saysWhereTheYAMLBreaks(text: String, place: String) {
        let error = failure { _ = try makeConnection(text) }
        #expect(error?.code == .invalid)
        #expect(error?.file?.contains(place) == true, "\(String(describing: error))")
    }

    @Test(arguments: [
        ("[]", nil), ("just text", nil), ("kind: Secret", "kind"), ("clusters: {a: b}", "clusters"),
        ("clusters: [{cluster: {server: x}}]", "clusters[0]"),
        ("users: [{name: u, user: {token: [1]}}]\ncurrent-context: [x]", "current-context"),
        ("contexts: [{name: a}, {name: a}]", "contexts[name=a]"),
    ])
    func saysWhichKeyIsWrong(text: String, key: String?) {
        let error = failure { _ = try makeConnection(text) }
        #expect(error?.code == .invalid)
        #expect(error?.key == key)
    }

    @Test func doesNotUnfoldAliasesWithoutEnd() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...8 {
            let aliases = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(aliases)]\n"
        }
        #expect(failure { _ = try makeConnection(text) }?.message.contains("more than") == true)
    }
}

/// The connection of a kubeconfig of this text.
func makeConnection(
    _ text: String, context: String? = nil, environment: [String: String] = [:], files: [String: String] = [:]
) throws -> ClusterConnection {
    try Kubeconfig.parsed(text, files: files) { try $0.connection(context: context, environment: environment) }
}

/// The error of the body; an issue is recorded for any other outcome.
func failure(_ body: () throws -> Void) -> KubeconfigError? {
    #expect(throws: KubeconfigError.self, performing: body)
}

/// What a scalar of a kubeconfig is, by how it is written.
@Suite struct KubeconfigScalarTests {
    @Test(arguments: [
        ("1", JSON.number(JSONNumber(1))), ("true", true), ("False", "False"), ("'1'", "1"), ("\"true\"", "true"),
        ("!!str 1", "1"), ("!!int '1'", .number(JSONNumber(1))), ("~", .null), ("", .null), ("null", .null),
        ("'null'", "null"), ("!!str null", "null"), ("0x10", "0x10"), ("a b", "a b"), ("-1.5e3", -1500),
        ("|\n  1", "1\n"),
    ])
    func isReadAsYAMLDoes(_ text: String, expected: JSON) async throws {
        try await withTemporaryFolder { folder in
            let value = try KubeconfigFile.load(try folder.write("a: \(text)\n", to: "config")).json["a"]
            if case .number(let number)? = value, case .number(let wanted) = expected {
                #expect(number.double == wanted.double)
            } else {
                #expect(value == expected)
            }
        }
    }
}
