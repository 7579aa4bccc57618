internal import ArgumentParser
internal import KubernetesAPI
internal import OrderedJSON
internal import Runner
internal import StateStorage

/// `stowage deployments`: what became of deployments, and what is to become of them.
struct DeploymentsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deployments",
        abstract: "List, show, follow, cancel and wait for deployments.",
        discussion: """
            A deployment is a Job, which goes an hour after it ended; what became of the \
            last ten of each environment is kept beside its state.

              stowage deployments list --config runner-config.yaml
              stowage deployments show --config runner-config.yaml \\
                a41bf32b-b337-43a4-8d65-1d565c5e25be

            To look needs jobs: get, list, pods and events: list, and pods/log: get; to \
            cancel needs jobs: update. What is kept beside the state needs secrets: get \
            and list there.

            EXIT STATUS
            \(ExitStatus.table)
            """,
        subcommands: [
            DeploymentsListCommand.self, DeploymentsShowCommand.self, DeploymentsLogsCommand.self,
            DeploymentsCancelCommand.self, DeploymentsWaitCommand.self, DeploymentsStateCommand.self,
        ])
}

/// The options that all commands on deployments share.
struct DeploymentsOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The namespace of the Jobs. Default: that of --config, else of the kubeconfig's context.",
            valueName: "name"))
    var jobNamespace: String?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "The namespace of the states. Default: that of --config; without one, results are not read.",
            valueName: "name"))
    var namespace: String?

    @OptionGroup(title: "Cluster") var runner: RunnerConfigOption
    @OptionGroup(title: "Cluster") var cluster: ClusterOptions
    @OptionGroup(title: "Output") var global: GlobalOptions

    func withDeployments<T: Sendable>(
        _ body: (_ deployments: Deployments, _ submitter: String) async throws -> T
    ) async throws -> T {
        let environment = processEnvironment()
        let runner = try await runner.read()
        let choice = try cluster.choice(environment: environment, runner: runner)
        var states = try namespace.map(checkedNamespace)
        if let runner { states = try runner.namespace(given: states) }
        let jobs = try jobNamespace.map(checkedNamespace) ?? runner?.configuration.job.namespace
        let storage = StateStoreConfiguration(environment: environment)
        return try await withChosenCluster(
            choice, environment: environment, logger: global.logger("stowage.deployments")
        ) { [states] client in
            let deployments = Deployments(
                client: client, namespace: try jobs ?? defaultNamespace(of: client.connection),
                store: states.map { StateStore(client: client, namespace: $0, configuration: storage) })
            return try await body(deployments, storage.writer)
        }
    }
}

/// The deployment that a command is for.
struct DeploymentArgument: ParsableArguments {
    @Argument(help: ArgumentHelp("The deployment, a UUID in lower case.", valueName: "uuid"))
    var deployment: String

    func identifier() throws -> DeploymentID {
        guard let identifier = DeploymentID(deployment) else {
            throw UsageError(
                description:
                    "'\(deployment)' is not the UUID of a deployment in lower case; `stowage deployments list` "
                    + "shows them")
        }
        return identifier
    }
}

struct DeploymentsListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the deployments that are known, the newest first.",
        usage: "stowage deployments list [<options>]")

    @OptionGroup var output: OutputOption
    @OptionGroup var options: DeploymentsOptions

    func run() async throws {
        try output.print(
            DeploymentReports.list(try await options.withDeployments { deployments, _ in try await deployments.all() }))
    }
}

struct DeploymentsShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show what is known of a deployment.",
        usage: "stowage deployments show [<options>] <uuid>")

    @OptionGroup var deployment: DeploymentArgument

    @Flag(help: "Show sensitive outputs too.")
    var showSensitive = false

    @OptionGroup var output: OutputOption
    @OptionGroup var options: DeploymentsOptions

    func run() async throws {
        let deployment = try deployment.identifier()
        let status = try await options.withDeployments { deployments, _ in try await deployments.status(of: deployment)
        }
        try output.print(DeploymentReports.one(status, showsSensitive: showSensitive))
    }
}

struct DeploymentsLogsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs", abstract: "Print the log of a deployment.",
        usage: "stowage deployments logs [<options>] <uuid>",
        discussion: """
            With --follow as it is written, to the end of the deployment; the exit status is \
            then that of the run.
            """)

    @OptionGroup var deployment: DeploymentArgument

    @Flag(name: .shortAndLong, help: "Go on until the deployment has ended.")
    var follow = false

    @OptionGroup var options: DeploymentsOptions

    func run() async throws {
        let (deployment, follow, isQuiet) = (try deployment.identifier(), follow, options.global.quiet)
        try await options.withDeployments { deployments, submitter in
            guard follow else {
                return try await deployments.log(of: deployment) { event in
                    if case .line(let line) = event { try writeToStandardOutput(line + [UInt8(ascii: "\n")]) }
                }
            }
            let following = DeploymentFollowing(
                deployments: deployments, deployment: deployment, submitter: submitter, isQuiet: isQuiet, log: .output)
            try DeploymentReports.finish(try await following.run())
        }
    }
}

struct DeploymentsCancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "End a deployment: its engine finishes what it does, and unlocks.",
        usage: "stowage deployments cancel [<options>] <uuid>",
        discussion: """
            The engine is interrupted, and has 60 seconds to end. Needs jobs: update, since \
            the Job's time is made to be over; the Job and its result stay.

              stowage deployments cancel --config runner-config.yaml \\
                a41bf32b-b337-43a4-8d65-1d565c5e25be
            """)

    @OptionGroup var deployment: DeploymentArgument
    @OptionGroup var options: DeploymentsOptions

    func run() async throws {
        let deployment = try deployment.identifier()
        try await options.withDeployments { try await $0.cancel(deployment, by: $1) }
        if !options.global.quiet {
            printMessage("deployment \(deployment) is ended; `stowage deployments wait` tells when it has")
        }
    }
}

struct DeploymentsWaitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wait", abstract: "Wait until a deployment has ended, and show what became of it.",
        usage: "stowage deployments wait [<options>] <uuid>",
        discussion: "The exit status is that of the run.")

    @OptionGroup var deployment: DeploymentArgument
    @OptionGroup var output: OutputOption
    @OptionGroup var options: DeploymentsOptions

    func run() async throws {
        let (deployment, isQuiet) = (try deployment.identifier(), options.global.quiet)
        let output = output
        try await options.withDeployments { deployments, submitter in
            // One that came to an end of its own needs no waiting; its Job may be gone.
            var status = try await deployments.status(of: deployment)
            if status.end.map(\.wasCutOff) ?? true {
                status = try await DeploymentFollowing(
                    deployments: deployments, deployment: deployment, submitter: submitter, isQuiet: isQuiet, log: .none
                ).run()
            }
            try output.print(DeploymentReports.one(status))
            try DeploymentReports.finish(status)
        }
    }
}
