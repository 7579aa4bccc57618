internal import NIOCore

/// What is done to a resource, as HTTP says it.
public enum HTTPVerb: String, Sendable {
    /// Reads an object or a list; changes nothing.
    case get = "GET"
    /// Creates an object whose name may be the server's choice.
    case post = "POST"
    /// Replaces an object as a whole.
    case put = "PUT"
    /// Changes parts of an object; `Content-Type` says how.
    case patch = "PATCH"
    /// Deletes an object or, given a list's path, all that it selects.
    case delete = "DELETE"
}

/// One request to a cluster, without who asks: credentials are added on the way out.
public struct APIRequest: Sendable {
    /// What is done to what ``path`` names.
    public var verb: HTTPVerb
    /// An absolute path with its query, percent-encoded, such as `/api/v1/namespaces/x/secrets?labelSelector=a%3Db`. It is
    /// appended to the path that the cluster's own address may have.
    public var path: String
    /// Headers such as `Accept` and `Content-Type`; never `Authorization`.
    public var headers: [(name: String, value: String)]
    /// The bytes that are sent; nil for none.
    public var body: [UInt8]?

    public init(
        _ verb: HTTPVerb, _ path: String, headers: [(name: String, value: String)] = [], body: [UInt8]? = nil
    ) {
        self.verb = verb
        self.path = path
        self.headers = headers
        self.body = body
    }
}

/// The head of an answer, with a body that streams.
public struct APIResponse: Sendable {
    /// The HTTP status.
    public var status: Int
    /// Names as the server spelled them, in its order; see ``header(_:)``.
    public var headers: [(name: String, value: String)]
    /// The bytes that came with the head, or are still to come.
    public var body: APIResponseBody

    public init(status: Int, headers: [(name: String, value: String)] = [], body: APIResponseBody = APIResponseBody([]))
    {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The whole body.
    ///
    /// - Parameter limit: in bytes.
    /// - Throws: ``KubernetesError`` with ``KubernetesError/Code/badResponse`` when the body is longer, and with
    ///   ``KubernetesError/Code/unreachable`` when the connection is lost inside it.
    public func collect(upTo limit: Int) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        if let length = header("Content-Length").flatMap({ Int($0) }), length <= limit { bytes.reserveCapacity(length) }
        for try await chunk in body {
            guard bytes.count + chunk.readableBytes <= limit else {
                throw KubernetesError(
                    .badResponse, target: body.target, cause: "the answer is longer than \(limit) bytes")
            }
            bytes.append(contentsOf: chunk.readableBytesView)
        }
        return bytes
    }

    /// The first header of that name, in whichever case it is spelled.
    public func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}
