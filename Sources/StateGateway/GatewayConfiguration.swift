public import GuardedHTTP
internal import NIOCore
internal import NIOSSL

/// How a gateway listens.
public struct GatewayConfiguration: Sendable {
    /// A name or number of the machine; loopback, where there is no TLS.
    public var host: String
    /// 0 for any that is free.
    public var port: Int
    /// nil for plain HTTP.
    private(set) var tls: TLSConfiguration?
    private(set) var certificate: ServerCertificate?
    /// How often the files of the certificate are looked at.
    public var certificateInterval = Duration.seconds(10)
    /// The largest state that is taken, in bytes.
    public var stateLimit = 256 << 20
    /// What one client may hold on to.
    public var connections: ConnectionLimits

    public init(host: String, port: Int) {
        self.host = host
        self.port = port
        connections = ConnectionLimits()
        // A large state takes its time over a slow line; somebody who sends hardly anything is not waited for.
        connections.body = .seconds(30)
        connections.bodyProgress = 256 << 10
        connections.bodyBytes = stateLimit
        connections.headBytes = 64 << 10
        connections.holdsBodies = true
        connections.readBytes = 32 << 10
    }

    /// Uses TLS with a certificate, as PEM files, the intermediate ones in the same file. One that is renewed there is taken up
    /// without a restart.
    ///
    /// - Parameter clientAuthorities: certificates of those who sign clients' certificates; every client must then have one.
    public mutating func useTLS(certificatePath: String, keyPath: String, clientAuthorities: String?) throws {
        let certificate = try ServerCertificate(certificatePath: certificatePath, keyPath: keyPath)
        var configuration = certificate.current.configuration
        configuration.sslContextCallback = { _, promise in promise.succeed(certificate.override) }
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        if let clientAuthorities {
            configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(clientAuthorities))
            // A client's name is not what it is known by; the token is.
            configuration.certificateVerification = .noHostnameVerification
        }
        tls = configuration
        self.certificate = certificate
    }

    /// Whether it listens with TLS.
    public var isEncrypted: Bool { tls != nil }

    /// Whether only this machine can reach it.
    public var isLoopback: Bool {
        host == "localhost" || host == "::1" || host.wholeMatch(of: #/127(\.[0-9]{1,3}){3}/#) != nil
    }
}
