/// What one client may hold on to, and for how long.
struct ConnectionLimits: Sendable {
    /// For the TLS handshake, from the moment that the connection is there.
    var handshake = Duration.seconds(10)
    /// For a request's line and headers, from their first byte.
    var head = Duration.seconds(30)
    /// For a request's body, from the end of the headers. As long as Kubernetes gives a whole request.
    var body = Duration.seconds(60)
    /// For a connection on which no request is under way.
    var idle = Duration.seconds(120)
    /// For a client that takes nothing of what is sent to it.
    var stalledWrite = Duration.seconds(60)
    /// For reading on after an answer that came before the end of its request, so that the client gets to see it.
    var lingering = Duration.seconds(2)
    /// For a request's line and headers together.
    var headBytes = 192 << 10
    /// Connections at a time; further ones wait until one of these ends.
    var connections = 4096
}
