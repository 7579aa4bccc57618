internal import ArgumentParser
internal import OrderedJSON
internal import StateGateway
internal import StateStorage

struct GatewayTokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Make, list and revoke the tokens that engines show to the gateway.",
        discussion: """
            A token is for one environment. Only its hash is kept, in a Secret of the \
            namespace.

              stowage gateway token create 4b41bf32-b337-93a4-ad65-1d565c5e25be --ttl 24h
            """,
        subcommands: [
            GatewayTokenCreateCommand.self, GatewayTokenListCommand.self, GatewayTokenRevokeCommand.self,
        ])
}

struct GatewayTokenCreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make a token, and print it, this once.",
        usage: "stowage gateway token create [<options>] <uuid>",
        discussion: """
              export TF_HTTP_PASSWORD=$(stowage gateway token create \\
                4b41bf32-b337-93a4-ad65-1d565c5e25be --scope read --ttl 8h)
            """)

    @OptionGroup var environment: EnvironmentArgument

    @Option(help: "What it allows: read, or write, which is everything.")
    var scope = ScopeArgument(.write)

    @Option(help: ArgumentHelp("How long it is good for, such as 8h. Default: until revoked.", valueName: "duration"))
    var ttl: WaitingTime?

    @OptionGroup var options: StateOptions

    func run() async throws {
        let (environment, scope, lifetime) = (try environment.identifier(), scope.scope, ttl?.duration)
        let credential = try await options.withStore { store in
            try await GatewayTokens(client: store.client, namespace: store.namespace).create(
                for: environment, scope: scope, lifetime: lifetime, creator: store.configuration.writer
            ).credential
        }
        print(credential)
    }
}

struct GatewayTokenListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the tokens of an environment, without what would let one use them.",
        usage: "stowage gateway token list [<options>] <uuid>",
        discussion: """
              stowage gateway token list 4b41bf32-b337-93a4-ad65-1d565c5e25be
            """)

    @OptionGroup var environment: EnvironmentArgument
    @OptionGroup var output: OutputOption
    @OptionGroup var options: StateOptions

    func run() async throws {
        let environment = try environment.identifier()
        let tokens = try await options.withStore { store in
            try await GatewayTokens(client: store.client, namespace: store.namespace).list(environment)
        }
        try output.print(GatewayReports.tokens(tokens))
    }
}

struct GatewayTokenRevokeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Take a token back; gateways notice within seconds.",
        usage: "stowage gateway token revoke [<options>] <uuid> <name>",
        discussion: """
              stowage gateway token revoke 4b41bf32-b337-93a4-ad65-1d565c5e25be 9f2c41d07a3b
            """)

    @OptionGroup var environment: EnvironmentArgument

    @Argument(help: ArgumentHelp("The token's name, as `list` prints it.", valueName: "name"))
    var name: String

    @OptionGroup var options: StateOptions

    func run() async throws {
        let (environment, name) = (try environment.identifier(), name)
        let isFound = try await options.withStore { store in
            try await GatewayTokens(client: store.client, namespace: store.namespace).revoke(name, of: environment)
        }
        guard isFound else {
            throw UsageError(
                description: "environment \(environment) has no token '\(name)'; "
                    + "`stowage gateway token list \(environment)` lists them")
        }
    }
}

/// What commands on the gateway print.
enum GatewayReports {
    static func tokens(_ tokens: [GatewayToken]) -> Report {
        Report(
            json: .array(
                tokens.map { token in
                    [
                        "name": .string(token.name), "scope": .string(token.scope.rawValue),
                        "created": .string(token.created), "creator": .string(token.creator),
                        "expires": token.expires.map(JSON.string) ?? .null,
                    ]
                }),
            columns: ["Name", "Scope", "Created", "By", "Expires"],
            rows: tokens.map { [$0.name, $0.scope.rawValue, $0.created, $0.creator, $0.expires ?? "-"] })
    }
}

/// The name of a scope on the command line.
struct ScopeArgument: ExpressibleByArgument {
    let scope: GatewayScope

    init(_ scope: GatewayScope) { self.scope = scope }

    init?(argument: String) {
        guard let scope = GatewayScope(rawValue: argument) else { return nil }
        self.scope = scope
    }

    var defaultValueDescription: String { scope.rawValue }
    static var allValueStrings: [String] { GatewayScope.allCases.map(\.rawValue) }
}
