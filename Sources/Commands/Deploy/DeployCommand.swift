internal import ArgumentParser
internal import KubernetesAPI
internal import OrderedJSON
internal import Runner
internal import StateStorage

/// `stowage deploy`: a run as a Kubernetes Job.
struct DeployCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deploy",
        abstract: "Run an engine for an environment as a Job of the runner's cluster.",
        usage: "stowage deploy [<options>] --config <file> --environment <uuid> <module-dir>",
        discussion: """
            Sends the module with what it refers to by ../… to a Job, whose pod runs the \
            engine, and prints the deployment's UUID. Deployments of one environment take \
            their turns.

              stowage deploy --config runner-config.yaml --follow \\
                --environment 4b41bf32-b337-93a4-ad65-1d565c5e25be ./module

            With --follow the log comes as it is written, and the exit status is that of \
            the run. Ctrl-C then asks whether to leave the deployment alone or to cancel \
            it; without a terminal, and with a second Ctrl-C, it is left alone.

            A value that is a secret belongs in a file (--var-file): this command's own \
            line can be read by everyone on the machine. Values go to the pod in a Secret \
            of the deployment, and are taken out of its log.

            EXIT STATUS
            \(ExitStatus.table)
            """)

    @Option(help: ArgumentHelp("The environment, a UUID in lower case.", valueName: "uuid"))
    var environment: String

    @Option(help: "What to do: deploy, plan_only or destroy.")
    var mode = DeploymentMode.deploy

    @Option(
        help: ArgumentHelp(
            "The image of the pod's container; the runner's pod_template may name another. Default: \(Self.image).",
            valueName: "image"))
    var image = Self.image

    /// What the recipe of this version makes.
    private static let image = "stowage:\(StowageCommand.version)"

    @Flag(help: "Print the log as it is written, and wait for the end.")
    var follow = false

    @Option(
        help: ArgumentHelp(
            "How long the engine may work from its turn on: then it is interrupted, finishes and unlocks. Default: 1h.",
            valueName: "duration"))
    var timeout: WaitingTime?

    @Option(
        help: ArgumentHelp(
            "How long to wait for the turn, which does not count against --timeout. Default: 1h.",
            valueName: "duration"))
    var wait: WaitingTime?

    @Option(
        help: ArgumentHelp(
            "The engine: terraform, tofu or a path. Default: the one of the image.", valueName: "engine"))
    var engine: String?

    @Option(
        help: ArgumentHelp(
            "How the engine comes to its state: by its kubernetes backend, or by its http backend and a gateway of its run. Default: that of --config, else kubernetes.",
            valueName: "backend"))
    var backend: GivenBackend?

    @OptionGroup var variables: VariableOptions

    @Option(
        help: ArgumentHelp(
            "The folder that bounds what is sent. Default: the git work tree around the module.", valueName: "dir"))
    var bundleRoot: String?

    @Option(help: ArgumentHelp("What the pod has as ORG_ID.", valueName: "id"))
    var orgId = "stowage"

    @Option(help: ArgumentHelp("What the pod has as RUNNER_ID.", valueName: "id"))
    var runnerId = "stowage"

    @OptionGroup var output: OutputOption
    @OptionGroup(title: "Cluster") var runner: RunnerConfigOption
    @OptionGroup(title: "Cluster") var cluster: ClusterOptions
    @OptionGroup(title: "Output") var global: GlobalOptions

    @Argument(help: ArgumentHelp("The folder of the module.", valueName: "module-dir"))
    var module: String

    func validate() throws {
        guard runner.path != nil else { throw ValidationError("pass the runner's file with --config") }
    }

    func run() async throws {
        let processEnvironment = processEnvironment()
        guard let runner = try await runner.read() else { return }
        let configuration = runner.configuration
        let choice = try cluster.choice(environment: processEnvironment, runner: runner)
        var request = DeploymentRequest(
            environment: try EnvironmentID(environment), mode: mode.mode, image: image, module: module,
            variables: variables.engineVariables,
            organization: orgId, runner: runnerId)
        request.bundleRoot = bundleRoot
        request.engine = engine
        request.backend = backend?.backend ?? configuration.stateStorage.backend
        if let timeout { request.timeout = timeout.duration }
        if let wait { request.wait = wait.duration }
        request.logLevel = global.logLevel.rawValue
        let storage = StateStoreConfiguration(environment: processEnvironment)
        let (prepared, follow, output, isQuiet) = (request, follow, output, global.quiet)
        try await withChosenCluster(
            choice, environment: processEnvironment, logger: global.logger("stowage.deploy")
        ) { client in
            let store = StateStore(
                client: client, namespace: configuration.stateStorage.namespace, configuration: storage)
            let deployments = Deployments(client: client, namespace: configuration.job.namespace, store: store)
            let deployment = try await deployments.submit(
                prepared, job: configuration.job, stateNamespace: store.namespace, submitter: storage.writer)
            if output.output == .table {
                ReportStream.printed("\(deployment)\n")
            } else if !follow {
                return try output.print(DeploymentReports.one(try await deployments.status(of: deployment)))
            }
            guard follow else { return }
            let following = DeploymentFollowing(
                deployments: deployments, deployment: deployment, submitter: storage.writer, isQuiet: isQuiet,
                log: output.output == .table ? .output : .errors)
            let status = try await following.run()
            if output.output != .table { try output.print(DeploymentReports.one(status)) }
            try DeploymentReports.finish(status)
        }
    }
}

/// A mode on the command line.
struct DeploymentMode: ExpressibleByArgument {
    let mode: JobManifest.Mode

    static let deploy = DeploymentMode(mode: .deploy)

    init(mode: JobManifest.Mode) { self.mode = mode }

    init?(argument: String) {
        guard let mode = JobManifest.Mode(rawValue: argument) else { return nil }
        self.mode = mode
    }

    static var allValueStrings: [String] { JobManifest.Mode.allCases.map(\.rawValue) }
    var defaultValueDescription: String { mode.rawValue }
}
