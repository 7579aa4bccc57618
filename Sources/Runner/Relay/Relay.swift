internal import HTTPTypes
internal import Hummingbird
internal import KubernetesAPI
internal import Logging
internal import NIOCore
internal import OrderedJSON
internal import StateStorage
internal import Synchronization

/// A loopback listener that stands between one engine and the cluster for as long as one run lasts.
///
/// The engine gets its address, which holds an unguessable prefix, and nothing else: the cluster's credentials stay in this
/// process, and only the Secrets and the Lease of one environment can be reached. The listing by which an engine looks for
/// workspaces, which would read every state of the namespace, is answered here.
final class Relay: Sendable {
    /// Larger than any body that the API takes.
    private static let maximumBody = 4 << 20

    private let client: KubernetesClient
    let policy: RelayPolicy
    private let history: RunHistory
    let lock: RelayLock
    private let prefix = "/" + (0..<4).map { _ in UInt64.random(in: 0 ... .max).hexadecimal }.joined()
    private let logger: Logger
    private let observed = Mutex(RelayObservation())

    var observation: RelayObservation { observed.withLock { $0 } }

    func forgetObservation() { observed.withLock { $0 = RelayObservation() } }

    func observe(_ change: (inout RelayObservation) -> Void) { observed.withLock { change(&$0) } }

    private init(_ request: AccessRequest) {
        client = request.store.client
        policy = RelayPolicy(namespace: request.store.namespace, names: StateNames(request.environment))
        history = request.history
        lock = request.lock
        logger = request.logger
    }

    /// Listens while the body runs.
    ///
    /// - Parameter body: is given the relay once it can be reached.
    static func with<T: Sendable>(
        _ request: AccessRequest, _ body: @Sendable @escaping (OpenRelay) async throws -> T
    ) async throws -> T {
        let relay = Relay(request)
        return try await whileListening(
            { try await relay.listen($0) }, renewing: request.lock, lost: request.lost
        ) { port in
            let address = "http://127.0.0.1:\(port)\(relay.prefix)"
            return try await body(OpenRelay(relay: relay, environment: request.environment, address: address))
        }
    }

    private func listen(_ found: @Sendable @escaping (Int) -> Void) async throws {
        let application = Application(
            responder: CallbackResponder { (request, _: BasicRequestContext) in await self.respond(to: request) },
            configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0), serverName: nil),
            onServerRunning: { channel in
                if let port = channel.localAddress?.port { found(port) }
            },
            logger: Logger(label: "relay") { _ in SwiftLogNoOpLogHandler() })
        try await application.run()
    }
}

/// A relay that can be reached.
struct OpenRelay: StateAccess {
    let relay: Relay
    let environment: EnvironmentID
    /// The URL that engines reach it by, which is a credential.
    let address: String

    var lock: RelayLock { relay.lock }
    var observation: RelayObservation { relay.observation }

    func forgetObservation() { relay.forgetObservation() }

    func backend(userVariables: [String: String]) -> EngineBackend {
        .kubernetes(
            environment, namespace: relay.policy.namespace, relay: address,
            kubeconfigPath: WorkingFolder.kubeconfigPath,
            hasUserHost: userVariables["KUBE_HOST"] != nil)
    }
}

extension Relay {
    private func respond(to request: Request) async -> Response {
        guard request.uri.path.hasPrefix("\(prefix)/"), let verb = HTTPVerb(rawValue: request.method.rawValue) else {
            return Self.response(Status(code: 404, reason: "NotFound", message: "no such path"))
        }
        let path = String(request.uri.path.dropFirst(prefix.count))
        let body: [UInt8]
        do {
            body = Array(try await request.body.collect(upTo: Self.maximumBody).readableBytesView)
        } catch {
            return Self.response(
                Status(code: 413, reason: "RequestEntityTooLarge", message: "the request has more than 4 MiB"))
        }
        switch policy.decision(verb: verb, path: path, labelSelector: request.labelSelector, body: body) {
        case .emptyList:
            return Self.secretList([])
        case .refuse(let reason):
            logger.debug("refused a request of the engine", metadata: ["reason": .string(reason)])
            let message = "this run serves one environment's state and nothing else: \(reason)"
            return Self.response(Status(code: 403, reason: "Forbidden", message: message))
        case .pass:
            if let answer = await lockAnswer(verb, path, body) { return answer }
            let query = request.uri.query.map { "?\($0)" } ?? ""
            return await pass(verb, path, query: query, request, body)
        }
    }

    private func pass(_ verb: HTTPVerb, _ path: String, query: String, _ request: Request, _ body: [UInt8]) async
        -> Response
    {
        let headers = [HTTPField.Name.accept, .contentType].compactMap { name in
            request.headers[name].map { (name: name.canonicalName, value: $0) }
        }
        let write = StateWrite(
            verb: verb, path: path, body: body, namespace: policy.namespace, names: policy.names)
        if let write, let refusal = await history.refusal(of: write) { return Self.response(refusal) }
        do {
            let sent = APIRequest(verb, path + query, headers: headers, body: body.isEmpty ? nil : body)
            // A list may have every part of a large state in it, and streams.
            let isList = path.hasSuffix("/\(ResourceKind.secret.resource)")
            let answer =
                verb == .get && !isList
                ? try await client.sendWhole(sent, upTo: Self.maximumBody) : try await client.send(sent)
            if answer.status == 403, let selector = policy.ownList(verb: verb, path: path, request.labelSelector),
                let list = try? await client.secrets(of: policy.names, in: policy.namespace, matching: selector)
            {
                return Self.secretList(list)
            }
            if answer.status == 403, let retired = await retired(verb, path, by: history) {
                return retired
            }
            return try await forward(answer, to: (verb, path, body), write)
        } catch {
            let reason = "\(error)"
            observed.withLock { $0.observeUnreachable(reason) }
            return Self.response(Status(code: 503, reason: "ServiceUnavailable", message: reason))
        }
    }

    private func forward(
        _ answer: APIResponse, to asked: (verb: HTTPVerb, path: String, body: [UInt8]), _ write: StateWrite?
    ) async throws -> Response {
        var headers = HTTPFields()
        for name in [HTTPField.Name.contentType, .retryAfter] {
            if let value = answer.header(name.canonicalName) { headers[name] = value }
        }
        let isState = answer.status == 200 && asked.path.contains("/secrets") && write == nil
        let content = isState ? nil : try await answer.collect(upTo: Self.maximumBody)
        if write != nil, 200...201 ~= answer.status, let content {
            await history.didWrite((try? JSON(parsing: content))?.resourceVersion)
        }
        observed.withLock {
            $0.observe(
                verb: asked.verb, path: asked.path, sent: asked.body, status: answer.status,
                answer: content)
        }
        let body =
            content.map { ResponseBody(byteBuffer: ByteBuffer(bytes: $0)) } ?? ResponseBody(asyncSequence: answer.body)
        return Response(status: HTTPResponse.Status(code: answer.status), headers: headers, body: body)
    }

    private static func secretList(_ items: [JSON]) -> Response {
        response(200, ["kind": "SecretList", "apiVersion": "v1", "metadata": [:], "items": .array(items)])
    }

    static func response(_ status: Status) -> Response { response(status.code, status.json) }

    static func response(_ code: Int, _ json: JSON) -> Response {
        Response(
            status: HTTPResponse.Status(code: code), headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: json.bytes)))
    }
}

extension Request {
    fileprivate var labelSelector: String? { uri.queryParameters["labelSelector"].map(String.init) }
}
