public import NIOSSL

/// How a gateway listens.
public struct GatewayConfiguration: Sendable {
    /// A name or number of the machine; loopback, where there is no TLS.
    public var host: String
    /// 0 for any that is free.
    public var port: Int
    /// nil for plain HTTP.
    public var tls: TLSConfiguration?
    /// The largest state that is taken, in bytes.
    public var stateLimit = 256 << 20

    public init(host: String, port: Int, tls: TLSConfiguration? = nil) {
        self.host = host
        self.port = port
        self.tls = tls
    }

    /// TLS with a certificate, as PEM files, the intermediate ones in the same file.
    ///
    /// - Parameter clientAuthorities: certificates of those who sign clients' certificates; every client must then have one.
    public static func tls(
        certificatePath: String, keyPath: String, clientAuthorities: String?
    ) throws -> TLSConfiguration {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(certificatePath).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: keyPath, format: .pem)))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        if let clientAuthorities {
            configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(clientAuthorities))
            // A client's name is not what it is known by; the token is.
            configuration.certificateVerification = .noHostnameVerification
        }
        return configuration
    }

    /// Whether only this machine can reach it.
    public var isLoopback: Bool {
        host == "localhost" || host == "::1" || host.wholeMatch(of: #/127(\.\d{1,3}){3}/#) != nil
    }
}
