/// How far the requests of one connection are, as far as its limits are concerned.
///
/// A value that is told what happens and says what follows; `ConnectionGuard` does it.
struct ConnectionState: Sendable, Hashable {
    /// What is being read.
    enum Reading: Sendable, Hashable {
        case handshake
        /// No request has begun.
        case nothing
        case head(bytes: Int)
        /// - Parameter unread: what the client said is still to come; nil where it did not say.
        case body(unread: Int?)
        /// The last request was read. Whatever else comes is thrown away.
        case finished
        /// What came could not be read, or was not worth it. Whatever else comes is thrown away.
        case refused
    }

    /// Why nothing more is read.
    enum Refusal: Sendable, Hashable {
        case headTooLarge, headTooSlow, malformed
    }

    /// What is to be done with bytes that came.
    enum Arrival: Sendable, Hashable {
        case read
        /// They begin a request.
        case readFirst
        case drop
        case refuse(Refusal)
    }

    /// What is to be done about a request that cannot be read to its end.
    enum Failure: Sendable, Hashable {
        /// Answer in the place of the request that was not understood.
        case refuse(Refusal)
        /// The request that is being answered learns it.
        case tellRequest
        case close
        /// Nothing; the connection ends with the answer that is under way.
        case wait
        /// Go on reading and throwing away for as long again.
        case lingerOn
    }

    enum AfterAnswer: Sendable, Hashable {
        case goOn
        case close
        /// Close, but not before the client had a chance to read the answer.
        case linger
    }

    /// What must be known of a request's head.
    struct Head: Sendable, Hashable {
        var isHTTP10 = false
        /// Whether the client wants no other answer; always so for HTTP/1.0.
        var endsConnection = false
        var expectsContinue = false
        /// 0 without a body, nil for one of unknown length.
        var bodyLength: Int?
    }

    /// More of a body than this is not read for the sake of the next request.
    static let worthReading = 256 << 10
    /// How often a client that goes on sending after its answer is given the time to come to an end again.
    static let lingerings = 15

    private(set) var reading = Reading.handshake
    /// The requests whose answer has not ended, in their order.
    private var unanswered: [Head] = []
    private var endsWithAnswer = false
    /// Whether nothing more is read for now: nobody has asked for the body yet.
    private(set) var isHeld = false
    /// Whether something came that was thrown away, since that was asked last.
    private var sendsOn = false
    private var lingeringsLeft = Self.lingerings

    mutating func handshakeCompleted() { reading = .nothing }

    mutating func bytesArrived(_ count: Int, limit: Int) -> Arrival {
        switch reading {
        case .handshake, .nothing:
            reading = .head(bytes: count)
            return .readFirst
        case .head(let bytes):
            guard bytes + count <= limit else { return refuse(.headTooLarge).asArrival }
            reading = .head(bytes: bytes + count)
            return .read
        case .body: return .read
        case .finished, .refused:
            sendsOn = true
            return .drop
        }
    }

    var isReading: Bool { reading != .finished && reading != .refused }

    /// - Parameter holdsBody: whether the body is read only when somebody asks for it.
    /// - Returns: whether the client waits to be told to send the body, and is to be told so.
    mutating func headArrived(_ head: Head, bodyLimit: Int, holdsBody: Bool = false) -> Bool {
        reading = .body(unread: head.bodyLength)
        isHeld = holdsBody && head.bodyLength != 0
        unanswered.append(head)
        return head.expectsContinue && !head.isHTTP10 && unanswered.count == 1 && head.bodyLength ?? 0 <= bodyLimit
    }

    mutating func bodyArrived(_ count: Int) {
        if case .body(let unread?) = reading { reading = .body(unread: max(0, unread - count)) }
    }

    /// Somebody asks for the body.
    mutating func bodyWanted() { isHeld = false }

    mutating func requestEnded() {
        isHeld = false
        guard case .body = reading else { return }
        reading = unanswered.last?.endsConnection == true ? .finished : .nothing
    }

    /// - Returns: whether the answer is for HTTP/1.0, and whether the connection ends with it.
    mutating func answerBegins() -> (isHTTP10: Bool, endsConnection: Bool) {
        guard let head = unanswered.first else { return (false, true) }
        if head.endsConnection || isLongUnread { endsWithAnswer = true }
        return (head.isHTTP10, endsWithAnswer && unanswered.count == 1)
    }

    mutating func answerEnded() -> AfterAnswer {
        isHeld = false
        if !unanswered.isEmpty { unanswered.removeFirst() }
        guard endsWithAnswer, unanswered.isEmpty else { return .goOn }
        let isRead = reading == .finished
        reading = .refused
        return isRead ? .close : .linger
    }

    /// The time for what is being read is over.
    mutating func expired() -> Failure {
        switch reading {
        case .handshake, .nothing, .finished: .close
        case .refused: lingerOn()
        case .head: refuse(.headTooSlow)
        case .body: abandonBody()
        }
    }

    /// The server wants to end: a client that goes on sending after its answer is not given more time again.
    mutating func serverStops() { lingeringsLeft = 0 }

    /// What came is not HTTP.
    mutating func parsingFailed(tooLarge: Bool) -> Failure {
        switch reading {
        case .finished, .refused: .wait
        case .body: abandonBody()
        case .handshake, .nothing, .head: refuse(tooLarge ? .headTooLarge : .malformed)
        }
    }

    private mutating func refuse(_ refusal: Refusal) -> Failure {
        isHeld = false
        reading = .refused
        endsWithAnswer = true
        // An answer in between would be taken for that of an earlier request.
        return unanswered.isEmpty ? .refuse(refusal) : .wait
    }

    private mutating func abandonBody() -> Failure {
        isHeld = false
        reading = .refused
        endsWithAnswer = true
        return unanswered.isEmpty ? .close : .tellRequest
    }

    /// A client reads its answer only when it has sent what it was about to send, which takes long on a slow line.
    private mutating func lingerOn() -> Failure {
        guard sendsOn, lingeringsLeft > 0 else { return .close }
        sendsOn = false
        lingeringsLeft -= 1
        return .lingerOn
    }

    /// Whether so much of the request that is being answered is still to come that the next one is not waited for.
    private var isLongUnread: Bool {
        guard case .body(let unread) = reading, unanswered.count == 1 else { return false }
        return unread ?? .max > Self.worthReading
    }
}

extension ConnectionState.Failure {
    fileprivate var asArrival: ConnectionState.Arrival {
        if case .refuse(let refusal) = self { .refuse(refusal) } else { .drop }
    }
}
