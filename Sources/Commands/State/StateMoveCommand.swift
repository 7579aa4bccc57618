internal import ArgumentParser
internal import KubernetesAPI
internal import StateStorage

struct StateMoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "move",
        abstract: "Move states, with their history, to another namespace or cluster.",
        usage: "stowage state move [<options>] <uuid> ... --to-namespace <name>",
        discussion: """
            Each state is copied as it is, compared byte for byte, and only then taken away \
            from where it was. Its lock there stays held and says where the state went, so \
            that an engine that still looks there stops. Interrupted, start it again with \
            the same arguments: it goes on.

              stowage state move 4b41bf32-b337-93a4-ad65-1d565c5e25be \\
                --namespace old --to-namespace new --to-context production
            """)

    @Argument(help: ArgumentHelp("The environments, UUIDs in lower case.", valueName: "uuid"))
    var environments: [String]

    @Option(help: ArgumentHelp("The namespace that the states go to.", valueName: "name"))
    var toNamespace: String

    @Option(
        help: ArgumentHelp(
            "The context of a kubeconfig that the states go to. Default: the same cluster.", valueName: "name"))
    var toContext: String?

    @Option(
        help: ArgumentHelp(
            "The kubeconfig of that cluster. Default: the same file.", valueName: "file"))
    var toKubeconfig: String?

    @OptionGroup var lockTimeout: LockTimeoutOption
    @OptionGroup var output: OutputOption
    @OptionGroup var options: StateOptions

    func run() async throws {
        let identifiers = try distinctEnvironments(environments)
        let outcomes = try await interruptible({ "start the same move again, and it goes on" }) {
            try await options.withStore { source in
                try await withDestination(of: source) { destination in
                    try await moveAll(identifiers, from: source, to: destination)
                }
            }
        }
        try output.print(StateReports.moved(outcomes))
        try outcomes.throwFailure(
            hint:
                "start the same move again, and it goes on; until then each state is whole, where it was or where it went"
        )
    }

    private func moveAll(
        _ environments: [EnvironmentID], from source: StateStore, to destination: StateStore
    ) async throws -> [EnvironmentOutcome<MoveResult>] {
        let timeout = lockTimeout.duration
        return try await withProgress("Moving", isQuiet: options.global.quiet) { progress in
            try await forEach(environments, progress) { environment in
                try await source.move(environment, to: destination, waitingUpTo: timeout)
            }
        }
    }

    /// Opens the store that the states go to.
    private func withDestination<T: Sendable>(
        of source: StateStore, _ body: (StateStore) async throws -> T
    ) async throws -> T {
        let namespace = try checkedNamespace(toNamespace)
        guard toContext != nil || toKubeconfig != nil else {
            return try await body(
                StateStore(client: source.client, namespace: namespace, configuration: source.configuration))
        }
        var cluster = options.place.cluster
        cluster.kubeconfig = toKubeconfig ?? cluster.kubeconfig
        cluster.context = toContext
        (cluster.inCluster, cluster.embedded, cluster.clusterDir) = (false, false, nil)
        let environment = processEnvironment()
        let choice = try cluster.choice(environment: environment)
        return try await withChosenCluster(
            choice, environment: environment, logger: options.global.logger("stowage.state")
        ) { client in
            try await body(StateStore(client: client, namespace: namespace, configuration: source.configuration))
        }
    }
}

/// The environments that a command names, each once.
func distinctEnvironments(_ names: [String]) throws -> [EnvironmentID] {
    var seen: Set<EnvironmentID> = []
    return try names.map { try EnvironmentID($0) }.filter { seen.insert($0).inserted }
}
