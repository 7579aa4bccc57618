internal import AsyncHTTPClient
internal import CLibrary
internal import NIOCore
internal import NIOPosix
internal import NIOSSL

/// Why there was no answer, in a few words, and how far the request got.
struct ConnectionFailure: Sendable, Hashable {
    enum Reach: Sendable, Hashable {
        /// No connection was made: the server has not seen the request.
        case notSent
        /// No connection was made, and none will be until somebody changes something.
        case refused
        /// The request was on its way: the server may have acted on it.
        case lost
    }

    let reach: Reach
    let cause: String

    /// The error that callers see for anything that the HTTP client throws.
    ///
    /// - Parameter isRead: whether the request changes nothing, however far it got.
    static func translated(_ error: any Error, target: String, isRead: Bool) -> any Error {
        switch error {
        case is CancellationError, is KubernetesError: return error
        case let error as HTTPClientError where [.cancelled, .requestStreamCancelled].contains(error):
            return CancellationError()
        default:
            let failure = ConnectionFailure(error)
            return KubernetesError(
                failure.reach == .refused ? .untrusted : .unreachable, target: target, cause: failure.cause,
                mayHaveHappened: failure.reach == .lost && !isRead)
        }
    }

    private init(_ reach: Reach, _ cause: String) {
        self.reach = reach
        self.cause = cause
    }

    init(_ error: any Error) {
        switch error {
        case let error as HTTPClientError: self.init(client: error)
        case let error as NIOConnectionError: self.init(connection: error)
        case let error as NIOSSLError: self.init(tls: error)
        case let error as NIOSSLExtraError:
            self.init(
                .refused,
                error == .failedToValidateHostname
                    ? "the server's certificate is for another name" : "TLS could not be set up")
        case let error as BoringSSLError: self.init(.refused, "TLS failed: \(Self.reason(of: error))")
        case let error as IOError: self.init(system: error)
        case ChannelError.connectTimeout: self.init(.notSent, "connecting timed out")
        default: self.init(.lost, "the connection was lost (\(type(of: error)))")
        }
    }

    private init(client error: HTTPClientError) {
        switch error {
        case .connectTimeout: self.init(.notSent, "connecting timed out")
        case .getConnectionFromPoolTimeout: self.init(.notSent, "no connection became free in time")
        case .tlsHandshakeTimeout: self.init(.notSent, "the TLS handshake timed out")
        case .httpProxyHandshakeTimeout, .socksHandshakeTimeout: self.init(.notSent, "the proxy did not answer in time")
        case .proxyAuthenticationRequired: self.init(.refused, "the proxy wants other credentials")
        case .invalidProxyResponse: self.init(.notSent, "the proxy refused to connect")
        case .deadlineExceeded, .readTimeout: self.init(.lost, "no answer came in time")
        case .remoteConnectionClosed: self.init(.lost, "the server closed the connection")
        default: self.init(.lost, "the connection failed (\(error.shortDescription))")
        }
    }

    private init(connection error: NIOConnectionError) {
        if error.connectionErrors.isEmpty {
            self.init(.notSent, "the name \(error.host) does not resolve")
            return
        }
        let failures = error.connectionErrors.map { ConnectionFailure($0.error) }
        // Of several addresses, each failing in its way, one is enough for a message; a refusal says the most.
        let cause = failures.first { $0.cause.contains("refused") } ?? failures[0]
        self.init(.notSent, cause.cause)
    }

    private init(tls error: NIOSSLError) {
        switch error {
        case .handshakeFailed(let error): self.init(.refused, Self.handshake(error))
        case .unableToValidateCertificate: self.init(.refused, "the server's certificate is not trusted")
        case .uncleanShutdown: self.init(.lost, "the server closed the connection")
        default: self.init(.refused, "TLS could not be set up")
        }
    }

    private init(system error: IOError) {
        switch error.errnoCode {
        case ECONNREFUSED: self.init(.notSent, "connection refused")
        case EHOSTUNREACH, ENETUNREACH: self.init(.notSent, "no route to the server")
        case ETIMEDOUT: self.init(.lost, "the connection timed out")
        case ECONNRESET, EPIPE: self.init(.lost, "the server closed the connection")
        default: self.init(.lost, "the connection failed (errno \(error.errnoCode))")
        }
    }

    private static func handshake(_ error: BoringSSLError) -> String {
        let reason = reason(of: error)
        if reason.contains("CERTIFICATE_VERIFY_FAILED") { return "the server's certificate is not trusted" }
        if reason.contains("WRONG_VERSION_NUMBER") { return "the server does not speak TLS on this port" }
        return "the TLS handshake failed: \(reason)"
    }

    private static func reason(of error: BoringSSLError) -> String {
        switch error {
        case .sslError(let stack), .unknownError(let stack):
            stack.first.map { String($0.description.prefix(160)) } ?? "no reason given"
        default: "the connection was closed"
        }
    }
}
