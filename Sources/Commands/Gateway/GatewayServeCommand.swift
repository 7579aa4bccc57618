internal import ArgumentParser
internal import CMalloc
internal import LocalFiles
internal import Logging
internal import StateGateway
internal import StateStorage
internal import UnixSignals

struct GatewayServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Listen, until interrupted. Prints the address when it answers.",
        discussion: """
            One line is logged to stderr for each request: who, which environment, what, and \
            how it ended; never content. Without a certificate it listens on loopback only.

              stowage gateway serve --listen 0.0.0.0:8460 \\
                --tls-cert tls.crt --tls-key tls.key
            """)

    @Option(help: ArgumentHelp("Where to listen; port 0 takes one that is free.", valueName: "host:port"))
    var listen = ListenAddress(host: "127.0.0.1", port: 8460)

    @Option(
        help: ArgumentHelp("The server's certificate, PEM; taken up again when it is renewed.", valueName: "file"))
    var tlsCert: String?

    @Option(help: ArgumentHelp("The key of the certificate, PEM.", valueName: "file"))
    var tlsKey: String?

    @Option(
        help: ArgumentHelp("Who signs clients' certificates, PEM; every client then needs one.", valueName: "file"))
    var clientCa: String?

    @OptionGroup var options: StateOptions

    func run() async throws {
        let configuration = try configuration()
        try await options.withStore { store in
            // It stays, and what one state took must not stay with it: most are less than a megabyte.
            stowage_return_large_memory(1 << 16)
            let server = GatewayServer(
                store: store,
                authority: TokenAuthority(GatewayTokens(client: store.client, namespace: store.namespace)),
                configuration: configuration, record: record)
            let scheme = configuration.isEncrypted ? "https" : "http"
            try await server.run(stoppingAt: [.sigterm, .sigint]) { port in
                print("\(scheme)://\(configuration.host):\(port)/v1/environments")
                flushStandardOutput()
            }
        }
    }

    /// The record of requests is what a gateway has to say, so it is not quiet by default.
    private var record: Logger {
        var logger = options.global.logger("stowage.gateway")
        if !options.global.quiet, logger.logLevel > .info { logger.logLevel = .info }
        return logger
    }

    private func configuration() throws -> GatewayConfiguration {
        var configuration = GatewayConfiguration(host: listen.host, port: listen.port)
        switch (tlsCert, tlsKey) {
        case (let certificate?, let key?):
            do {
                try configuration.useTLS(certificatePath: certificate, keyPath: key, clientAuthorities: clientCa)
            } catch {
                throw CommandError(
                    status: .files,
                    description:
                        "the certificate \(certificate), its key \(key) or the authorities cannot be used: \(error)")
            }
        case (nil, nil):
            guard clientCa == nil else { throw UsageError(description: "--client-ca needs --tls-cert and --tls-key") }
            guard configuration.isLoopback else {
                throw UsageError(
                    description: "\(listen.host) can be reached by others, and states are secrets; pass --tls-cert and "
                        + "--tls-key, or listen on 127.0.0.1")
            }
        default: throw UsageError(description: "--tls-cert and --tls-key go together")
        }
        return configuration
    }
}

/// `HOST:PORT`, `[::1]:PORT`.
struct ListenAddress: ExpressibleByArgument, CustomStringConvertible {
    let host: String
    let port: Int

    init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    init?(argument: String) {
        guard let match = argument.wholeMatch(of: #/(?:\[([0-9A-Fa-f:.]+)\]|([^:\[\]]+)):(\d{1,5})/#),
            let port = Int(match.3), port < 65536, let host = match.1 ?? match.2
        else { return nil }
        self.init(host: String(host), port: port)
    }

    var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
    var defaultValueDescription: String { description }
}
