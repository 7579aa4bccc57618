import Hummingbird
import HummingbirdTLS
import KubernetesAPI
import Logging
import NIOCore
import NIOSSL
import Synchronization

/// What a test's server was asked.
struct ReceivedRequest: Sendable {
    let method: String
    let path: String
    let headers: [String: String]
    let body: String
}

/// What it answers.
struct TestAnswer: Sendable {
    var status = 200
    var headers: [String: String] = [:]
    var body = "{}"
    /// Loses the connection after half of the body.
    var isTruncated = false
}

/// A server on 127.0.0.1 for the time of the body.
func withTestServer<T: Sendable>(
    tls: TLSConfiguration? = nil, _ answer: @escaping @Sendable (ReceivedRequest) async -> TestAnswer,
    _ body: @escaping @Sendable (_ port: Int) async throws -> T
) async throws -> T {
    let responder = CallbackResponder<BasicRequestContext> { request, _ in
        var headers: [String: String] = [:]
        for field in request.headers { headers[field.name.canonicalName] = field.value }
        headers["host"] = request.head.authority
        let content = try await request.body.collect(upTo: 1 << 20)
        let answer = await answer(
            ReceivedRequest(
                method: request.method.rawValue, path: request.head.path ?? "", headers: headers,
                body: String(buffer: content)))
        var fields = HTTPFields()
        for (name, value) in answer.headers {
            if let name = HTTPFields.Element.Name(name) { fields[name] = value }
        }
        if answer.isTruncated {
            let content = ByteBuffer(string: answer.body)
            return Response(
                status: .ok, headers: fields,
                body: ResponseBody(contentLength: content.readableBytes * 2) { writer in
                    try await writer.write(content)
                    throw CancellationError()
                })
        }
        return Response(
            status: .init(code: answer.status), headers: fields,
            body: .init(byteBuffer: ByteBuffer(string: answer.body)))
    }
    let (ports, continuation) = AsyncStream<Int>.makeStream()
    var logger = Logger(label: "test server")
    logger.logLevel = .critical
    let application = Application(
        responder: responder, server: try tls.map { try .tls(.http1(), tlsConfiguration: $0) } ?? .http1(),
        configuration: .init(address: .hostname("127.0.0.1", port: 0)),
        onServerRunning: { channel in continuation.yield(channel.localAddress?.port ?? 0) }, logger: logger)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await application.run() }
        defer { group.cancelAll() }
        guard let port = await ports.first(where: { _ in true }) else { throw CancellationError() }
        return try await body(port)
    }
}

/// A logger that says nothing.
let silentLogger = Logger(label: "silent") { _ in SwiftLogNoOpLogHandler() }

/// A value that many tasks change.
final class Shared<Value: Sendable>: Sendable {
    private let mutex: Mutex<Value>
    init(_ value: Value) { mutex = Mutex(value) }
    var value: Value { mutex.withLock { $0 } }
    func change<T: Sendable>(_ body: @Sendable (inout Value) -> T) -> T { mutex.withLock { body(&$0) } }
}
