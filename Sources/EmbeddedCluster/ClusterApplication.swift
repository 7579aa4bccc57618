internal import Hummingbird
internal import HummingbirdCore
internal import HummingbirdTLS
internal import Logging
internal import NIOCore
internal import NIOSSL

/// The server of the API: TLS on the loopback interface. Tests call this, too.
///
/// - Parameters:
///   - port: 0 for any that is free.
///   - onListening: called once, with the port.
func clusterApplication(
    _ api: ClusterAPI, certificates: ClusterCertificates, port: Int, logger: Logger,
    onListening: @escaping @Sendable (Int) async -> Void
) throws -> some ApplicationProtocol {
    Application(
        responder: CallbackResponder { request, _ in await api.respond(to: request) }
            as CallbackResponder<ClusterContext>,
        server: try .tls(.http1(configuration: .cluster), tlsConfiguration: .cluster(certificates)),
        configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: port)),
        onServerRunning: { channel in
            if let port = channel.localAddress?.port { await onListening(port) }
        }, logger: logger)
}

/// A request needs nothing but itself.
private struct ClusterContext: InitializableFromSource {
    init(source: ApplicationRequestContextSource) {}
}

extension HTTP1Channel.Configuration {
    /// Bounds what a client can hold on to: headers, and connections on which nothing comes.
    fileprivate static var cluster: Self {
        Self(
            idleTimeout: .seconds(120),
            httpDecoderConfiguration: DecoderConfiguration(
                maxHeaderFieldSize: 64 << 10, maxHeaderListSize: 128 << 10, maxHeaderFieldCount: 200))
    }
}

extension TLSConfiguration {
    fileprivate static func cluster(_ certificates: ClusterCertificates) throws -> TLSConfiguration {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMBytes(Array(certificates.server.utf8)).map {
                .certificate($0)
            },
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(certificates.serverKey.utf8), format: .pem)))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        return configuration
    }
}
