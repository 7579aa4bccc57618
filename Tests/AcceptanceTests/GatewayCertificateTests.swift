import StateGateway
import TestScopes
import Testing

/// The gateway over TLS, as curl sees it.
@Suite(
    .enabled(
        if: Program.onPath("openssl", home: "/") != nil && Program.onPath("curl", home: "/") != nil,
        "openssl and curl are not on PATH"), .timeLimit(.minutes(20)))
struct GatewayCertificateTests {
    /// A certificate that signs itself.
    private func make(_ name: String, in folder: String) async throws {
        let openssl = try #require(Program.onPath("openssl", home: folder, folder: folder))
        let result = try await openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
            "-subj", "/CN=\(name)", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "\(name).key", "-out",
            "\(name).crt")
        try #require(result.status == 0, "\(result)")
    }

    private func copy(_ name: String, in folder: String) throws {
        try write(
            ["server.crt": try text(of: "\(folder)/\(name).crt"), "server.key": try text(of: "\(folder)/\(name).key")],
            below: folder)
    }

    @Test func aRenewedCertificateIsTakenUp() async throws {
        try await withTemporaryFolder { folder in
            for name in ["first", "second", "client", "stranger"] { try await make(name, in: folder) }
            try copy("first", in: folder)
            let log = RecordedLog()
            try await ListeningGateway.with(record: log.logger) { configuration in
                configuration.certificateInterval = .milliseconds(50)
                try configuration.useTLS(
                    certificatePath: "\(folder)/server.crt", keyPath: "\(folder)/server.key",
                    clientAuthorities: "\(folder)/client.crt")
            } _: { gateway in
                let curl = try #require(Program.onPath("curl", home: folder, folder: folder))
                @Sendable func asks(_ authority: String, as client: String?) async throws -> Bool {
                    let identity = client.map { ["--cert", "\($0).crt", "--key", "\($0).key"] } ?? []
                    let address = "https://127.0.0.1:\(gateway.port)/healthz"
                    let result = try await curl.run(["-sS", "--cacert", "\(authority).crt"] + identity + [address])
                    return result.status == 0 && result.output == "ok\n"
                }
                #expect(try await asks("first", as: "client"))
                #expect(try await !asks("second", as: "client"))
                #expect(try await !asks("first", as: "stranger"))
                #expect(try await !asks("first", as: nil))
                // Half of it, and then what is none.
                try write(["server.crt": try text(of: "\(folder)/second.crt")], below: folder)
                try await log.line(with: "error=")
                #expect(try await asks("first", as: "client"))
                try copy("second", in: folder)
                while try await !asks("second", as: "client") { try await Task.sleep(for: .milliseconds(20)) }
                #expect(try await !asks("first", as: "client"))
            }
        }
    }
}
