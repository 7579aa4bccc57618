import NIOSSL
import OrderedJSON
import Testing

@testable import KubernetesAPI

/// Over a real socket.
@Suite struct ConnectionTests {
    private static let quick = RetryPolicy(maximumAttempts: 2, firstDelay: .milliseconds(1))

    @Test func sendsRequestsAndStreamsAnswers() async throws {
        try await withTestServer { request in
            TestAnswer(
                status: 418, headers: ["X-Echo": "\(request.method) \(request.path)"],
                body: "\(request.body)\(request.headers["authorization"] ?? "")")
        } _: { port in
            let connection = try ClusterConnection(
                server: "http://127.0.0.1:\(port)/prefix", token: "t", description: "test")
            let (status, echo, body) = try await withKubernetesClient(connection, logger: silentLogger) { client in
                let response = try await client.send(
                    APIRequest(.post, "/api/v1/x?a=b%2Cc", body: Array("hello".utf8)))
                return (response.status, response.header("x-echo"), try await response.collect(upTo: 100))
            }
            #expect(status == 418)
            #expect(echo == "POST /prefix/api/v1/x?a=b%2Cc")
            // The token is not sent without TLS.
            #expect(body == Array("hello".utf8))
        }
    }

    @Test func followsNoRedirect() async throws {
        let count = Shared(0)
        try await withTestServer { _ in
            count.change { $0 += 1 }
            return TestAnswer(status: 302, headers: ["Location": "/elsewhere"])
        } _: { port in
            let connection = try ClusterConnection(server: "http://127.0.0.1:\(port)", description: "test")
            let status = try await withKubernetesClient(connection, logger: silentLogger) {
                try await $0.send(APIRequest(.get, "/")).status
            }
            #expect(status == 302)
        }
        #expect(count.value == 1)
    }

    @Test func retriesReads() async throws {
        let count = Shared(0)
        try await withTestServer { _ in
            count.change { $0 += 1 }
            return count.value < 2 ? TestAnswer(status: 503, body: "busy") : TestAnswer(body: #"{"a":1}"#)
        } _: { port in
            let connection = try ClusterConnection(server: "http://127.0.0.1:\(port)", description: "test")
            let object = try await withKubernetesClient(connection, logger: silentLogger, retry: Self.quick) {
                try await $0.get(.secret, namespace: "n", name: "s")
            }
            #expect(object == ["a": 1])
        }
        #expect(count.value == 2)
    }

    @Test func authenticatesOverTLS() async throws {
        try await withTestServer(tls: Self.serverTLS()) { request in
            TestAnswer(body: JSON(sorted: request.headers).text)
        } _: { port in
            let headers = try await Self.headers(
                cluster: "certificate-authority: ca.pem", user: "token: secret, as: jane",
                server: "https://127.0.0.1:\(port)")
            #expect(headers["authorization"] == "Bearer secret")
            #expect(headers["impersonate-user"] == "jane")
            #expect(headers["host"] == "127.0.0.1:\(port)")
        }
    }

    @Test func presentsItsCertificate() async throws {
        try await withTestServer(tls: Self.serverTLS(wantsCertificate: true)) { _ in
            TestAnswer()
        } _: { port in
            let headers = try await Self.headers(
                cluster: "certificate-authority: ca.pem",
                user: "client-certificate: client.pem, client-key: client.key",
                server: "https://127.0.0.1:\(port)")
            #expect(headers.isEmpty)
            let error = await #expect(throws: KubernetesError.self) {
                try await Self.headers(cluster: "certificate-authority: ca.pem", server: "https://127.0.0.1:\(port)")
            }
            #expect(error?.code == .untrusted || error?.code == .unreachable, "\(String(describing: error))")
        }
    }

    @Test func verifiesAnotherName() async throws {
        try await withTestServer(tls: Self.serverTLS(certificate: TestCertificates.namedServer)) { request in
            TestAnswer(body: JSON(sorted: request.headers).text)
        } _: { port in
            let server = "https://localhost:\(port)"
            let headers = try await Self.headers(
                cluster: "certificate-authority: ca.pem, tls-server-name: cluster.test", server: server)
            #expect(headers["host"] == "localhost:\(port)")
            let error = await #expect(throws: KubernetesError.self) {
                try await Self.headers(cluster: "certificate-authority: ca.pem", server: server)
            }
            #expect(error?.code == .untrusted, "\(String(describing: error))")
        }
    }

    @Test(arguments: ["certificate-authority: other.pem", ""])
    func refusesAServerThatIsNotTrusted(cluster: String) async throws {
        let count = Shared(0)
        try await withTestServer(tls: Self.serverTLS()) { _ in
            count.change { $0 += 1 }
            return TestAnswer()
        } _: { port in
            let error = await #expect(throws: KubernetesError.self) {
                try await Self.headers(cluster: cluster, user: "token: t", server: "https://127.0.0.1:\(port)")
            }
            #expect(error?.code == .untrusted)
            #expect(error?.cause == "the server's certificate is not trusted", "\(String(describing: error))")
            #expect(error?.mayHaveHappened == false)
        }
        #expect(count.value == 0)
    }

    @Test func trustsAnybodyOnlyWhenToldTo() async throws {
        try await withTestServer(tls: Self.serverTLS()) { _ in
            TestAnswer()
        } _: { port in
            let headers = try await Self.headers(
                cluster: "insecure-skip-tls-verify: true", server: "https://127.0.0.1:\(port)")
            #expect(headers.isEmpty)
        }
    }

    @Test func aReadWhoseAnswerBreaksOffIsBegunAnew() async throws {
        let count = Shared(0)
        try await withTestServer { _ in
            count.change { $0 += 1 }
            return count.value % 2 == 1
                ? TestAnswer(body: #"{"items":["#, isTruncated: true) : TestAnswer(body: #"{"items":[{"a":1}]}"#)
        } _: { port in
            let connection = try ClusterConnection(server: "http://127.0.0.1:\(port)", description: "test")
            try await withKubernetesClient(connection, logger: silentLogger, retry: Self.quick) { client in
                #expect(try await client.get(.secret, namespace: "n", name: "s")["items"] == [["a": 1]])
                #expect(try await client.list(.secret, namespace: "n").all() == [["a": 1]])
                #expect(try await client.listedBytes(.secret, namespace: "n", labelSelector: "a") == 19)
                let answer = try await client.sendWhole(APIRequest(.get, "/"), upTo: 100)
                #expect(try await answer.collect(upTo: 100).count == 19)
                // A write is not.
                let error = await #expect(throws: KubernetesError.self) {
                    try await client.create(.secret, namespace: "n", [:])
                }
                #expect(error?.mayHaveHappened == true)
            }
        }
        #expect(count.value == 9)
    }

    @Test func saysThatAnAnswerBrokeOff() async throws {
        try await withTestServer { _ in
            TestAnswer(body: #"{"a":"#, isTruncated: true)
        } _: { port in
            let error = await #expect(throws: KubernetesError.self) {
                try await Self.headers(server: "http://127.0.0.1:\(port)")
            }
            #expect(error?.code == .unreachable, "\(String(describing: error))")
            // A read changes nothing, so that nothing needs to be looked at before it is tried again.
            #expect(error?.mayHaveHappened == false)
            let connection = try ClusterConnection(server: "http://127.0.0.1:\(port)", description: "test")
            let write = await #expect(throws: KubernetesError.self) {
                try await withKubernetesClient(connection, logger: silentLogger, retry: Self.quick) {
                    try await $0.update(
                        .secret, namespace: "n", ["metadata": ["name": "s", "resourceVersion": "1"]])
                }
            }
            #expect(write?.mayHaveHappened == true, "\(String(describing: write))")
        }
    }

    @Test func endsWhenItsTaskIsCancelled() async throws {
        let count = Shared(0)
        try await withTestServer { _ in
            count.change { $0 += 1 }
            try? await Task.sleep(for: .seconds(600))
            return TestAnswer()
        } _: { port in
            let task = Task { try await Self.headers(server: "http://127.0.0.1:\(port)") }
            while count.value == 0 { await Task.yield() }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
    }

    @Test func presentsTheCertificateOfAPlugin() async throws {
        try await withTestServer(tls: Self.serverTLS(wantsCertificate: true)) { _ in
            TestAnswer()
        } _: { port in
            let identity = try ClientIdentity(
                certificatePEM: Array(TestCertificates.client.utf8), keyPEM: Array(TestCertificates.clientKey.utf8))
            let authority = try NIOSSLCertificate.fromPEMBytes(Array(TestCertificates.authority.utf8))
            let address = try #require(
                ServerAddress("https://127.0.0.1:\(port)", schemes: ClusterConnection.schemes))
            let connection = ClusterConnection(
                address: address, defaultNamespace: nil, description: "test",
                tls: TLSSettings(trust: .certificates(authority)),
                credentials: FixedCredentialSource(credential: Credential(identity: identity)))
            let object = try await withKubernetesClient(connection, logger: silentLogger, retry: Self.quick) {
                try await $0.get(.secret, namespace: "n", name: "s")
            }
            #expect(object == [:])
        }
    }

    @Test func saysThatNobodyListens() async throws {
        // A port that was just in use and is no more.
        let port = try await withTestServer { _ in
            TestAnswer()
        } _: {
            $0
        }
        let error = await #expect(throws: KubernetesError.self) {
            try await Self.headers(server: "http://127.0.0.1:\(port)")
        }
        #expect(error?.code == .unreachable)
        #expect(error?.cause == "connection refused", "\(String(describing: error))")
        #expect(error?.mayHaveHappened == false)
        #expect(error?.target == "GET secrets/s in namespace n at http://127.0.0.1:\(port)")
    }

    @Test func saysThatANameDoesNotResolve() async throws {
        let error = await #expect(throws: KubernetesError.self) {
            try await Self.headers(server: "http://cluster.invalid:1")
        }
        #expect(error?.code == .unreachable)
        #expect(error?.cause == "the name cluster.invalid does not resolve", "\(String(describing: error))")
    }

    @Test func saysThatAServerDoesNotSpeakTLS() async throws {
        try await withTestServer { _ in
            TestAnswer()
        } _: { port in
            let error = await #expect(throws: KubernetesError.self) {
                try await Self.headers(server: "https://127.0.0.1:\(port)")
            }
            #expect(error?.code == .untrusted, "\(String(describing: error))")
        }
    }

    /// What a server that answers with its request's headers received of a client with this kubeconfig.
    private static func headers(
        cluster: String = "", user: String = "", server: String
    ) async throws -> [String: String] {
        let files = [
            "ca.pem": TestCertificates.authority, "other.pem": TestCertificates.otherAuthority,
            "client.pem": TestCertificates.client, "client.key": TestCertificates.clientKey,
        ]
        let connection = try makeConnection(Kubeconfig.text(cluster: cluster, user: user, server: server), files: files)
        return try await withKubernetesClient(connection, logger: silentLogger, retry: quick) {
            try await $0.get(.secret, namespace: "n", name: "s").strings ?? [:]
        }
    }

    private static func serverTLS(
        certificate: String = TestCertificates.server, wantsCertificate: Bool = false
    ) throws -> TLSConfiguration {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMBytes(Array(certificate.utf8))
                .map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(TestCertificates.serverKey.utf8), format: .pem)))
        if wantsCertificate {
            configuration.certificateVerification = .noHostnameVerification
            configuration.trustRoots = .certificates(
                try NIOSSLCertificate.fromPEMBytes(Array(TestCertificates.authority.utf8)))
        }
        return configuration
    }
}
