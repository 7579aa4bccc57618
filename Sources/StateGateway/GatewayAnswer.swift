internal import KubernetesAPI
internal import NIOCore
internal import OrderedJSON
internal import StateStorage
internal import TerraformState

/// What an engine is answered.
public struct GatewayAnswer: Sendable {
    /// The HTTP status.
    public let status: Int
    /// The media type of the body.
    public let contentType: String
    /// The MD5 of the body in base64, where it is a state.
    public internal(set) var contentMD5: String?
    /// Empty where the status says all.
    let body: GatewayBody
    /// The serial of the state that was read or written, for the record of who did what.
    public internal(set) var serial: UInt64?
    /// When to come again.
    public internal(set) var retryAfter: Duration?
    /// Of the memory for states, held while the body is sent.
    var share: ByteBudget.Share?

    init(_ status: Int, json body: [UInt8]) { self.init(status, json: GatewayBody.bytes(body)) }

    init(_ status: Int, json body: GatewayBody) {
        self.status = status
        contentType = "application/json"
        self.body = body
    }

    /// A line for a person; engines show the status only.
    init(_ status: Int, text: String) {
        self.status = status
        contentType = "text/plain; charset=utf-8"
        body = .bytes(Array("\(text)\n".utf8))
    }

    static let noContent = GatewayAnswer(204, json: [])
    static let done = GatewayAnswer(200, json: [])

    /// Somebody else holds the lock. Engines read the holder's lock info from the body and tell it.
    init(heldBy lock: HeldLock) {
        let info = lock.info ?? LockInfo(id: lock.id, operation: "", who: "", version: "", created: "")
        self.init(423, json: info.json.bytes)
    }

    /// The one place where failures become statuses. Engines repeat a request that got one of 500 and above.
    init(_ error: any Error) {
        switch error {
        case let error as GatewayFailure:
            self.init(error.status, text: error.message)
            retryAfter = error.retryAfter
        case let error as LockHeldError: self.init(heldBy: error.lock)
        case let error as LockLostError: self.init(409, text: error.description)
        case let error as StateRefusal: self.init(409, text: error.description)
        case let error as StateStoreError: self.init(Self.status(error.code), text: error.description)
        case let error as KubernetesError: self.init(Self.status(error.code), text: error.description)
        case let error as StateFileError: self.init(400, text: "\(error)")
        default: self.init(500, text: "the gateway failed; its log says more")
        }
    }

    private static func status(_ code: StateStoreError.Code) -> Int {
        switch code {
        case .unsettled: 503
        case .tooLarge: 413
        default: 409
        }
    }

    private static func status(_ code: KubernetesError.Code) -> Int {
        switch code {
        case .unreachable, .server, .tooManyRequests, .badResponse: 503
        case .conflict, .alreadyExists: 409
        case .tooLarge: 413
        // What the gateway may do with the cluster is no matter of whoever asks it.
        default: 502
        }
    }
}

/// What an answer is made of.
enum GatewayBody: Sendable {
    /// Copied piece by piece as it is sent.
    case bytes([UInt8])
    /// Sent as it is, to many at a time.
    case shared([ByteBuffer])

    /// For many answers.
    static func sharing(_ bytes: [UInt8]) -> GatewayBody {
        // A buffer takes the next power of two, which is up to twice as much as a whole state has.
        .shared(
            stride(from: 0, to: bytes.count, by: sharedPiece).map { start in
                ByteBuffer(bytes: bytes[start..<min(start + sharedPiece, bytes.count)])
            })
    }

    private static let sharedPiece = 64 << 10

    var count: Int {
        switch self {
        case .bytes(let bytes): bytes.count
        case .shared(let pieces): pieces.reduce(0) { $0 + $1.readableBytes }
        }
    }
}
