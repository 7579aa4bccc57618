internal import GuardedHTTP
internal import Hummingbird
internal import HummingbirdCore
internal import Logging
internal import NIOSSL

/// The server of the API: TLS on the loopback interface. Tests call this, too.
///
/// - Parameters:
///   - port: 0 for any that is free.
///   - limits: what one client may hold on to.
///   - onListening: called once, with the port.
func clusterApplication(
    _ api: ClusterAPI, certificates: ClusterCertificates, port: Int,
    limits: ConnectionLimits = ConnectionLimits(), logger: Logger, onListening: @escaping @Sendable (Int) async -> Void
) throws -> some ApplicationProtocol {
    let tlsConfiguration = try TLSConfiguration.cluster(certificates)
    return Application(
        responder: CallbackResponder { request, _ in await api.respond(to: request) }
            as CallbackResponder<ClusterContext>,
        server: HTTPServerBuilder { responder in
            try GuardedChannel(responder: responder, tlsConfiguration: tlsConfiguration, limits: limits)
        },
        configuration: ApplicationConfiguration(
            address: .hostname("127.0.0.1", port: port), backlog: 1024,
            availableConnectionsDelegate: .maximum(limits.connections, logger: logger)),
        onServerRunning: { channel in
            if let port = channel.localAddress?.port { await onListening(port) }
        }, logger: logger)
}

/// A request needs nothing but itself.
private struct ClusterContext: InitializableFromSource {
    init(source: ApplicationRequestContextSource) {}
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
