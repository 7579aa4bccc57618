import Testing

@testable import KubernetesAPI

/// What clusters and users may say, and what contradicts itself.
@Suite struct UserAndClusterTests {
    static let authorityData = Base64.encode(Array(TestCertificates.authority.utf8))
    static let clientData = Base64.encode(Array(TestCertificates.client.utf8))
    static let keyData = Base64.encode(Array(TestCertificates.clientKey.utf8))

    struct Wrong: Sendable, CustomTestStringConvertible {
        var cluster = ""
        var user = ""
        var server = "https://cluster.test:6443"
        let code: KubeconfigError.Code
        let key: String
        var testDescription: String { "\(cluster)\(user)\(server) \(key)".replacing(authorityData, with: "...") }
    }

    static let wrong = [
        Wrong(
            cluster: "insecure-skip-tls-verify: true, certificate-authority-data: \(authorityData)",
            code: .contradiction, key: "clusters[name=c].cluster.certificate-authority-data"),
        Wrong(
            cluster: "certificate-authority: a, certificate-authority-data: \(authorityData)", code: .contradiction,
            key: "clusters[name=c].cluster.certificate-authority-data"),
        Wrong(
            cluster: "certificate-authority-data: '!'", code: .invalid,
            key: "clusters[name=c].cluster.certificate-authority-data"),
        Wrong(
            cluster: "certificate-authority-data: AAAA", code: .invalid,
            key: "clusters[name=c].cluster.certificate-authority-data"),
        Wrong(
            cluster: "certificate-authority: missing.pem", code: .fileMissing,
            key: "clusters[name=c].cluster.certificate-authority"),
        Wrong(
            cluster: "insecure-skip-tls-verify: maybe", code: .invalid,
            key: "clusters[name=c].cluster.insecure-skip-tls-verify"),
        Wrong(cluster: "proxy-url: 'https://p'", code: .unsupported, key: "clusters[name=c].cluster.proxy-url"),
        Wrong(
            cluster: "tls-server-name: 10.0.0.1", code: .unsupported, key: "clusters[name=c].cluster.tls-server-name"),
        Wrong(server: "cluster.test:6443", code: .invalid, key: "clusters[name=c].cluster.server"),
        Wrong(server: "ftp://x", code: .invalid, key: "clusters[name=c].cluster.server"),
        Wrong(server: "https://x?y=z", code: .invalid, key: "clusters[name=c].cluster.server"),
        Wrong(server: "https://x:99999", code: .invalid, key: "clusters[name=c].cluster.server"),
        Wrong(server: "https://a:b@x", code: .unsupported, key: "clusters[name=c].cluster.server"),
        Wrong(server: "", code: .invalid, key: "clusters[name=c].cluster"),
        Wrong(
            user: "client-certificate-data: \(clientData)", code: .contradiction,
            key: "users[name=u].user.client-certificate-data"),
        Wrong(user: "client-key-data: \(keyData)", code: .contradiction, key: "users[name=u].user.client-key-data"),
        Wrong(
            user: "client-certificate-data: \(keyData), client-key-data: \(keyData)", code: .invalid,
            key: "users[name=u].user.client-certificate-data"),
        Wrong(
            user: "client-certificate-data: \(clientData), client-key-data: \(clientData)", code: .invalid,
            key: "users[name=u].user.client-key-data"),
        Wrong(user: "token: t, username: a", code: .contradiction, key: "users[name=u].user.username"),
        Wrong(user: "token: 'two words'", code: .invalid, key: "users[name=u].user.token"),
        Wrong(user: "tokenFile: missing", code: .fileMissing, key: "users[name=u].user.tokenFile"),
        Wrong(user: "auth-provider: {name: gcp}", code: .unsupported, key: "users[name=u].user.auth-provider"),
        Wrong(user: "as-groups: [g]", code: .contradiction, key: "users[name=u].user"),
        Wrong(user: "exec: {command: x}", code: .invalid, key: "users[name=u].user.exec"),
        Wrong(
            user: "exec: {command: x, apiVersion: client.authentication.k8s.io/v1alpha1}", code: .unsupported,
            key: "users[name=u].user.exec.apiVersion"),
        Wrong(
            user: "exec: {command: x, apiVersion: client.authentication.k8s.io/v1}", code: .invalid,
            key: "users[name=u].user.exec"),
        Wrong(
            user: "exec: {command: x, apiVersion: client.authentication.k8s.io/v1, interactiveMode: Always}",
            code: .unsupported, key: "users[name=u].user.exec.interactiveMode"),
    ]

    @Test(arguments: wrong)
    func refuses(_ wrong: Wrong) {
        let error = failure {
            _ = try makeConnection(Kubeconfig.text(cluster: wrong.cluster, user: wrong.user, server: wrong.server))
        }
        #expect(error?.code == wrong.code)
        #expect(error?.key == wrong.key)
        #expect(error?.file?.contains("/config:") == true || error?.file?.hasSuffix("/config") == true)
    }

    @Test func readsCertificates() throws {
        let connection = try makeConnection(
            Kubeconfig.text(
                cluster: "certificate-authority: pki/ca.pem, tls-server-name: cluster.test",
                user: "client-certificate: client.pem, client-key-data: \(Self.keyData)", server: "https://10.0.0.1"),
            files: ["pki/ca.pem": TestCertificates.authority, "client.pem": TestCertificates.client])
        #expect(connection.tls.identity?.certificates.count == 1)
        #expect(connection.requestURL(path: "/x") == "https://cluster.test:443/x")
        #expect(connection.hostHeader == "10.0.0.1:443")
        #expect(connection.tls.serverName == "cluster.test")
    }

    @Test func tokenFileGoesBeforeToken() throws {
        let connection = try makeConnection(
            Kubeconfig.text(user: "token: a, tokenFile: t"), files: ["t": "b"])
        #expect(connection.credentials is TokenFileSource)
    }

    @Test func impersonates() throws {
        let user = "token: t, as: jane, as-uid: '7', as-groups: [a, b], as-user-extra: {'x/y Z': [1, 2]}"
        let headers = try makeConnection(Kubeconfig.text(user: user)).impersonation
        #expect(
            headers.map { "\($0.name): \($0.value)" } == [
                "Impersonate-User: jane", "Impersonate-Uid: 7", "Impersonate-Group: a", "Impersonate-Group: b",
                "Impersonate-Extra-x%2Fy%20Z: 1", "Impersonate-Extra-x%2Fy%20Z: 2",
            ])
    }

    @Test func saysNothingOfUsWithoutTLS() throws {
        let connection = try makeConnection(Kubeconfig.text(user: "token: t, as: jane", server: "http://h"))
        #expect((connection.credentials as? FixedCredentialSource)?.credential == Credential.none)
        #expect(connection.impersonation.isEmpty)
        #expect(connection.withholdsCredentials)
        #expect(try !makeConnection(Kubeconfig.text(server: "http://h")).withholdsCredentials)
    }

    @Test(arguments: [
        ("http://proxy", true), ("http://user:p%40ss@proxy:3128", true), ("socks5://proxy", true),
        ("socks5://a:b@proxy", false), ("proxy:3128", false), ("http://proxy/path", false),
    ])
    func knowsProxies(text: String, isUsable: Bool) {
        #expect((ProxySettings(text) != nil) == isUsable)
    }

    @Test func readsIPv6Addresses() throws {
        #expect(try makeConnection(Kubeconfig.text(server: "https://[::1]:6443/")).server == "https://[::1]:6443")
    }
}
