internal import NIOCore
internal import NIOHTTP1
internal import NIOTLS

/// Keeps one connection within its limits: closes it when the client is too slow, and answers what is not HTTP.
///
/// It stands behind the HTTP decoder, where requests and answers pass by.
final class ConnectionGuard: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let limits: ConnectionLimits
    private let edge: ConnectionEdge
    private var state = ConnectionState()
    private var context: ChannelHandlerContext?
    /// What came of the body since the deadline was set, in bytes.
    private var progress = 0
    /// For what is being read.
    private var deadline: Scheduled<Void>?
    /// For what is being written.
    private var stall: Scheduled<Void>?
    /// Whether there is a read that waits for the body to be asked for.
    private var hasHeldRead = false

    /// - Parameter edge: the same connection's.
    init(limits: ConnectionLimits, edge: ConnectionEdge) {
        self.limits = limits
        self.edge = edge
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        setDeadline(limits.handshake, context)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        deadline?.cancel()
        stall?.cancel()
        self.context = nil
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent {
            deadline?.cancel()
            state.handshakeCompleted()
        }
        if event is ChannelShouldQuiesceEvent { state.serverStops() }
        context.fireUserInboundEventTriggered(event)
    }

    /// Bytes of a request are about to be parsed.
    ///
    /// - Returns: whether they are to be.
    func bytesArrived(_ count: Int) -> Bool {
        guard let context else { return false }
        switch state.bytesArrived(count, limit: limits.headBytes) {
        case .read: return true
        case .readFirst:
            setDeadline(limits.head, context)
            return true
        case .drop: return false
        case .refuse(let refusal):
            refuse(refusal, context)
            return false
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        guard state.isReading else { return }
        switch part {
        case .head(let head):
            setDeadline(limits.body, context)
            if state.headArrived(
                ConnectionState.Head(head), bodyLimit: limits.bodyBytes, holdsBody: limits.holdsBodies)
            {
                let head = HTTPResponseHead(version: .http1_1, status: .continue)
                context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
            }
        case .body(let bytes):
            progress += bytes.readableBytes
            state.bodyArrived(bytes.readableBytes)
        case .end:
            deadline?.cancel()
            state.requestEnded()
        }
        context.fireChannelRead(data)
    }

    func read(context: ChannelHandlerContext) {
        hasHeldRead = state.isHeld
        if !hasHeldRead { context.read() }
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard event is BodyWanted else { return context.triggerUserOutboundEvent(event, promise: promise) }
        if state.isHeld { setDeadline(limits.body, context) }
        state.bodyWanted()
        readOn(context)
        promise?.succeed()
    }

    /// Makes up for a read that was held back.
    private func readOn(_ context: ChannelHandlerContext) {
        guard hasHeldRead, !state.isHeld else { return }
        hasHeldRead = false
        context.read()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(var head):
            let (isHTTP10, endsConnection) = state.answerBegins()
            if isHTTP10 { head.version = .http1_0 }
            if endsConnection { head.headers.replaceOrAdd(name: "Connection", value: "close") }
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .body: context.write(data, promise: promise)
        case .end:
            let after = state.answerEnded()
            readOn(context)
            guard after != .goOn else { return context.write(data, promise: promise) }
            let written = promise ?? context.eventLoop.makePromise()
            written.futureResult.assumeIsolated().whenComplete { [self] _ in end(after) }
            context.writeAndFlush(data, promise: written)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let parserError = error as? HTTPParserError else { return context.fireErrorCaught(error) }
        follow(state.parsingFailed(tooLarge: parserError == .headerOverflow), error, context)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        stall?.cancel()
        stall = nil
        if !context.channel.isWritable { watchForStall(context) }
        context.fireChannelWritabilityChanged()
    }

    // MARK: - Time

    private func setDeadline(_ duration: Duration, _ context: ChannelHandlerContext) {
        deadline?.cancel()
        progress = 0
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(duration)) { [self] in
            guard let context = self.context else { return }
            if case .body = state.reading, state.isHeld || progress >= limits.bodyProgress {
                return setDeadline(limits.body, context)
            }
            follow(state.expired(), RequestBodyTimeout(), context)
        }
    }

    /// Gives up on a client that has taken nothing in all that time.
    private func watchForStall(_ context: ChannelHandlerContext) {
        let before = Self.bufferedBytes(context)
        stall = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(limits.stalledWrite)) { [self] in
            guard let context = self.context else { return }
            if Self.bufferedBytes(context) < before { watchForStall(context) } else { edge.abort() }
        }
    }

    private static func bufferedBytes(_ context: ChannelHandlerContext) -> Int {
        (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }

    // MARK: - Ends

    private func follow(_ failure: ConnectionState.Failure, _ error: any Error, _ context: ChannelHandlerContext) {
        deadline?.cancel()
        switch failure {
        case .refuse(let refusal): refuse(refusal, context)
        case .tellRequest: context.fireErrorCaught(error)
        case .close: edge.abort()
        case .wait: break
        case .lingerOn: setDeadline(limits.lingering, context)
        }
    }

    private func refuse(_ refusal: ConnectionState.Refusal, _ context: ChannelHandlerContext) {
        let status = refusal.status
        // As Go's server says it, which is the one under Kubernetes.
        let text = "\(status.code) \(status.reasonPhrase)"
        let head = HTTPResponseHead(
            version: .http1_1, status: status,
            headers: [
                "Content-Type": "text/plain; charset=utf-8", "Connection": "close",
                "Content-Length": String(text.utf8.count),
            ])
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenComplete { [self] _ in end(.linger) }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: written)
    }

    private func end(_ after: ConnectionState.AfterAnswer) {
        guard let context else { return }
        switch after {
        case .goOn: break
        case .close: context.close(promise: nil)
        // Closing with bytes unread makes the kernel take back what was sent.
        case .linger:
            context.close(mode: .output, promise: nil)
            setDeadline(limits.lingering, context)
        }
    }
}

/// Asks for the body of the request that is under way, as a user event to its channel; see ``ConnectionLimits/holdsBodies``.
public struct BodyWanted: Sendable {
    public init() {}
}

/// A body did not come to its end in time. Whoever reads the body is told so.
public struct RequestBodyTimeout: Error {}

extension ConnectionState.Head {
    init(_ head: HTTPRequestHead) {
        isHTTP10 = head.version.major < 1 || (head.version.major == 1 && head.version.minor == 0)
        endsConnection = isHTTP10 || !head.isKeepAlive
        expectsContinue = head.headers["Expect"].contains { $0.lowercased() == "100-continue" }
        bodyLength =
            head.headers.contains(name: "Transfer-Encoding")
            ? nil : head.headers.first(name: "Content-Length").map { Int($0) } ?? 0
    }
}

extension ConnectionState.Refusal {
    fileprivate var status: HTTPResponseStatus {
        switch self {
        case .headTooLarge: .requestHeaderFieldsTooLarge
        case .headTooSlow: .requestTimeout
        case .malformed: .badRequest
        }
    }
}
