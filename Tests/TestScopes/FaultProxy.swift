public import KubernetesAPI
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import OrderedJSON
internal import Synchronization

/// An HTTP server in front of a cluster that passes every request on, and does one thing to one of them.
///
/// It asks as the client that it is given. So whoever uses it needs no credentials, and its requests are counted as they
/// come, whatever connections they come on.
public final class FaultProxy: Sendable {
    public enum Fault: Sendable {
        /// The connection is lost, before the cluster sees the request or after it acted on it.
        case droppedBefore, droppedAfter
        /// The cluster does not see the request; this is answered.
        case answer(Int, retryAfter: Int? = nil)
        /// Something is done, before the cluster sees the request or after it acted on it; then the connection is lost.
        case before(@Sendable () async throws -> Void)
        case after(@Sendable () async throws -> Void)
    }

    private struct State {
        var count = 0
        var plan: (fault: Fault, position: Int)?
    }

    private let client: KubernetesClient
    private let state = Mutex(State())

    private init(_ client: KubernetesClient) { self.client = client }

    /// The requests that came since the last plan.
    public var count: Int { state.withLock { $0.count } }

    /// - Parameter position: of the request that it happens to, 0 for the next one.
    public func plan(_ fault: Fault, at position: Int) {
        state.withLock { $0 = State(plan: (fault, position)) }
    }

    /// Nothing happens to any request from now on.
    public func heal() { state.withLock { $0 = State() } }

    /// A kubeconfig for whoever asks through the proxy.
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
        _ client: KubernetesClient, _ body: (FaultProxy, Int) async throws -> T
    ) async throws -> T {
        let proxy = FaultProxy(client)
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 256)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(BufferedParts())
                    return try Connection(wrappingChannelSynchronously: channel)
                }
            }
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await withThrowingDiscardingTaskGroup { connections in
                    try await server.executeThenClose { inbound in
                        for try await connection in inbound {
                            connections.addTask { await proxy.serve(connection) }
                        }
                    }
                }
            }
            defer { group.cancelAll() }
            return try await body(proxy, server.channel.localAddress?.port ?? 0)
        }
    }

    private typealias Connection = NIOAsyncChannel<HTTPServerRequestPart, HTTPPart<HTTPResponseHead, ByteBuffer>>

    private func serve(_ connection: Connection) async {
        // A client that goes away takes nothing with it.
        try? await connection.executeThenClose { inbound, outbound in
            var head: HTTPRequestHead?
            var body: [UInt8] = []
            for try await part in inbound {
                switch part {
                case .head(let next): (head, body) = (next, [])
                case .body(let buffer): body += buffer.readableBytesView
                case .end:
                    guard let head, let answer = try await answer(head, body) else { return }
                    var headers = HTTPHeaders([("Content-Length", "\(answer.body.count)")])
                    for header in answer.headers { headers.add(name: header.name, value: header.value) }
                    let status = HTTPResponseStatus(statusCode: answer.status)
                    try await outbound.write(
                        .head(HTTPResponseHead(version: .http1_1, status: status, headers: headers)))
                    try await outbound.write(.body(ByteBuffer(bytes: answer.body)))
                    try await outbound.write(.end(nil))
                }
            }
        }
    }

    private struct Answer {
        var status: Int
        var headers: [(name: String, value: String)]
        var body: [UInt8]
    }

    /// - Returns: nil where the connection is to be lost.
    private func answer(_ head: HTTPRequestHead, _ body: [UInt8]) async throws -> Answer? {
        let fault = state.withLock { state -> Fault? in
            defer { state.count += 1 }
            return state.plan.flatMap { $0.position == state.count ? $0.fault : nil }
        }
        switch fault {
        case nil: return try await passOn(head, body)
        case .droppedBefore: return nil
        case .droppedAfter:
            _ = try await passOn(head, body)
            return nil
        case .before(let action):
            try await action()
            return nil
        case .after(let action):
            _ = try await passOn(head, body)
            try await action()
            return nil
        case .answer(let code, let retryAfter):
            let status = Status(code: code, reason: code == 409 ? "Conflict" : "", message: "a fault of the test")
            var headers = [(name: "Content-Type", value: "application/json")]
            if let retryAfter { headers.append(("Retry-After", "\(retryAfter)")) }
            return Answer(status: code, headers: headers, body: status.json.bytes)
        }
    }

    private func passOn(_ head: HTTPRequestHead, _ body: [UInt8]) async throws -> Answer {
        let passed = ["accept", "content-type"]
        let request = APIRequest(
            HTTPVerb(rawValue: head.method.rawValue) ?? .get, head.uri,
            headers: head.headers.filter { passed.contains($0.name.lowercased()) }.map { ($0.name, $0.value) },
            body: body.isEmpty ? nil : body)
        let response = try await client.send(request)
        return Answer(
            status: response.status,
            headers: response.headers.filter { ["content-type", "retry-after"].contains($0.name.lowercased()) },
            body: try await response.collect(upTo: 64 << 20))
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
