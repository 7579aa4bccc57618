internal import KubernetesAPI
internal import LocalFiles
internal import NIOSSL
internal import Synchronization

/// What a proxy shows to its clients, and wants from them: a certificate of its own and a token, both of which can be changed while
/// it runs.
public final class ProxyAccess: Sendable {
    private struct State {
        var isFirst = true
        var tokens: [String] = []
        var generation = 0
    }

    private let state = Mutex(State())
    private let contexts: [NIOSSLContext]
    private let tokenFile: String
    /// A second token that is never changed, for clients that read their token once.
    public let lastingToken = "lasting-token-of-a-test"

    /// - Parameter tokenFile: is written, and again with each rotation.
    public init(tokenFile: String) throws {
        self.tokenFile = tokenFile
        contexts = try [(Self.first, Self.firstKey), (Self.second, Self.secondKey)].map { certificate, key in
            try NIOSSLContext(
                configuration: .makeServerConfiguration(
                    certificateChain: try NIOSSLCertificate.fromPEMBytes(Array(certificate.utf8)).map {
                        .certificate($0)
                    },
                    privateKey: .privateKey(NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem))))
        }
        try rotateToken()
    }

    /// Connections from now on see another certificate, of the same authority.
    public func rotateCertificate() { state.withLock { $0.isFirst.toggle() } }

    /// Another token is in the file, and the one before it is refused.
    public func rotateToken() throws {
        let token = state.withLock { state in
            state.generation += 1
            return "token-of-a-test-\(state.generation)"
        }
        try PrivateFile.write(token, to: tokenFile)
        state.withLock { $0.tokens = [token] }
    }

    /// A kubeconfig for whoever asks through the proxy.
    ///
    /// - Parameter isLasting: whether the token is the one that is never changed, instead of the one in the file.
    public func kubeconfig(port: Int, isLasting: Bool = false) -> String {
        """
        apiVersion: v1
        kind: Config
        clusters:
        - name: proxy
          cluster: {server: "https://127.0.0.1:\(port)", certificate-authority-data: \(Self.authorityData)}
        users:
        - name: somebody
          user: {\(isLasting ? "token: \(lastingToken)" : "tokenFile: \"\(tokenFile)\"")}
        contexts: [{name: proxy, context: {cluster: proxy, user: somebody}}]
        current-context: proxy
        """
    }

    /// The certificate of the authority, as PEM.
    public static func authority() throws -> [UInt8] { try Base64.decode(authorityData) }

    var context: NIOSSLContext { contexts[state.withLock { $0.isFirst } ? 0 : 1] }

    func admits(_ authorization: String?) -> Bool {
        state.withLock { state in
            (state.tokens + [lastingToken]).contains { authorization == "Bearer \($0)" }
        }
    }
}

/// Keys and certificates of no worth, valid for a hundred years, for 127.0.0.1.
extension ProxyAccess {
    private static let authorityData =
        "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUJtakNDQVVHZ0F3SUJBZ0lVZmd3MTRCQ1c1RUNVYUpINFBZK3NZdmg0N3ZN"
        + "d0NnWUlLb1pJemowRUF3SXcKSWpFZ01CNEdBMVVFQXd3WGMzUnZkMkZuWlNCd2NtOTRlU0JoZFhSb2IzSnBkSGt3SUJjTk1qWXhN"
        + "VE13TURjMQpPRFUwV2hnUE1qRXlOakV4TURZd056VTROVFJhTUNJeElEQWVCZ05WQkFNTUYzTjBiM2RoWjJVZ2NISnZlSGtnCllY"
        + "VjBhRzl5YVhSNU1Ga3dFd1lIS29aSXpqMENBUVlJS29aSXpqMERBUWNEUWdBRTkvRnNPRjdaT1ZlelFPL0kKOHZ0TVVReithRWJ1"
        + "VUkwbUdSZHlEaENXZ0NraERRclJMN2ZzVytMZkVJUWxSNkxVWlVzN1FXcm1xd3E0Q0JmNQpBTGFBTGFOVE1GRXdIUVlEVlIwT0JC"
        + "WUVGTnFEa1lyMHQzbHh3ZGh4ZTRPdlFiY2IwUTM2TUI4R0ExVWRJd1FZCk1CYUFGTnFEa1lyMHQzbHh3ZGh4ZTRPdlFiY2IwUTM2"
        + "TUE4R0ExVWRFd0VCL3dRRk1BTUJBZjh3Q2dZSUtvWkkKemowRUF3SURSd0F3UkFJZ1pqUlNBaENRZzhrb1VDalNISTRnaFI2azUz"
        + "Znk3WS90cTY5MG1veXB6cVlDSUhEZgpoUUplVVZuZWJtcDNMWkgvVTE2aFVob0VJcVIrQVNmVzNOWkdBMG9uCi0tLS0tRU5EIENF"
        + "UlRJRklDQVRFLS0tLS0K"
    private static let first = """
        -----BEGIN CERTIFICATE-----
        MIIBnTCCAUSgAwIBAgIUN7qhzfxj3jIinXHyNgEoQjM8PQAwCgYIKoZIzj0EAwIw
        IjEgMB4GA1UEAwwXc3Rvd2FnZSBwcm94eSBhdXRob3JpdHkwIBcNMjYxMTMwMDc1
        ODU0WhgPMjEyNjExMDYwNzU4NTRaMBAxDjAMBgNVBAMMBWZpcnN0MFkwEwYHKoZI
        zj0CAQYIKoZIzj0DAQcDQgAEOW3keJsSN7RDxjA9CfNgoKtI00p9QhM0oJOprGHF
        hrLxwrmk4ZOHJ6nTbOMIWsLfjh5GXEkBRPHp0TbObLLqEKNoMGYwDwYDVR0RBAgw
        BocEfwAAATATBgNVHSUEDDAKBggrBgEFBQcDATAdBgNVHQ4EFgQUZSqIz2vBGzri
        dL4MPacPc2MZV0swHwYDVR0jBBgwFoAU2oORivS3eXHB2HF7g69BtxvRDfowCgYI
        KoZIzj0EAwIDRwAwRAIgBdQjQ943RwfL1HywqAispU/v4nTKBXsx493YEhWBhTkC
        IDohxUxFMTUBrDf9/UpCbfIq/6YSCp1480fzM8Oprwre
        -----END CERTIFICATE-----
        """
    private static let firstKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg7+9BQcM+PVdkCMvv
        X+yCvVcW0CjzPSDaHALQJdpbi46hRANCAAQ5beR4mxI3tEPGMD0J82Cgq0jTSn1C
        EzSgk6msYcWGsvHCuaThk4cnqdNs4whawt+OHkZcSQFE8enRNs5ssuoQ
        -----END PRIVATE KEY-----
        """
    private static let second = """
        -----BEGIN CERTIFICATE-----
        MIIBoDCCAUWgAwIBAgIUN7qhzfxj3jIinXHyNgEoQjM8PQEwCgYIKoZIzj0EAwIw
        IjEgMB4GA1UEAwwXc3Rvd2FnZSBwcm94eSBhdXRob3JpdHkwIBcNMjYxMTMwMDc1
        ODU0WhgPMjEyNjExMDYwNzU4NTRaMBExDzANBgNVBAMMBnNlY29uZDBZMBMGByqG
        SM49AgEGCCqGSM49AwEHA0IABCR2UDnHwjWCtXoa0WJYnWTWPm4IXRhtABNnC6Cc
        bgaEXZXvHe8p7x5tX5zp1Soded16GbkvrZUOoP7mYOi7IxSjaDBmMA8GA1UdEQQI
        MAaHBH8AAAEwEwYDVR0lBAwwCgYIKwYBBQUHAwEwHQYDVR0OBBYEFIAd3mNIof6B
        HhDLjVs17jNwI5NWMB8GA1UdIwQYMBaAFNqDkYr0t3lxwdhxe4OvQbcb0Q36MAoG
        CCqGSM49BAMCA0kAMEYCIQCWZ7fQuSH9K5WZ7S9n1WiKuMY0Aca7PluIHsSgpP33
        IgIhAM0NvsFZCCXxmG6d9HrvfF9FO+MK2ji7F74Ogag2QvfI
        -----END CERTIFICATE-----
        """
    private static let secondKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgYA0KUGrswKQqvP71
        BGQL4EqyQ35Yn7GRMwHmPslHmt+hRANCAAQkdlA5x8I1grV6GtFiWJ1k1j5uCF0Y
        bQATZwugnG4GhF2V7x3vKe8ebV+c6dUqHXndehm5L62VDqD+5mDouyMU
        -----END PRIVATE KEY-----
        """
}
