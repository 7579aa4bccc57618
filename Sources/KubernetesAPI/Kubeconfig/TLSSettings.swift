internal import NIOSSL

/// How the server proves itself to us, and we to it.
struct TLSSettings: Sendable {
    enum Trust: Sendable {
        case system
        case certificates([NIOSSLCertificate])
        /// `insecure-skip-tls-verify: true`, and nothing else.
        case anybody
    }

    var trust: Trust = .system
    /// The name that the certificate must have, in place of the server's own.
    var serverName: String?
    /// The certificate that the kubeconfig gives; it goes before one from an exec plug-in.
    var identity: ClientIdentity?

    func configuration(identity: ClientIdentity?) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        switch trust {
        case .system: break
        case .certificates(let certificates): configuration.trustRoots = .certificates(certificates)
        case .anybody: configuration.certificateVerification = .none
        }
        if let identity {
            configuration.certificateChain = identity.certificates.map { .certificate($0) }
            configuration.privateKey = .privateKey(identity.key)
        }
        return configuration
    }
}
