import CLibrary
import LocalFiles
import OrderedJSON
import Testing

@testable import KubernetesAPI

@Suite struct ExecPluginTests {
    static let head = #"{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1""#

    @Test func runsThePluginOfAKubeconfig() async throws {
        try await withTemporaryFolder { folder in
            try folder.write(
                """
                printf '%s' "$KUBERNETES_EXEC_INFO" > "$FOLDER/info"
                echo '\(Self.head),"status":{"token":"'"$1-$EXTRA-$BASE"'"}}'
                """, to: "plugin.sh")
            let config = try folder.write(
                """
                current-context: x
                clusters:
                - name: c
                  cluster:
                    server: https://cluster.test:6443
                    extensions:
                    - {name: client.authentication.k8s.io/exec, extension: {audience: a, depth: 3}}
                users:
                - name: u
                  user:
                    exec:
                      apiVersion: client.authentication.k8s.io/v1
                      command: sh
                      args: ["\(folder.path)/plugin.sh", argument]
                      env: [{name: EXTRA, value: extra}, {name: FOLDER, value: "\(folder.path)"}]
                      provideClusterInfo: true
                      interactiveMode: IfAvailable
                contexts: [{name: x, context: {cluster: c, user: u}}]
                """, to: "config")
            let connection = try Kubeconfig.load(paths: [config])
                .connection(context: nil, environment: ["PATH": "/usr/bin:/bin", "BASE": "base"])
            let issued = try await connection.credentials.issue()
            #expect(issued == IssuedCredential(credential: .bearer("argument-extra-base")))
            let info = try JSON(parsing: try folder.read("info"))
            #expect(info["apiVersion"] == "client.authentication.k8s.io/v1")
            #expect(info["spec"]?["interactive"] == false)
            #expect(info["spec"]?["cluster"]?["server"] == "https://cluster.test:6443")
            #expect(info["spec"]?["cluster"]?["config"] == ["audience": "a", "depth": 3])
        }
    }

    @Test func readsExpiryAndCertificates() async throws {
        let certificate = JSON.string(TestCertificates.client).text
        let key = JSON.string(TestCertificates.clientKey).text
        let output = """
            \(Self.head),"status":{"expirationTimestamp":"2026-11-23T20:01:02Z","clientCertificateData":\(certificate),
            "clientKeyData":\(key)}}
            """
        let issued = try ExecCredential.issued(Array(output.utf8), apiVersion: "client.authentication.k8s.io/v1")
        #expect(issued.expiry == 1_795_464_062)
        #expect(issued.credential.authorization == nil)
        #expect(issued.credential.identity?.certificates.count == 1)
    }

    @Test(arguments: [
        ("", "not JSON"), ("garbage", "not JSON"), (#"{"kind":"Status"}"#, "not an ExecCredential"),
        (#"{"kind":"ExecCredential","apiVersion":"v2"}"#, "apiVersion"), (head + "}", "no status"),
        (head + #","status":{}}"#, "neither"), (head + #","status":{"token":"a b"}}"#, "characters"),
        (head + #","status":{"clientKeyData":"x"}}"#, "without the other"),
        (head + #","status":{"token":"t","expirationTimestamp":"tomorrow"}}"#, "RFC 3339"),
        (head + #","status":{"clientKeyData":"x","clientCertificateData":"y"}}"#, "not a PEM"),
    ])
    func refusesAnswers(output: String, cause: String) async throws {
        let error = await failure("cat <<'END'\n\(output)\nEND")
        #expect(error?.cause.contains(cause) == true, "\(String(describing: error))")
        #expect(error?.cause.contains("garbage") == false)
    }

    @Test func reportsAFailingPlugin() async throws {
        let error = await failure("echo 'run az login' >&2; exit 7")
        #expect(error?.cause.contains("exited with status 7: run az login") == true, "\(String(describing: error))")
    }

    @Test func boundsTheOutput() async throws {
        let error = await failure("head -c 2000000 /dev/zero | tr '\\0' x")
        #expect(error?.cause.contains("more than 1048576 bytes") == true, "\(String(describing: error))")
    }

    @Test func endsAPluginThatDoesNotEnd() async throws {
        let error = await failure("exec sleep 600", timeLimit: .milliseconds(200))
        #expect(error?.cause.contains("did not end") == true, "\(String(describing: error))")
    }

    @Test func doesNotWaitForWhatAPluginLeavesBehind() async throws {
        try await withTemporaryFolder { folder in
            let script = """
                sleep 600 & echo $! > '\(folder.path)/left'
                echo '\(Self.head),"status":{"token":"t"}}'
                """
            let issued = try await Self.plugin(command: "sh", arguments: ["-c", script]).issue()
            if let left = Int32(try folder.read("left").trimmedASCII) { kill(left, SIGKILL) }
            #expect(issued.credential == .bearer("t"))
        }
    }

    @Test func saysHowToInstall() async throws {
        var plugin = Self.plugin(command: "/nowhere/plugin", arguments: [])
        #expect(await failure(plugin)?.cause.contains("brew install plugin") == true)
        plugin = Self.plugin(command: "no-such-plugin-anywhere", arguments: [])
        #expect(await failure(plugin)?.cause.contains("cannot be started") == true)
    }

    @Test func runsAgainWhenTheCredentialExpired() async throws {
        try await withTemporaryFolder { folder in
            try folder.write(
                """
                echo x >> '\(folder.path)/runs'
                status='"token":"t'$(wc -l < '\(folder.path)/runs' | tr -d ' ')'","expirationTimestamp":"2020-01-01T00:00:00Z"'
                echo '\(Self.head),"status":{'"$status"'}}'
                """, to: "plugin.sh")
            let cache = CredentialCache(Self.plugin(command: "sh", arguments: ["\(folder.path)/plugin.sh"]))
            #expect(try await cache.credential() == .bearer("t1"))
            #expect(try await cache.credential() == .bearer("t2"))
        }
    }

    private static func plugin(
        command: String, arguments: [String], timeLimit: Duration = .seconds(60)
    ) -> ExecPlugin {
        ExecPlugin(
            command: command, arguments: arguments, environment: ["PATH": "/usr/bin:/bin"],
            apiVersion: "client.authentication.k8s.io/v1", installHint: "brew install plugin", clusterInfo: nil,
            place: "config:1:1", timeLimit: timeLimit)
    }

    private func failure(_ script: String, timeLimit: Duration = .seconds(60)) async -> CredentialFailure? {
        await failure(Self.plugin(command: "sh", arguments: ["-c", script], timeLimit: timeLimit))
    }

    private func failure(_ plugin: ExecPlugin) async -> CredentialFailure? {
        await #expect(throws: CredentialFailure.self) { _ = try await plugin.issue() }
    }
}

@Suite struct RFC3339Tests {
    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0), ("2026-11-23T20:01:02Z", 1_795_464_062),
        ("2026-11-23t21:01:02.5+01:00", 1_795_464_062.5),
        ("2024-02-29T00:00:00-00:30", 1_709_166_600), ("1969-12-31T23:59:59Z", -1),
    ])
    func reads(text: String, seconds: Double) { #expect(RFC3339.seconds(text) == seconds) }

    @Test(arguments: [
        "", "2026", "2026-11-23", "2026-11-23 20:01:02Z", "2026-13-01T00:00:00Z", "2026-11-23T20:01:02",
        "2026-11-23T24:00:00Z", "2026-11-23T20:01:02.Z", "2026-11-23T20:01:02Zx",
    ])
    func refuses(text: String) { #expect(RFC3339.seconds(text) == nil) }
}
