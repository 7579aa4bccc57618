internal import GuardedHTTP
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
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
        gateway = Gateway(
            store: store, authority: authority, conduct: conduct, stateLimit: configuration.stateLimit)
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
        let quiet = Logger(label: "stowage.gateway") { _ in SwiftLogNoOpLogHandler() }
        let (tls, limits) = (configuration.tls, configuration.connections)
        let application = Application(
            responder: CallbackResponder { (request, context: PeerContext) in
                await respond(to: request, from: context)
            },
            server: HTTPServerBuilder { responder in
                try GuardedChannel(responder: responder, tlsConfiguration: tls, limits: limits)
            },
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: configuration.port), backlog: 1024,
                availableConnectionsDelegate: .maximum(limits.connections, logger: quiet)),
            onServerRunning: { channel in
                if let port = channel.localAddress?.port { await onListening(port) }
            }, logger: quiet)
        var services = ServiceGroupConfiguration(
            services: [.init(service: application)], gracefulShutdownSignals: signals, logger: quiet)
        if let certificate = configuration.certificate {
            let renewal = CertificateRenewal(
                certificate: certificate, interval: configuration.certificateInterval, record: record)
            services.services.append(.init(service: renewal))
        }
        services.maximumGracefulShutdownDuration = Self.drainLimit
        try await ServiceGroup(configuration: services).run()
    }

    /// Kubernetes kills what has not ended 30 seconds after it was asked to.
    private static let drainLimit = Duration.seconds(25)

    private func respond(to request: Request, from context: PeerContext) async -> Response {
        switch request.uri.path {
        case "/healthz": return Self.response(GatewayAnswer(200, text: "ok"))
        case "/readyz": return Self.response(await readiness())
        default: break
        }
        var metadata: Logger.Metadata = [
            "operation": .string(request.method.rawValue), "path": .string(Self.brief(request.uri.path)),
            "peer": .string(context.peer),
        ]
        let answer: GatewayAnswer
        do {
            answer = try await self.answer(to: request, from: context, &metadata)
        } catch {
            answer = GatewayAnswer(error)
            if answer.status == 500 { record.error("a request failed", metadata: ["error": "\(error)"]) }
        }
        metadata["status"] = "\(answer.status)"
        if let serial = answer.serial { metadata["serial"] = "\(serial)" }
        if answer.status >= 400, answer.contentType.hasPrefix("text/"), case .bytes(let text) = answer.body {
            metadata["message"] = .string(String(decoding: text.dropLast(), as: UTF8.self))
        }
        record.info("request", metadata: metadata)
        return Self.response(answer)
    }

    /// Lets the caller in before the body is read, so that nobody makes the gateway hold what it does not want.
    private func answer(
        to request: Request, from context: PeerContext, _ metadata: inout Logger.Metadata
    ) async throws -> GatewayAnswer {
        let head = try GatewayRequest(method: request.method.rawValue, path: request.uri.path)
        metadata["environment"] = .string(head.environment.description)
        metadata["operation"] = .string(head.operation.rawValue)
        let caller = try await gateway.admit(
            Self.credential(request), from: context.peer, to: head.environment, for: head.operation)
        metadata["who"] = .string(caller.name)
        let share = try await gateway.room(
            try announcedSize(request, head.operation), copies: Gateway.copiesWritten)
        defer { withExtendedLifetime(share) {} }
        context.askForBody()
        let whole = try GatewayRequest(
            method: request.method.rawValue, path: request.uri.path,
            lockID: request.uri.queryParameters["ID"].map(String.init),
            contentMD5: HTTPField.Name("Content-MD5").flatMap { request.headers[$0] },
            body: try await body(of: request, for: head.operation))
        return try await gateway.answer(whole)
    }

    private func body(of request: Request, for operation: GatewayRequest.Operation) async throws -> [UInt8] {
        let limit = limit(operation)
        let length = Self.length(request)
        var bytes: [UInt8] = []
        if let length { bytes.reserveCapacity(length) }
        do {
            for try await buffer in request.body {
                guard bytes.count + buffer.readableBytes <= limit else { throw Self.tooLarge(limit) }
                bytes.append(contentsOf: buffer.readableBytesView)
            }
        } catch let failure as GatewayFailure {
            throw failure
        } catch is RequestBodyTimeout {
            throw GatewayFailure(408, "the body comes too slowly; nothing was changed")
        } catch {
            throw Self.brokenOff
        }
        guard length.map({ $0 == bytes.count }) ?? true else { throw Self.brokenOff }
        return bytes
    }

    /// How much of the body there may be.
    ///
    /// - Throws: where it says itself that it is too large.
    private func announcedSize(_ request: Request, _ operation: GatewayRequest.Operation) throws -> Int {
        guard operation != .read, operation != .delete else { return 0 }
        let limit = limit(operation)
        let size = Self.length(request) ?? limit
        guard size <= limit else { throw Self.tooLarge(limit) }
        return size
    }

    private func limit(_ operation: GatewayRequest.Operation) -> Int {
        operation == .write ? configuration.stateLimit : Self.lockInfoLimit
    }

    private static func length(_ request: Request) -> Int? { request.headers[.contentLength].flatMap { Int($0) } }

    private static func tooLarge(_ limit: Int) -> GatewayFailure {
        GatewayFailure(
            413, "the body has more than \(limit) bytes, which is the limit of this gateway; nothing was changed")
    }

    /// The API takes no more in the annotations of an object than four times as much.
    private static let lockInfoLimit = 64 << 10
    private static let brokenOff = GatewayFailure(400, "the body broke off; nothing was changed")

    /// For the record: what callers who were not let in sent must not fill it.
    private static func brief(_ path: String) -> String { path.utf8.count > 256 ? "\(path.prefix(200))…" : path }

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

    private static func body(of answer: GatewayAnswer) -> ResponseBody {
        if case .bytes(let bytes) = answer.body, bytes.count <= pieceSize {
            return ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
        }
        return ResponseBody(contentLength: answer.body.count) { writer in
            // Piece by piece, as the connection takes it, so that no second copy of a large one is made.
            switch answer.body {
            case .bytes(let bytes):
                for start in stride(from: 0, to: bytes.count, by: pieceSize) {
                    let piece = bytes[start..<min(start + pieceSize, bytes.count)]
                    try await writer.write(ByteBuffer(bytes: piece))
                }
            case .shared(let pieces):
                for start in stride(from: 0, to: pieces.count, by: piecesAtOnce) {
                    try await writer.write(contentsOf: pieces[start..<min(start + piecesAtOnce, pieces.count)])
                }
            }
            try await writer.finish(nil)
        }
    }

    private static let pieceSize = 128 << 10
    private static let piecesAtOnce = 4

    private static func response(_ answer: GatewayAnswer) -> Response {
        var headers: HTTPFields = [:]
        if answer.body.count > 0 { headers[.contentType] = answer.contentType }
        if answer.status == 401 { headers[.wwwAuthenticate] = "Basic realm=\"stowage\"" }
        if let pause = answer.retryAfter { headers[.retryAfter] = "\(max(1, pause.components.seconds))" }
        if let sum = answer.contentMD5, let name = HTTPField.Name("Content-MD5") { headers[name] = sum }
        return Response(
            status: HTTPResponse.Status(code: answer.status), headers: headers, body: body(of: answer))
    }
}

/// Of a connection, who is at its other end, and how to have it send a body.
private struct PeerContext: InitializableFromSource {
    let peer: String
    private let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        channel = source.channel
        peer = channel.remoteAddress?.ipAddress ?? ""
    }

    func askForBody() { channel.triggerUserOutboundEvent(BodyWanted(), promise: nil) }
}
