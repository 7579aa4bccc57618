public import StateStorage

/// One request of an engine's `http` backend.
///
/// Source: the engines' documentation of the `http` backend. The methods can be configured there, so every usual one is
/// taken: the state is at `/v1/environments/{uuid}/state`, its lock there too, by `LOCK` and `UNLOCK`, and at `…/lock`.
public struct GatewayRequest: Sendable {
    /// What is done to a state.
    public enum Operation: String, Sendable, Hashable {
        /// What the method means: the state is read, replaced or deleted, its lock taken or given back.
        case read, write, delete, lock, unlock
    }

    /// What is to be done.
    public let operation: Operation
    /// Whose state or lock it is done to.
    public let environment: EnvironmentID
    /// The lock that the engine says it holds.
    public let lockID: String?
    /// The MD5 of the body, in base64.
    public let contentMD5: String?
    /// The bytes that came: a state, or what a lock says of itself.
    public let body: [UInt8]

    /// - Parameters:
    ///   - path: percent-decoded, without the query.
    ///   - lockID: of the query, `?ID=`.
    init(
        method: String, path: String, lockID: String? = nil, contentMD5: String? = nil, body: [UInt8] = []
    ) throws(GatewayFailure) {
        let words = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map(String.init)
        guard words.count == 4, words[0] == "v1", words[1] == "environments", ["state", "lock"].contains(words[3])
        else {
            // Not 404, which engines take for an environment without a state.
            throw GatewayFailure(400, "no such path; a state is at /v1/environments/UUID/state")
        }
        guard let operation = Self.operation(method, isLock: words[3] == "lock") else {
            throw GatewayFailure(405, "\(method) is no method of the \(words[3]) of an environment")
        }
        do throws(EnvironmentIDError) {
            environment = try EnvironmentID(words[2])
        } catch {
            throw GatewayFailure(400, "\(error)")
        }
        self.operation = operation
        self.lockID = lockID.flatMap { $0.isEmpty ? nil : $0 }
        self.contentMD5 = contentMD5
        self.body = body
    }

    /// What a method means; nil for one that means nothing there.
    static func operation(_ method: String, isLock: Bool) -> Operation? {
        switch method {
        case "LOCK": .lock
        case "UNLOCK": .unlock
        case "POST", "PUT": isLock ? .lock : .write
        case "DELETE": isLock ? .unlock : .delete
        case "GET" where !isLock: .read
        default: nil
        }
    }
}

/// Why a request is not done: the status and the text of its answer.
struct GatewayFailure: Error, Sendable, Hashable {
    let status: Int
    let message: String
    let retryAfter: Duration?

    init(_ status: Int, _ message: String, retryAfter: Duration? = nil) {
        self.status = status
        self.message = message
        self.retryAfter = retryAfter
    }
}
