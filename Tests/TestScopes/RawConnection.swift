public import NIOCore
internal import NIOPosix
public import NIOSSL

/// A connection on which a test sends whatever bytes it likes.
public struct RawConnection {
    public enum Encryption: Sendable {
        case none
        /// Up to this version, nil for the newest.
        case tls(TLSVersion?)
    }

    public let channel: any Channel
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private var received = ""

    private init(
        channel: any Channel, outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>,
        inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    ) {
        self.channel = channel
        self.outbound = outbound
        self.inbound = inbound
    }

    public func send(_ text: String) async throws { try await send(Array(text.utf8)) }

    /// A server may have ended the connection before a busy machine comes to this: what is received then says so.
    public func send(_ bytes: [UInt8]) async throws {
        try Task.checkCancellation()
        try? await outbound.write(ByteBuffer(bytes: bytes))
    }

    /// Says that nothing more will come.
    public func endSending() { outbound.finish() }

    /// Reads until that text has come.
    ///
    /// - Returns: what came up to its end; less when the connection ended before.
    public mutating func receive(until end: String) async -> String {
        while true {
            if let range = received.firstRange(of: end) {
                let head = String(received[..<range.upperBound])
                received.removeSubrange(..<range.upperBound)
                return head
            }
            guard await receiveMore() else { return takeAll() }
        }
    }

    /// Reads until the server closes the connection.
    public mutating func receiveAll() async -> String {
        while await receiveMore() {}
        return takeAll()
    }

    /// Reads one answer that says its length.
    public mutating func receiveAnswer() async -> String {
        let head = await receive(until: "\r\n\r\n")
        let length = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
            .flatMap { Int($0.dropFirst(15).filter { $0 != " " }) }
        while received.utf8.count < length ?? 0, await receiveMore() {}
        let body = String(decoding: Array(received.utf8.prefix(length ?? 0)), as: UTF8.self)
        received = String(received.dropFirst(body.count))
        return head + body
    }

    private mutating func receiveMore() async -> Bool {
        // A connection that is reset has ended, too.
        guard let buffer = try? await inbound.next() else { return false }
        received += String(buffer: buffer)
        return true
    }

    private mutating func takeAll() -> String {
        defer { received = "" }
        return received
    }

    /// Connects to a port of this machine for the time of the body.
    public static func with<T: Sendable>(
        port: Int, _ encryption: Encryption, _ body: (inout RawConnection) async throws -> T
    ) async throws -> T {
        let context = try context(encryption)
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let context {
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLClientHandler(context: context, serverHostname: nil))
                    }
                    return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel,
                        configuration: .init(isOutboundHalfClosureEnabled: true))
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            var connection = RawConnection(
                channel: channel.channel, outbound: outbound, inbound: inbound.makeAsyncIterator())
            return try await body(&connection)
        }
    }

    private static func context(_ encryption: Encryption) throws -> NIOSSLContext? {
        guard case .tls(let version) = encryption else { return nil }
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .none
        configuration.minimumTLSVersion = .tlsv1
        configuration.maximumTLSVersion = version
        return try NIOSSLContext(configuration: configuration)
    }

    /// Connections to a port of this machine on which nothing is sent; closed by the caller.
    public static func idle(_ count: Int, port: Int) async throws -> [any Channel] {
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        var channels: [any Channel] = []
        for _ in 0..<count { channels.append(try await bootstrap.connect(host: "127.0.0.1", port: port).get()) }
        return channels
    }
}
