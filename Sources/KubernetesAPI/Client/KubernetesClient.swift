internal import AsyncHTTPClient
public import Logging
internal import OrderedJSON

/// Asks one cluster. Cheap to copy; all copies share connections and credentials.
///
/// Requests are retried where that is safe (``RetryPolicy``), and once more with new credentials after a 401.
public struct KubernetesClient: Sendable {
    /// The longest object that is read, in bytes; a cluster stores none of this size.
    static let objectLimit = 32 << 20
    /// For one page of a list, in bytes.
    static let pageLimit = 512 << 20
    /// For a body, from its head to its end.
    static let bodyTimeLimit = Duration.seconds(300)

    /// Which cluster is asked, and as whom.
    public let connection: ClusterConnection
    let transport: any Transport
    /// Of reads whose answers break off.
    let retry: RetryPolicy

    /// - Parameter transport: what carries the requests, with everything around it; see ``withKubernetesClient(_:logger:_:)``
    ///   for the usual one.
    public init(connection: ClusterConnection, transport: any Transport) {
        self.init(connection: connection, transport: transport, retry: .never)
    }

    init(connection: ClusterConnection, transport: any Transport, retry: RetryPolicy) {
        self.connection = connection
        self.transport = transport
        self.retry = retry
    }

    /// One request; any status is an answer. The body streams.
    ///
    /// - Throws: ``KubernetesError`` only when there is no answer at all: unreachable, TLS, credentials; `CancellationError`.
    public func send(_ request: APIRequest) async throws -> APIResponse { try await transport.send(request) }

    /// One request with its whole answer as JSON.
    ///
    /// - Parameter inspect: is given the head of the answer, whatever its status.
    /// - Throws: ``KubernetesError``, also for a status of 400 and more, and for one below 200 or between 300 and 399.
    func json(
        _ request: APIRequest, limit: Int = KubernetesClient.objectLimit, inspect: (APIResponse) -> Void = { _ in }
    ) async throws -> JSON {
        let bytes = try await answer(request, limit: limit, inspect: inspect)
        do throws(JSONError) {
            return try JSON(parsing: bytes)
        } catch {
            throw KubernetesError(.badResponse, target: target(request), cause: "the answer is not JSON: \(error)")
        }
    }

    /// One request with its whole answer.
    ///
    /// - Parameter inspect: is given the head of the answer, whatever its status.
    /// - Throws: as ``json(_:limit:inspect:)``.
    func answer(
        _ request: APIRequest, limit: Int = KubernetesClient.objectLimit, inspect: (APIResponse) -> Void = { _ in }
    ) async throws -> [UInt8] {
        var request = request
        if !request.headers.contains(where: { $0.name == "Accept" }) {
            request.headers.append(("Accept", "application/json"))
        }
        if request.body != nil { request.headers.append(("Content-Type", "application/json")) }
        let target = self.target(request)
        let (response, bytes) = try await whole(request) { response in
            do {
                return try await withTimeLimit(Self.bodyTimeLimit) { try await response.collect(upTo: limit) }
            } catch is TimeLimitError {
                throw KubernetesError(
                    .unreachable, target: target, cause: "the answer did not end in time",
                    mayHaveHappened: request.verb != .get)
            }
        }
        inspect(response)
        guard response.status < 400 else { throw KubernetesError(answer: response, body: bytes, target: target) }
        guard 200..<300 ~= response.status else {
            throw KubernetesError(.badResponse, target: target, cause: "the server answered \(response.status)")
        }
        return bytes
    }

    /// One request whose answer is read to its end; any status is an answer. A read whose answer breaks off is begun anew.
    ///
    /// - Parameter read: reads the body, from its start.
    /// - Throws: as ``send(_:)``; what `read` throws.
    func whole<T>(
        _ request: APIRequest, _ read: (APIResponse) async throws -> T
    ) async throws -> (response: APIResponse, content: T) {
        let start = ContinuousClock.now
        var attempt = 1
        while true {
            let response = try await send(request)
            do {
                return (response, try await read(response))
            } catch let error as KubernetesError where error.code == .unreachable {
                let decision = retry.decision(
                    request.verb, .lost, attempt: attempt, elapsed: ContinuousClock.now - start,
                    jitter: .random(in: 0..<1))
                guard case .retry(let delay) = decision else { throw error }
                try await Task.sleep(for: delay)
                attempt += 1
            }
        }
    }

    /// One request with its answer, whatever its status, in memory.
    ///
    /// - Parameter limit: of the body, in bytes.
    /// - Throws: as ``send(_:)``; ``KubernetesError/Code/badResponse`` where the body is longer.
    public func sendWhole(_ request: APIRequest, upTo limit: Int) async throws -> APIResponse {
        var (response, content) = try await whole(request) { try await $0.collect(upTo: limit) }
        response.body = APIResponseBody(content)
        return response
    }

    func target(_ request: APIRequest) -> String { RequestTarget.description(of: request, at: connection.server) }
}

/// Opens a client, gives it to the body, and shuts its connections down when the body ends, however it ends.
///
/// - Parameter logger: requests are logged at debug level, without headers and bodies.
public func withKubernetesClient<T: Sendable>(
    _ connection: ClusterConnection, logger: Logger, isolation: isolated (any Actor)? = #isolation,
    _ body: (KubernetesClient) async throws -> T
) async throws -> T {
    try await withKubernetesClient(connection, logger: logger, retry: RetryPolicy(), isolation: isolation, body)
}

/// As ``withKubernetesClient(_:logger:isolation:_:)``, with another policy of retries.
public func withKubernetesClient<T: Sendable>(
    _ connection: ClusterConnection, logger: Logger, retry: RetryPolicy, isolation: isolated (any Actor)? = #isolation,
    _ body: (KubernetesClient) async throws -> T
) async throws -> T {
    if connection.withholdsCredentials {
        logger.warning(
            "credentials are not sent: the server's address is http://",
            metadata: ["cluster": "\(connection.description)"])
    }
    let http = HTTPClient(
        eventLoopGroupProvider: .singleton, configuration: HTTPTransport.configuration(for: connection))
    let authenticated = CredentialsTransport(
        next: HTTPTransport(client: http, connection: connection), cache: CredentialCache(connection.credentials),
        server: connection.server)
    let client = KubernetesClient(
        connection: connection,
        transport: LoggingTransport(RetryTransport(authenticated, policy: retry, logger: logger), logger: logger),
        retry: retry)
    do {
        let result = try await body(client)
        try? await http.shutdown()
        return result
    } catch {
        try? await http.shutdown()
        throw error
    }
}
