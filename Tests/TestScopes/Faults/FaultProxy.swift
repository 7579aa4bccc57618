internal import CLibrary
public import KubernetesAPI
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL
internal import OrderedJSON
internal import Synchronization

/// An HTTP server in front of a cluster that passes every request on, and does something to some of them.
///
/// It asks as the client that it is given. So whoever uses it needs no credentials of the cluster, and its requests are counted
/// as they come, whatever connections they come on.
public final class FaultProxy: Sendable {
    /// What the cluster was asked and answered.
    public struct Exchange: Sendable {
        public let request: APIRequest
        public let status: Int
        public let body: [UInt8]
    }

    /// How a proxy differs from one that only passes on.
    public struct Configuration: Sendable {
        /// TLS and a token; nil for neither.
        public var access: ProxyAccess?
        /// What the cluster sees instead of a request.
        public var rewrite: @Sendable (APIRequest) async throws -> APIRequest = { $0 }
        /// Told of each request that the cluster answered, whether or not its client hears of it.
        public var observe: @Sendable (Exchange) -> Void = { _ in }

        public init() {}
    }

    private let client: KubernetesClient
    private let configuration: Configuration
    private let state = Mutex((count: 0, schedule: FaultSchedule.none))

    private init(_ client: KubernetesClient, _ configuration: Configuration) {
        (self.client, self.configuration) = (client, configuration)
    }

    /// The requests that came since the last plan.
    public var count: Int { state.withLock { $0.count } }

    /// - Parameter position: of the request that it happens to, 0 for the next one.
    public func plan(_ fault: Fault, at position: Int) { plan(FaultSchedule(fault, at: position)) }

    /// The next request is the first of the schedule.
    public func plan(_ schedule: FaultSchedule) { state.withLock { $0 = (0, schedule) } }

    /// Nothing happens to any request from now on.
    public func heal() { plan(.none) }

    /// A kubeconfig for whoever asks through a proxy without ``ProxyAccess``.
    public static func kubeconfig(port: Int) -> String {
        """
        apiVersion: v1
        kind: Config
        clusters: [{name: proxy, cluster: {server: "http://127.0.0.1:\(port)"}}]
        users: [{name: nobody, user: {}}]
        contexts: [{name: proxy, context: {cluster: proxy, user: nobody}}]
        current-context: proxy
        """
    }

    /// Listens while the body runs, which is given the proxy and its port.
    public static func with<T: Sendable>(
        _ client: KubernetesClient, _ configuration: Configuration = Configuration(),
        _ body: (FaultProxy, Int) async throws -> T
    ) async throws -> T {
        let proxy = FaultProxy(client, configuration)
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 256)
            // Nothing is read before there is somebody to read it.
            .childChannelOption(.autoRead, value: false)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let access = configuration.access {
                        try pipeline.addHandler(NIOSSLServerHandler(context: access.context))
                    }
                    try pipeline.configureHTTPServerPipeline()
                    try pipeline.addHandler(BufferedParts())
                    return channel
                }
            }
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await withThrowingDiscardingTaskGroup { connections in
                    try await server.executeThenClose { inbound in
                        for try await channel in inbound {
                            connections.addTask { await proxy.serve(channel) }
                        }
                    }
                }
            }
            defer { group.cancelAll() }
            return try await body(proxy, server.channel.localAddress?.port ?? 0)
        }
    }

    private typealias Connection = NIOAsyncChannel<HTTPServerRequestPart, HTTPPart<HTTPResponseHead, ByteBuffer>>

    private func serve(_ channel: any Channel) async {
        var late: (@Sendable () async throws -> Void)?
        // Wrapped here and not where it is accepted: one that nobody takes any more would end the process.
        let connection = try? await channel.eventLoop.submit {
            try Connection(wrappingChannelSynchronously: channel)
        }.get()
        try? await channel.setOption(.autoRead, value: true).get()
        // A client that goes away takes nothing with it.
        try? await connection?.executeThenClose { inbound, outbound in
            var head: HTTPRequestHead?
            var body: [UInt8] = []
            for try await part in inbound {
                switch part {
                case .head(let next): (head, body) = (next, [])
                case .body(let buffer): body += buffer.readableBytesView
                case .end:
                    guard let head else { return }
                    switch try await outcome(head, body) {
                    case .answered(let answer): try await Self.write(answer, answer.body.count, to: outbound)
                    case .truncated(let answer):
                        return try await Self.write(answer, answer.body.count / 2, to: outbound)
                    case .dropped: return
                    case .reset: return try await Self.reset(channel)
                    case .late(let rest):
                        late = rest
                        return
                    }
                }
            }
        }
        try? await late?()
    }

    private static func write(
        _ answer: Answer, _ length: Int,
        to outbound: NIOAsyncChannelOutboundWriter<HTTPPart<HTTPResponseHead, ByteBuffer>>
    ) async throws {
        var headers = HTTPHeaders([("Content-Length", "\(answer.body.count)")])
        for header in answer.headers { headers.add(name: header.name, value: header.value) }
        let status = HTTPResponseStatus(statusCode: answer.status)
        try await outbound.write(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers)))
        try await outbound.write(.body(ByteBuffer(bytes: answer.body.prefix(length))))
        if length == answer.body.count { try await outbound.write(.end(nil)) }
    }

    /// Closes so that the client's end is told of a reset, not of an end.
    private static func reset(_ channel: any Channel) async throws {
        try await (channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
        try await channel.close().get()
    }

    private struct Answer {
        var status: Int
        var headers: [(name: String, value: String)]
        var body: [UInt8]
    }

    private enum Outcome {
        case answered(Answer), truncated(Answer), dropped, reset
        /// The connection ends, and then this is done.
        case late(@Sendable () async throws -> Void)
    }

    private func outcome(_ head: HTTPRequestHead, _ body: [UInt8]) async throws -> Outcome {
        if let access = configuration.access, !access.admits(head.headers.first(name: "Authorization")) {
            return .answered(Self.refusal(401))
        }
        let fault = state.withLock { state in
            defer { state.count += 1 }
            return state.schedule.fault(at: state.count)
        }
        switch fault {
        case nil: return .answered(try await passOn(head, body))
        case .droppedBefore: return .dropped
        case .resetBefore: return .reset
        case .droppedAfter:
            _ = try await passOn(head, body)
            return .dropped
        case .resetAfter:
            _ = try await passOn(head, body)
            return .reset
        case .truncated: return .truncated(try await passOn(head, body))
        case .delayed(let delay):
            try await Task.sleep(for: delay)
            return .answered(try await passOn(head, body))
        case .before(let action):
            try await action()
            return .dropped
        case .after(let action):
            _ = try await passOn(head, body)
            try await action()
            return .dropped
        case .beside(let action):
            try await action()
            return .answered(try await passOn(head, body))
        case .late(let action):
            return .late {
                try await action()
                _ = try await self.passOn(head, body)
            }
        case .expiredContinue:
            let isContinued = head.uri.contains("continue=")
            return .answered(isContinued ? Self.refusal(410) : try await passOn(head, body))
        case .answer(let code, let retryAfter): return .answered(Self.refusal(code, retryAfter: retryAfter))
        }
    }

    private static func refusal(_ code: Int, retryAfter: Int? = nil) -> Answer {
        let reasons = [
            401: "Unauthorized", 403: "Forbidden", 409: "Conflict", 410: "Expired", 413: "RequestEntityTooLarge",
        ]
        let status = Status(code: code, reason: reasons[code] ?? "", message: "a fault of the test")
        var headers = [(name: "Content-Type", value: "application/json")]
        if let retryAfter { headers.append(("Retry-After", "\(retryAfter)")) }
        return Answer(status: code, headers: headers, body: status.json.bytes)
    }

    private func passOn(_ head: HTTPRequestHead, _ body: [UInt8]) async throws -> Answer {
        let passed = ["accept", "content-type"]
        let request = try await configuration.rewrite(
            APIRequest(
                HTTPVerb(rawValue: head.method.rawValue) ?? .get, head.uri,
                headers: head.headers.filter { passed.contains($0.name.lowercased()) }.map { ($0.name, $0.value) },
                body: body.isEmpty ? nil : body))
        let response = try await client.send(request)
        let answer = Answer(
            status: response.status,
            headers: response.headers.filter { ["content-type", "retry-after"].contains($0.name.lowercased()) },
            body: try await response.collect(upTo: 64 << 20))
        configuration.observe(Exchange(request: request, status: answer.status, body: answer.body))
        return answer
    }
}

/// Answers whose bodies are buffers, for an encoder that takes files too.
private final class BufferedParts: ChannelOutboundHandler {
    typealias OutboundIn = HTTPPart<HTTPResponseHead, ByteBuffer>
    typealias OutboundOut = HTTPServerResponsePart

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let head): context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .body(let buffer): context.write(wrapOutboundOut(.body(.byteBuffer(buffer))), promise: promise)
        case .end(let trailers): context.write(wrapOutboundOut(.end(trailers)), promise: promise)
        }
    }
}
