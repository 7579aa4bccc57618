internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// A TCP proxy in front of a server of this machine that counts the bytes the server sends.
public final class CountingProxy: Sendable {
    private let counted = Mutex(0)

    /// Bytes that went from the server to its clients up to now, as they are on the wire.
    public var bytesServed: Int { counted.withLock { $0 } }

    /// Listens while the body runs, which is given the proxy and its port.
    public static func with<T: Sendable>(
        to port: Int, _ body: (CountingProxy, Int) async throws -> T
    ) async throws -> T {
        let proxy = CountingProxy()
        let group = MultiThreadedEventLoopGroup.singleton
        let listener = try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 256)
            .childChannelInitializer { client in
                ClientBootstrap(group: client.eventLoop)
                    .connect(host: "127.0.0.1", port: port)
                    .flatMapThrowing { server in
                        try client.pipeline.syncOperations.addHandler(Forwarder(to: server) { _ in })
                        try server.pipeline.syncOperations.addHandler(
                            Forwarder(to: client) { count in proxy.counted.withLock { $0 += count } })
                    }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        do {
            let result = try await body(proxy, listener.localAddress?.port ?? 0)
            try await listener.close()
            return result
        } catch {
            try? await listener.close()
            throw error
        }
    }

    private final class Forwarder: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let other: any Channel
        private let count: @Sendable (Int) -> Void

        init(to other: any Channel, count: @Sendable @escaping (Int) -> Void) {
            self.other = other
            self.count = count
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let buffer = unwrapInboundIn(data)
            count(buffer.readableBytes)
            other.writeAndFlush(buffer, promise: nil)
        }

        func channelInactive(context: ChannelHandlerContext) { other.close(promise: nil) }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
