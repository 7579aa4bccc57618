import CLibrary
@testable import KubernetesAPI
import Runner
import TestScopes
import Testing

@Suite struct RunnerConnectionTests {
    private func connection(_ text: String, environment: [String: String] = [:]) async throws -> ClusterConnection {
        try await RunnerConfiguration(parsing: Array(text.utf8), file: "f.yaml")
            .connection(environment: environment, file: "f.yaml")
    }

    @Test func aClientCertificateWithAProxy() async throws {
        let connection = try await connection(ConfigurationSamples.certificate)
        #expect(connection.server == "https://cluster.test:6443")
        #expect(connection.defaultNamespace == "humanitec-runner")
        #expect(connection.tls.identity?.certificates.count == 1)
        #expect(connection.proxy != nil)
        #expect(try await connection.credentials.issue().credential == Credential.none)
        guard case .certificates(let trusted) = connection.tls.trust else {
            Issue.record("trusts the system's authorities")
            return
        }
        #expect(trusted.count == 1)
    }

    @Test func aToken() async throws {
        let connection = try await connection(ConfigurationSamples.token)
        #expect(connection.tls.identity == nil)
        #expect(connection.proxy == nil)
        #expect(try await connection.credentials.issue().credential == .bearer("abc.def.ghi"))
    }

    @Test func anAgentIsTheClusterThatWeAreIn() async throws {
        let error = await #expect(throws: RunnerClusterError.self) { try await connection(ConfigurationSamples.agent) }
        #expect(error?.description.contains("--kubeconfig") == true)
        // In a cluster it goes on to the ServiceAccount's folder, which a test cannot make.
        let variables = ["KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443"]
        await #expect(throws: KubeconfigError.self) {
            try await connection(ConfigurationSamples.agent, environment: variables)
        }
    }

    /// Commands of the clouds that answer what a test says.
    private func withCommands<T: Sendable>(
        _ answers: [String: String], _ body: ([String: String]) async throws -> T
    ) async throws -> T {
        try await withTemporaryFolder { folder in
            for (name, script) in answers {
                try write([name: "#!/bin/sh\n\(script)\n"], below: folder)
                chmod("\(folder)/\(name)", 0o700)
            }
            return try await body(["PATH": "\(folder):/usr/bin:/bin", "HOME": folder])
        }
    }

    private static let answer = """
        echo '{"endpoint": "192.0.2.1", "masterAuth": {"clusterCaCertificate": "\(ConfigurationSamples.authority)"},
         "privateClusterConfig": {"privateEndpoint": "10.1.2.3"}}'
        """

    @Test(arguments: [("false", "https://192.0.2.1:443"), ("true", "https://10.1.2.3:443")])
    func gkeByItsPublicOrItsInternalAddress(_ internalIP: String, _ server: String) async throws {
        try await withCommands(["gcloud": Self.answer]) { environment in
            let connection = try await connection(
                ConfigurationSamples.gke.replacing("internal_ip: false", with: "internal_ip: \(internalIP)"),
                environment: environment)
            #expect(connection.server == server)
            #expect(connection.description.contains("f.yaml"))
        }
    }

    @Test(arguments: [
        ("echo nothing", "did not answer in JSON"), ("echo '{}'", "told no address"),
        (#"echo '{"endpoint": "192.0.2.1", "masterAuth": {"clusterCaCertificate": "AAAA"}}'"#, "not base64 of PEM"),
        ("echo 'log in first' >&2; exit 3", "exited with status 3: log in first"),
    ])
    func gkeAnswersThatCannotBeUsed(_ script: String, _ part: String) async throws {
        try await withCommands(["gcloud": script]) { environment in
            let error = await #expect(throws: ProviderCommandError.self) {
                try await connection(ConfigurationSamples.gke, environment: environment)
            }
            #expect(error?.description.contains(part) == true, "\(String(describing: error))")
            #expect(error?.description.contains("gcloud") == true)
        }
    }

    @Test func aPluginThatIsMissingIsNamedWhenATokenIsNeeded() async throws {
        try await withCommands(["gcloud": Self.answer]) { environment in
            var environment = environment
            environment["PATH"] = environment["HOME"]
            let connection = try await connection(ConfigurationSamples.gke, environment: environment)
            let error = await #expect(throws: CredentialFailure.self) { try await connection.credentials.issue() }
            #expect(error?.cause.contains("'gke-gcloud-auth-plugin'") == true)
            #expect(error?.cause.contains("cannot be started") == true)
            #expect(error?.cause.contains("gcloud components install") == true)
        }
    }

    /// A role that can no longer be assumed is the token's failure, and tells no secret.
    @Test func eksAsksForTheRoleEachTime() async throws {
        let script = """
            case "$2" in
            assume-role) test -e "$HOME/once" && { echo denied >&2; exit 254; }; touch "$HOME/once"
                echo '{"Credentials": {"AccessKeyId": "k", "SecretAccessKey": "hush", "SessionToken": "t"}}';;
            describe-cluster) echo '{"cluster": {"endpoint": "https://eks.test", "certificateAuthority":'
                echo '{"data": "\(ConfigurationSamples.authority)"}}}';;
            esac
            """
        try await withCommands(["aws": script]) { environment in
            let connection = try await connection(ConfigurationSamples.eks, environment: environment)
            #expect(connection.server == "https://eks.test:443")
            let error = await #expect(throws: CredentialFailure.self) { try await connection.credentials.issue() }
            #expect(error?.cause.contains("sts assume-role") == true, "\(String(describing: error))")
            #expect(error?.cause.contains("status 254: denied") == true)
            #expect(error?.cause.contains("hush") == false)
        }
    }
}
