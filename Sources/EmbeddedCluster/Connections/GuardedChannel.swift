internal import HummingbirdCore
internal import HummingbirdTLS
internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL

/// A connection that speaks HTTP/1.1 over TLS, within limits.
struct GuardedChannel: ServerChildChannel {
    typealias Base = TLSChannel<HTTP1Channel>

    private let base: Base
    private let limits: ConnectionLimits

    init(
        responder: @escaping HTTPChannelHandler.Responder, tlsConfiguration: TLSConfiguration, limits: ConnectionLimits
    ) throws {
        let configuration = HTTP1Channel.Configuration(
            idleTimeout: TimeAmount(limits.idle),
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: 64 << 10, maxHeaderListSize: 128 << 10, maxHeaderFieldCount: 200))
        base = try TLSChannel(
            HTTP1Channel(responder: responder, configuration: configuration), tlsConfiguration: tlsConfiguration)
        self.limits = limits
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Base.Value> {
        let limits = limits
        let edge = NIOLoopBound(ConnectionEdge(), eventLoop: channel.eventLoop)
        do { try channel.pipeline.syncOperations.addHandler(edge.value) } catch {
            return channel.eventLoop.makeFailedFuture(error)
        }
        return base.setup(channel: channel, logger: logger).flatMapThrowing { value in
            let pipeline = channel.pipeline.syncOperations
            let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            let connection = ConnectionGuard(limits: limits, edge: edge.value)
            try pipeline.addHandler(connection, position: .after(decoder))
            try pipeline.addHandler(ArrivalCounter(connection), position: .before(decoder))
            return value
        }
    }

    func handle(value: Base.Value, logger: Logger) async { await base.handle(value: value, logger: logger) }
}
