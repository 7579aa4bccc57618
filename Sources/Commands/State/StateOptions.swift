internal import ArgumentParser
internal import CMalloc
internal import KubernetesAPI
internal import OrderedJSON
internal import StateStorage

/// The options that all commands on states share.
struct StateOptions: ParsableArguments {
    @OptionGroup var place: PlaceOptions
    @OptionGroup var size: StateSizeOption
    @OptionGroup(title: "Output") var global: GlobalOptions

    /// Opens the store for as long as the body lasts.
    ///
    /// - Parameter history: of a command that writes states.
    func withStore<T: Sendable>(
        keeping history: HistoryOption? = nil, _ body: (StateStore) async throws -> T
    ) async throws -> T {
        stowage_return_large_memory(1 << 18)
        let environment = processEnvironment()
        let logger = global.logger("stowage.state")
        let place = try await place.read(environment)
        let configuration = StateStoreConfiguration(environment: environment, size: size, history: history)
        return try await withChosenCluster(place.cluster, environment: environment, logger: logger) { client in
            let namespace = try place.namespace(of: client.connection)
            return try await body(StateStore(client: client, namespace: namespace, configuration: configuration))
        }
    }
}

/// The environment that a command is for.
struct EnvironmentArgument: ParsableArguments {
    @Argument(help: ArgumentHelp("The environment, a UUID in lower case.", valueName: "uuid"))
    var environment: String

    func identifier() throws -> EnvironmentID { try EnvironmentID(environment) }
}

/// How a command prints its result.
struct OutputOption: ParsableArguments {
    @Option(name: .shortAndLong, help: "How to print: table, json or yaml.")
    var output = OutputFormat.table

    /// One value: as JSON, unless YAML is asked for.
    func print(_ value: JSON) throws {
        try print(Report(json: value, columns: [], rows: []), as: output == .yaml ? .yaml : .json)
    }

    /// For records that are printed as they come.
    func stream(_ columns: [String]) -> ReportStream { ReportStream(columns: columns, format: output) }

    func print(_ report: Report) throws { try print(report, as: output) }

    private func print(_ report: Report, as format: OutputFormat) throws {
        Swift.print(try report.rendered(format), terminator: "")
    }
}

/// How long to wait for a lock.
struct LockTimeoutOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How long to wait for the lock, such as 60s or 5m. Default: not at all.", valueName: "duration"))
    var lockTimeout: WaitingTime?

    var duration: Duration { lockTimeout?.duration ?? .zero }
}

/// A duration as the engines write it: `60s`, `1m30s`, `500ms`.
struct WaitingTime: ExpressibleByArgument {
    let duration: Duration

    init?(argument: String) {
        guard argument.wholeMatch(of: #/0|(\d+(ms|s|m|h))+/#) != nil else { return nil }
        var total = Duration.zero
        for match in argument.matches(of: #/(\d+)(ms|s|m|h)/#) {
            guard let number = Int64(match.1), number < 1 << 31 else { return nil }
            switch match.2 {
            case "ms": total += .milliseconds(number)
            case "s": total += .seconds(number)
            case "m": total += .seconds(number * 60)
            default: total += .seconds(number * 3600)
            }
        }
        duration = total
    }
}

/// Objections of the guard that are overridden, each by its name.
struct ForceOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Override one objection, by the name that the refusal gives; may be repeated.", valueName: "reason"))
    var force: [ForcedObjection] = []

    var objections: Set<Objection> { Set(force.map(\.objection)) }
}

/// The name of an objection on the command line.
struct ForcedObjection: ExpressibleByArgument {
    let objection: Objection

    init?(argument: String) {
        guard let objection = Objection(rawValue: argument) else { return nil }
        self.objection = objection
    }

    static var allValueStrings: [String] { Objection.allCases.map(\.rawValue) }
}
