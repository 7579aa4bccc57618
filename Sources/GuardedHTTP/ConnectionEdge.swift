internal import NIOCore

/// The end of a connection's pipeline that is next to the socket, below TLS.
///
/// It tells clients that speak plain HTTP what they do wrong, and can close the socket without asking TLS.
final class ConnectionEdge: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum State {
        /// TLS is to begin.
        case new
        /// What comes is passed on.
        case open
        case refused
    }

    private var state: State
    private var context: ChannelHandlerContext?

    init(isEncrypted: Bool) { state = isEncrypted ? .new : .open }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    /// Closes the socket at once.
    func abort() { context?.close(promise: nil) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if state == .new, let first = unwrapInboundIn(data).readableBytesView.first {
            state = Self.isMethod(first) ? .refused : .open
            if state == .refused { refuse(context) }
        }
        if state != .refused { context.fireChannelRead(data) }
    }

    /// TLS begins with 22; a letter begins a method.
    private static func isMethod(_ byte: UInt8) -> Bool { UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte }

    /// What Go's server answers.
    private func refuse(_ context: ChannelHandlerContext) {
        let answer = ByteBuffer(
            string: "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n")
        context.writeAndFlush(wrapOutboundOut(answer)).assumeIsolated().whenComplete { [self] _ in abort() }
    }
}

/// Counts what comes out of TLS before it is parsed.
final class ArrivalCounter: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let connection: ConnectionGuard

    init(_ connection: ConnectionGuard) { self.connection = connection }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if connection.bytesArrived(unwrapInboundIn(data).readableBytes) { context.fireChannelRead(data) }
    }
}
