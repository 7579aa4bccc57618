internal import ArgumentParser
internal import KubernetesAPI
internal import OrderedJSON
internal import Runner
internal import StateStorage

/// `stowage check`: whether states can be kept in a namespace, before a run finds out.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Tell whether states can be kept in a namespace, and what is missing.",
        discussion: """
            Asks the cluster for every right that the engines and Stowage need, says what \
            breaks without one that is missing, and prints the Role that closes the gap. \
            Looks at namespace, clock, encryption, quotas and the size of what is there.

              stowage check --namespace humanitec-runner \\
                --as-service-account humanitec-runner/humanitec-runner
              stowage check --namespace humanitec-runner --print-role \\
                --as-service-account humanitec-runner/humanitec-runner | kubectl apply -f -

            EXIT STATUS
            \(ExitStatus.table)
            """)

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "The namespace of the states. Default: that of --config, else of the kubeconfig's context.",
            valueName: "name"))
    var namespace: String?

    @Option(
        help: ArgumentHelp(
            "The ServiceAccount whose rights are asked for. Default: that of --config, else whoever the credentials "
                + "belong to.",
            valueName: "ns/name"))
    var asServiceAccount: ServiceAccountArgument?

    @Option(help: "The engine that must work by itself: terraform or tofu. Default: both.")
    var engine: CheckedEngine?

    @Option(
        help: ArgumentHelp(
            "Ask only for what runs of this environment need, as with a Role for it alone.", valueName: "uuid"))
    var environment: String?

    @Option(
        help: ArgumentHelp(
            "The namespace of deployments, which you must then be able to submit. Default: that of --config.",
            valueName: "name"))
    var jobNamespace: String?

    @Flag(help: "Read every state to measure what a stock init transfers, instead of ten.")
    var measure = false

    @Flag(help: "Write, read, lock and unlock an environment of its own for real, and remove it.")
    var probe = false

    @Flag(help: "Print only the YAML that closes the gap; nothing, where there is none.")
    var printRole = false

    @OptionGroup var output: OutputOption
    @OptionGroup(title: "Cluster") var runner: RunnerConfigOption
    @OptionGroup(title: "Cluster") var cluster: ClusterOptions
    @OptionGroup(title: "Output") var global: GlobalOptions

    func run() async throws {
        let environment = processEnvironment()
        let runner = try await runner.read()
        let choice = try cluster.choice(environment: environment, runner: runner)
        let request = try request(runner)
        let writer = "\(environment["USER"] ?? environment["LOGNAME"] ?? "stowage")@\(hostName())"
        let configuration = StateStoreConfiguration(writer: writer, programVersion: StowageCommand.version)
        let logger = global.logger("stowage.check")
        let result = try await interruptible({ "nothing was changed but by a probe, which tidied up" }) {
            try await withChosenCluster(choice, environment: environment, logger: logger) { client in
                var request = request
                if request.namespace.isEmpty { request.namespace = try defaultNamespace(of: client.connection) }
                return try await StorageCheck(client: client, request: request, configuration: configuration).run()
            }
        }
        if printRole {
            print(ManifestYAML.text(of: result.repairs.flatMap(\.objects)), terminator: "")
        } else if output.output == .table {
            print(try CheckReports.text(result), terminator: "")
        } else {
            try output.print(CheckReports.json(result))
        }
        try CheckReports.finish(result)
    }

    /// - Returns: with an empty namespace where that of the context is meant.
    private func request(_ runner: ChosenRunner?) throws -> CheckRequest {
        let given = try namespace.map(checkedNamespace)
        var request = CheckRequest(namespace: try runner?.namespace(given: given) ?? given ?? "")
        let job = runner?.configuration.job
        request.account = job.map { ServiceAccountReference(namespace: $0.namespace, name: $0.serviceAccount) }
        if let asServiceAccount {
            request.account = ServiceAccountReference(
                namespace: try checkedNamespace(asServiceAccount.namespace), name: asServiceAccount.name)
        }
        request.environment = try environment.map { try EnvironmentID($0) }
        request.engine = engine?.consumer
        request.jobNamespace = try jobNamespace.map(checkedNamespace) ?? job?.namespace
        request.measuresAll = measure
        request.probes = probe
        return request
    }
}

/// `namespace/name`.
struct ServiceAccountArgument: ExpressibleByArgument {
    let namespace: String
    let name: String

    init?(argument: String) {
        guard let match = argument.wholeMatch(of: #/([^\/]+)\/([a-z0-9]([-a-z0-9.]*[a-z0-9])?)/#) else { return nil }
        (namespace, name) = (String(match.1), String(match.2))
    }
}

/// The engine that a check is for.
enum CheckedEngine: String, ExpressibleByArgument, CaseIterable {
    case terraform, tofu

    var consumer: Consumer {
        switch self {
        case .terraform: .terraform
        case .tofu: .tofu
        }
    }
}
