internal import ArgumentParser
internal import CLibrary
internal import KubernetesAPI
internal import LocalFiles
internal import OrderedJSON
internal import Runner
internal import StateStorage
internal import UnixSignals

/// The options that all runs share.
struct RunOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The environment, a UUID in lower case.", valueName: "uuid"))
    var environment: String

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "The namespace of the state. Default: that of --config, else of the kubeconfig's context.",
            valueName: "name"))
    var namespace: String?

    @Option(
        help: ArgumentHelp(
            "The engine: terraform, tofu or a path. Default: the one on PATH.", valueName: "engine"))
    var engine: String?

    @Option(
        help: ArgumentHelp(
            "How the engine comes to its state: by its kubernetes backend, or by its http backend and a gateway of this run. Default: that of --config, else kubernetes.",
            valueName: "backend"))
    var backend: GivenBackend?

    @OptionGroup var variables: VariableOptions

    @OptionGroup(title: "Engine") var engineOptions: EngineOptionGroup
    @OptionGroup(title: "Turns and time") var turn: TurnOptions
    @OptionGroup var history: HistoryOption
    @OptionGroup var size: StateSizeOption
    @OptionGroup(title: "Cluster") var runner: RunnerConfigOption
    @OptionGroup(title: "Cluster") var cluster: ClusterOptions
    @Flag(help: "Print each event as a line of JSON, the engine's own within, and the result as the last one.")
    var json = false

    @OptionGroup(title: "Output") var global: GlobalOptions

    @Argument(help: ArgumentHelp("The folder of the module.", valueName: "module-dir"))
    var module: String

    @Argument(
        parsing: .postTerminator,
        help: ArgumentHelp(
            "After --, more options of the engine as it spells them, such as -compact-warnings.",
            valueName: "engine-args"))
    var engineArguments: [String] = []

    /// - Parameter adjust: what the command itself adds to the request.
    func run(
        _ operation: RunRequest.Operation, adjust: (inout RunRequest) async throws -> Void = { _ in }
    ) async throws {
        // A reader of our output that goes away must not end us, and the engine's work with us.
        signal(SIGPIPE, SIG_IGN)
        let printer = json ? RunEventPrinter() : nil
        var report: RunReport?
        do {
            let finished = try await finish(operation, printer, adjust)
            report = finished
            try finished.finish()
            let status: ExitStatus = finished.outcome.hasChanges ? .changes : .success
            printer?.print(line: result(of: operation, status, finished))
            if printer == nil, !global.quiet { printMessage(finished.summary) }
            if status != .success { throw ExitCode(status.rawValue) }
        } catch let code as ExitCode {
            throw code
        } catch {
            printer?.print(line: result(of: operation, ExitStatus(error), report, error: error))
            throw error
        }
    }

    private func finish(
        _ operation: RunRequest.Operation, _ printer: RunEventPrinter?,
        _ adjust: (inout RunRequest) async throws -> Void
    ) async throws -> RunReport {
        let processEnvironment = processEnvironment()
        let logger = global.logger("stowage.run")
        var request = try request(operation)
        let runner = try await runner.read()
        let choice = try cluster.choice(environment: processEnvironment, runner: runner)
        request.backend = backend?.backend ?? runner?.configuration.stateStorage.backend ?? .kubernetes
        try await adjust(&request)
        let interruption = Interruption()
        let hasColours = Terminal.standardOutputColumns != nil && processEnvironment["NO_COLOR", default: ""].isEmpty
        var context = RunContext(
            environment: processEnvironment, interruption: interruption,
            storage: StateStoreConfiguration(environment: processEnvironment, size: size, history: history),
            hasColours: hasColours, report: printer?.report)
        context.clusterOptions = self.runner.commandLine + cluster.commandLine
        context.notify = notify(printer)
        if let period = turn.givenGracePeriod { context.gracePeriod = period }
        // Everything that needs no cluster is checked before one is started or asked.
        var namespace = try namespace.map(checkedNamespace)
        if let runner { namespace = try runner.namespace(given: namespace) }
        if let namespace { request.namespace = namespace }
        _ = try Run(request, context: context, logger: logger)

        let (prepared, isNamespaceKnown, known) = (request, namespace != nil, context)
        return try await withSignals(handle: { interruption.interrupt($0 == .sigterm ? SIGTERM : SIGINT) }) {
            try await withChosenCluster(choice, environment: processEnvironment, logger: logger) { client in
                var request = prepared
                if !isNamespaceKnown { request.namespace = try defaultNamespace(of: client.connection) }
                let outcome = try await Run(request, context: known, logger: logger).execute(client: client)
                return RunReport(request: request, outcome: outcome)
            }
        }
    }

    /// Tells what happens around the engine.
    private func notify(_ printer: RunEventPrinter?) -> @Sendable (RunNotice) -> Void {
        if let printer { return { printer.report(.notice($0)) } }
        let isQuiet = global.quiet
        return { if $0.isGrave || !isQuiet { printMessage($0.message) } }
    }

    /// The last line of JSON.
    private func result(
        of operation: RunRequest.Operation, _ status: ExitStatus, _ report: RunReport?, error: (any Error)? = nil
    ) -> JSON {
        var json: JSON = [
            "type": "result", "operation": .string(operation.rawValue), "environment": .string(environment),
            "status": error == nil ? "success" : "failure", "exitStatus": .number(JSONNumber(Int(status.rawValue))),
        ]
        for (name, value) in report?.json.object ?? [:] { json[name] = value }
        if let error { json["error"] = ["message": .string("\(error)")] }
        json["time"] = .string(Timestamp.now())
        return json
    }

    private func request(_ operation: RunRequest.Operation) throws -> RunRequest {
        RunRequest(
            operation: operation, environment: try EnvironmentID(environment), namespace: "", module: module,
            engine: engine, variables: variables.engineVariables, wait: turn.waitingTime,
            timeout: turn.timeLimit, options: engineOptions.engineOptions(further: engineArguments),
            isQuiet: global.quiet)
    }
}

/// A namespace's name is a DNS-1123 label of at most 63 characters.
func checkedNamespace(_ name: String) throws -> String {
    guard name.utf8.count <= 63, name.wholeMatch(of: #/[a-z0-9]([-a-z0-9]*[a-z0-9])?/#) != nil else {
        throw UsageError(
            description: "'\(name)' is not the name of a namespace: up to 63 lower-case letters, digits and '-', "
                + "with a letter or digit at both ends")
    }
    return name
}

/// By which backend the engine comes to its state, on the command line.
struct GivenBackend: ExpressibleByArgument {
    let backend: StateBackend

    init?(argument: String) {
        guard let backend = StateBackend(rawValue: argument) else { return nil }
        self.backend = backend
    }

    static var allValueStrings: [String] { StateBackend.allCases.map(\.rawValue) }
}
