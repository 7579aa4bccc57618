internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL

/// Requests over HTTP/1.1 to the server of one ``ClusterConnection``.
struct HTTPTransport: AuthenticatingTransport {
    /// API servers give up on a request after 60 s; theirs is the better message.
    private static let answerTimeout = TimeAmount.seconds(65)

    private let client: HTTPClient
    private let connection: ClusterConnection

    init(client: HTTPClient, connection: ClusterConnection) {
        self.client = client
        self.connection = connection
    }

    /// - Throws: ``KubernetesError`` without an answer; `CancellationError`.
    func send(_ request: APIRequest, with credential: Credential) async throws -> APIResponse {
        let target = RequestTarget.description(of: request, at: connection.server)
        var message = HTTPClientRequest(url: connection.requestURL(path: request.path))
        message.method = HTTPMethod(rawValue: request.verb.rawValue)
        message.headers = headers(of: request, credential)
        if let identity = credential.identity, connection.tls.identity == nil {
            message.tlsConfiguration = connection.tls.configuration(identity: identity)
        }
        if let body = request.body { message.body = Self.body(body) }
        do {
            let response = try await client.execute(message, timeout: Self.answerTimeout)
            return APIResponse(
                status: Int(response.status.code),
                headers: response.headers.map { (name: $0.name, value: $0.value) },
                body: APIResponseBody(response.body, target: target, isRead: request.verb == .get))
        } catch {
            throw ConnectionFailure.translated(error, target: target, isRead: request.verb == .get)
        }
    }

    /// A large body goes out piece by piece, as the connection takes it, so that no second copy of it is made.
    private static func body(_ bytes: [UInt8]) -> HTTPClientRequest.Body {
        guard bytes.count > BodyPieces.size else { return .bytes(ByteBuffer(bytes: bytes)) }
        return .stream(BodyPieces(bytes: bytes), length: .known(Int64(bytes.count)))
    }

    private func headers(of request: APIRequest, _ credential: Credential) -> HTTPHeaders {
        var headers = HTTPHeaders()
        if let host = connection.hostHeader { headers.add(name: "Host", value: host) }
        headers.add(name: "User-Agent", value: "stowage")
        for header in request.headers { headers.add(name: header.name, value: header.value) }
        for header in connection.impersonation { headers.add(name: header.name, value: header.value) }
        if let authorization = credential.authorization {
            headers.replaceOrAdd(name: "Authorization", value: authorization)
        }
        return headers
    }

    /// How the HTTP client is set up for a connection. Redirects are not followed: credentials are for this server only.
    static func configuration(for connection: ClusterConnection) -> HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: connection.tls.configuration(identity: connection.tls.identity),
            redirectConfiguration: .disallow,
            timeout: .init(connect: .seconds(10), read: answerTimeout),
            decompression: .disabled)
        configuration.httpVersion = .http1Only
        // Our own retries know which requests may be repeated, and say so in the log.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.proxy = connection.proxy?.configuration
        if let name = connection.tls.serverName { configuration.dnsOverride = [name: connection.address.host] }
        return configuration
    }
}

/// The bytes of a request's body, in pieces.
private struct BodyPieces: AsyncSequence, Sendable {
    static let size = 1 << 17

    let bytes: [UInt8]

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(bytes: bytes) }

    struct AsyncIterator: AsyncIteratorProtocol {
        let bytes: [UInt8]
        private var offset = 0

        init(bytes: [UInt8]) { self.bytes = bytes }

        mutating func next() -> ByteBuffer? {
            guard offset < bytes.count else { return nil }
            let end = Swift.min(offset + size, bytes.count)
            defer { offset = end }
            return ByteBuffer(bytes: bytes[offset..<end])
        }
    }
}
