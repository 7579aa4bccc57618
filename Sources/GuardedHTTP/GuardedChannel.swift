public import HummingbirdCore
internal import HummingbirdTLS
public import Logging
public import NIOCore
internal import NIOHTTP1
public import NIOSSL

/// A connection that speaks HTTP/1.1, over TLS or not, within limits.
public struct GuardedChannel: ServerChildChannel {
    /// The parts of requests that come, and of answers that go.
    public typealias Value = HTTP1Channel.Value

    private enum Base {
        case plain(HTTP1Channel)
        case encrypted(TLSChannel<HTTP1Channel>)
    }

    private let base: Base
    private let limits: ConnectionLimits

    /// - Parameter tlsConfiguration: nil for plain HTTP.
    public init(
        responder: @escaping HTTPChannelHandler.Responder, tlsConfiguration: TLSConfiguration?, limits: ConnectionLimits
    ) throws {
        let configuration = HTTP1Channel.Configuration(
            idleTimeout: TimeAmount(limits.idle),
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: 64 << 10, maxHeaderListSize: 128 << 10, maxHeaderFieldCount: 200))
        let channel = HTTP1Channel(responder: responder, configuration: configuration)
        base =
            if let tlsConfiguration {
                .encrypted(try TLSChannel(channel, tlsConfiguration: tlsConfiguration))
            } else { .plain(channel) }
        self.limits = limits
    }

    /// Puts the limits around a connection that has just been accepted.
    public func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        let limits = limits
        let edge = NIOLoopBound(ConnectionEdge(isEncrypted: isEncrypted), eventLoop: channel.eventLoop)
        do {
            // One read after the other, so that no connection keeps room for several at once.
            try channel.syncOptions?.setOption(.maxMessagesPerRead, value: 1)
            try channel.syncOptions?.setOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(minimum: 64, initial: 2048, maximum: limits.readBytes))
            try channel.pipeline.syncOperations.addHandler(edge.value)
        } catch {
            return channel.eventLoop.makeFailedFuture(error)
        }
        return baseSetup(channel, logger).flatMapThrowing { value in
            let pipeline = channel.pipeline.syncOperations
            let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            let connection = ConnectionGuard(limits: limits, edge: edge.value)
            try pipeline.addHandler(connection, position: .after(decoder))
            try pipeline.addHandler(ArrivalCounter(connection), position: .before(decoder))
            return value
        }
    }

    /// Answers the requests of a connection until it ends.
    public func handle(value: Value, logger: Logger) async {
        switch base {
        case .plain(let channel): await channel.handle(value: value, logger: logger)
        case .encrypted(let channel): await channel.handle(value: value, logger: logger)
        }
    }

    private var isEncrypted: Bool {
        if case .encrypted = base { true } else { false }
    }

    private func baseSetup(_ channel: any Channel, _ logger: Logger) -> EventLoopFuture<Value> {
        switch base {
        case .plain(let base): base.setup(channel: channel, logger: logger)
        case .encrypted(let base): base.setup(channel: channel, logger: logger)
        }
    }
}
