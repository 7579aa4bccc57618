internal import NIOCore
internal import NIOPosix

/// A port for a server that ends and comes back.
///
/// It is below those that Linux gives to whoever asks for any (`net.ipv4.ip_local_port_range`, from 32768 on): one of those may be
/// somebody else's by the time that the server comes back.
public func lastingPort() async throws -> Int {
    while true {
        let port = Int.random(in: 20_000..<32_768)
        let server = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        guard let channel = try? await server.bind(host: "127.0.0.1", port: port).get() else {
            try Task.checkCancellation()
            continue
        }
        try await channel.close()
        return port
    }
}
