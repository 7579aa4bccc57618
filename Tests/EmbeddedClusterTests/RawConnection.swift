@testable import EmbeddedCluster
import NIOCore
import NIOPosix
import NIOSSL
import OrderedJSON

/// A connection on which a test sends whatever bytes it likes.
struct RawConnection {
    enum Encryption {
        case none
        /// Up to this version, nil for the newest.
        case tls(TLSVersion?)
    }

    let channel: any Channel
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private(set) var received = ""

    fileprivate init(
        channel: any Channel, outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>,
        inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    ) {
        self.channel = channel
        self.outbound = outbound
        self.inbound = inbound
    }

    func send(_ text: String) async throws { try await outbound.write(ByteBuffer(string: text)) }

    func send(_ bytes: [UInt8]) async throws { try await outbound.write(ByteBuffer(bytes: bytes)) }

    /// Says that nothing more will come.
    func endSending() { outbound.finish() }

    /// Reads until that text has come.
    ///
    /// - Returns: what came up to its end; less when the connection ended before.
    mutating func receive(until end: String) async -> String {
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
    mutating func receiveAll() async -> String {
        while await receiveMore() {}
        return takeAll()
    }

    /// Reads one answer that says its length.
    mutating func receiveAnswer() async -> String {
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
}

extension TestCluster {
    var port: Int { Int(server.split(separator: ":").last ?? "") ?? 0 }

    /// The head of a request of the administrator, without the empty line at its end.
    func head(_ requestLine: String, _ fields: String...) -> String {
        ([requestLine, "Host: 127.0.0.1", "Authorization: Bearer \(administratorToken)"] + fields)
            .map { "\($0)\r\n" }.joined()
    }

    /// Connects for the time of the body.
    func withConnection<T: Sendable>(
        _ encryption: RawConnection.Encryption = .tls(nil), _ body: (inout RawConnection) async throws -> T
    ) async throws -> T {
        let context: NIOSSLContext?
        switch encryption {
        case .none: context = nil
        case .tls(let version):
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.certificateVerification = .none
            configuration.minimumTLSVersion = .tlsv1
            configuration.maximumTLSVersion = version
            context = try NIOSSLContext(configuration: configuration)
        }
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

    /// Sends it on a connection of its own.
    ///
    /// - Returns: what came until the server closed the connection.
    func exchange(_ request: String) async throws -> String {
        try await withConnection { connection in
            try await connection.send(request)
            return await connection.receiveAll()
        }
    }

    /// Connections on which nothing is sent; closed by the caller.
    func openIdleConnections(_ count: Int) async throws -> [any Channel] {
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        var channels: [any Channel] = []
        for _ in 0..<count { channels.append(try await bootstrap.connect(host: "127.0.0.1", port: port).get()) }
        return channels
    }

    /// Whether requests are answered, and secrets are as many as before.
    func goesOn(secrets count: Int = 0) async throws -> Bool {
        let answer = try await send("GET", "/api/v1/namespaces/default/secrets")
        return try answer.status == 200 && answer.json["items"]?.array?.count == count
    }
}
