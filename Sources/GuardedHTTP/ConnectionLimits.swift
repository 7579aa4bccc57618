/// What one client may hold on to, and for how long.
public struct ConnectionLimits: Sendable {
    /// For the TLS handshake, from the moment that the connection is there.
    public var handshake = Duration.seconds(10)
    /// For a request's line and headers, from their first byte.
    public var head = Duration.seconds(30)
    /// For a request's body, from the end of the headers; as long as Kubernetes gives a whole request. Where
    /// ``bodyProgress`` is less than the body, for each that many bytes of it.
    public var body = Duration.seconds(60)
    /// For a connection on which no request is under way.
    public var idle = Duration.seconds(120)
    /// For a client that takes nothing of what is sent to it.
    public var stalledWrite = Duration.seconds(60)
    /// For reading on after an answer that came before the end of its request, so that the client gets to see it; given again, up to
    /// 15 times, while the client goes on sending.
    public var lingering = Duration.seconds(2)
    /// For a request's line and headers together.
    public var headBytes = 192 << 10
    /// What of a body has to come in each ``body``, in bytes, for more time to be given to it.
    public var bodyProgress = Int.max
    /// For a body, of those that wait to be told to send it (`Expect: 100-continue`), in bytes.
    public var bodyBytes = 3_145_728
    /// Whether a body stays in the socket until ``BodyWanted`` is sent to its connection, or the request is answered. What comes
    /// with the head is read all the same.
    public var holdsBodies = false
    /// For what is read from a socket at a time, in bytes; each connection keeps that much for the next read.
    public var readBytes = 64 << 10
    /// Connections at a time; further ones wait until one of these ends.
    public var connections = 4096

    public init() {}
}
