internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
internal import HummingbirdTLS
internal import KubernetesAPI
public import Logging
internal import NIOCore
internal import ServiceLifecycle
public import StateStorage
public import UnixSignals

/// A gateway that listens.
public struct GatewayServer: Sendable {
    private let gateway: Gateway
    private let store: StateStore
    private let configuration: GatewayConfiguration
    /// The record of who did what: one line a request, without content.
    private let record: Logger

    /// - Parameter record: each request is logged here at level info.
    public init(
        store: StateStore, authority: any GatewayAuthority, configuration: GatewayConfiguration, record: Logger,
        conduct: GatewayConduct = GatewayConduct()
    ) {
        gateway = Gateway(store: store, authority: authority, conduct: conduct)
        self.store = store
        self.configuration = configuration
        self.record = record
    }

    /// Listens until the task is cancelled, or one of the signals comes: nothing new is accepted then, and what is under way
    /// is finished.
    ///
    /// - Parameter onListening: called once, with the port.
    public func run(
        stoppingAt signals: [UnixSignal] = [], onListening: @escaping @Sendable (Int) async -> Void
    ) async throws {
        let responder = CallbackResponder { (request, _: BasicRequestContext) in await respond(to: request) }
        let address = ApplicationConfiguration(
            address: .hostname(configuration.host, port: configuration.port), serverName: nil)
        let quiet = Logger(label: "stowage.gateway") { _ in SwiftLogNoOpLogHandler() }
        let server = try configuration.tls.map { try HTTPServerBuilder.tls(.http1(), tlsConfiguration: $0) } ?? .http1()
        let application = Application(
            responder: responder, server: server, configuration: address,
            onServerRunning: { channel in
                if let port = channel.localAddress?.port { await onListening(port) }
            }, logger: quiet)
        try await ServiceGroup(services: [application], gracefulShutdownSignals: signals, logger: quiet).run()
    }

    private func respond(to request: Request) async -> Response {
        switch request.uri.path {
        case "/healthz": return Self.response(GatewayAnswer(200, text: "ok"))
        case "/readyz": return Self.response(await readiness())
        default: break
        }
        var metadata: Logger.Metadata = [
            "operation": .string(request.method.rawValue), "path": .string(request.uri.path),
        ]
        let answer: GatewayAnswer
        do {
            answer = try await self.answer(to: request, &metadata)
        } catch {
            answer = GatewayAnswer(error)
            if answer.status == 500 { record.error("a request failed", metadata: ["error": "\(error)"]) }
        }
        metadata["status"] = "\(answer.status)"
        if let serial = answer.serial { metadata["serial"] = "\(serial)" }
        if answer.status >= 400, answer.contentType.hasPrefix("text/") {
            metadata["message"] = .string(String(decoding: answer.body.dropLast(), as: UTF8.self))
        }
        record.info("request", metadata: metadata)
        return Self.response(answer)
    }

    /// Lets the caller in before the body is read, so that nobody makes the gateway hold what it does not want.
    private func answer(to request: Request, _ metadata: inout Logger.Metadata) async throws -> GatewayAnswer {
        let head = try GatewayRequest(method: request.method.rawValue, path: request.uri.path)
        metadata["environment"] = .string(head.environment.description)
        metadata["operation"] = .string(head.operation.rawValue)
        let caller = try await gateway.admit(Self.credential(request), to: head.environment, for: head.operation)
        metadata["who"] = .string(caller.name)
        let whole = try GatewayRequest(
            method: request.method.rawValue, path: request.uri.path,
            lockID: request.uri.queryParameters["ID"].map(String.init),
            contentMD5: HTTPField.Name("Content-MD5").flatMap { request.headers[$0] }, body: try await body(of: request)
        )
        return await gateway.answer(whole, by: caller)
    }

    private func body(of request: Request) async throws -> [UInt8] {
        let limit = configuration.stateLimit
        let tooLarge = GatewayFailure(413, "the state has more than \(limit) bytes, which is the limit of this gateway")
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limit { throw tooLarge }
        do {
            return Array(try await request.body.collect(upTo: limit).readableBytesView)
        } catch is NIOTooManyBytesError {
            throw tooLarge
        } catch {
            throw GatewayFailure(400, "the body broke off; nothing was written")
        }
    }

    /// The token: the password of basic authentication, which is what the engines' backend can send, or a bearer token.
    private static func credential(_ request: Request) -> String? {
        guard let header = request.headers[.authorization] else { return nil }
        let words = header.split(separator: " ", maxSplits: 1)
        guard words.count == 2 else { return nil }
        switch words[0].lowercased() {
        case "bearer": return String(words[1])
        case "basic":
            guard let bytes = try? Base64.decode(String(words[1])), let colon = bytes.firstIndex(of: UInt8(ascii: ":"))
            else { return nil }
            return String(decoding: bytes[(colon + 1)...], as: UTF8.self)
        default: return nil
        }
    }

    /// Whether the cluster answers.
    private func readiness() async -> GatewayAnswer {
        do {
            let answer = try await store.client.send(APIRequest(.get, "/version"))
            _ = try await answer.collect(upTo: 65536)
            return answer.status == 200
                ? GatewayAnswer(200, text: "ok") : GatewayAnswer(503, text: "the cluster answers \(answer.status)")
        } catch {
            return GatewayAnswer(503, text: "the cluster does not answer")
        }
    }

    private static func response(_ answer: GatewayAnswer) -> Response {
        var headers: HTTPFields = [:]
        if !answer.body.isEmpty { headers[.contentType] = answer.contentType }
        if answer.status == 401 { headers[.wwwAuthenticate] = "Basic realm=\"stowage\"" }
        if let sum = answer.contentMD5, let name = HTTPField.Name("Content-MD5") { headers[name] = sum }
        return Response(
            status: HTTPResponse.Status(code: answer.status), headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body)))
    }
}
