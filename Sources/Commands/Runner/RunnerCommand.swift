internal import ArgumentParser
internal import LocalFiles
internal import OrderedJSON
internal import Runner

/// `stowage runner`: the file that says where deployments run and where state is kept.
struct RunnerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runner",
        abstract: "Check and show a runner configuration, runner-config.yaml.",
        discussion: """
            The file says where deployments run and where their state is kept. Commands \
            that work on states take it with --config, and are then for its cluster and \
            its namespace.

              stowage runner validate runner-config.yaml
              stowage state list --config runner-config.yaml

            EXIT STATUS
            \(ExitStatus.table)
            """,
        subcommands: [RunnerValidateCommand.self, RunnerShowCommand.self])
}

struct RunnerValidateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Tell everything that is wrong with a runner configuration.",
        usage: "stowage runner validate [<options>] <file>",
        discussion: """
            Every problem is told at once, one a line, with the place, the key and what is \
            allowed. No cluster is asked. The exit status is 65 when there are problems.

              stowage runner validate runner-config.yaml
              stowage runner validate -o json runner-config.yaml
            """)

    @OptionGroup var output: OutputOption

    @Argument(help: ArgumentHelp("The file; - is the standard input.", valueName: "file"))
    var file: String

    func run() async throws {
        do {
            let configuration = try await RunnerConfigurationFile(path: file).read()
            guard output.output == .table else { return try output.print(JSON.array([])) }
            print(
                "\(file): a valid \(configuration.runner.type.rawValue) runner, with state in namespace "
                    + configuration.stateStorage.namespace)
        } catch let error as RunnerConfigurationError {
            if output.output == .table {
                for problem in error.problems { print(problem) }
            } else {
                try output.print(JSON.array(error.problems.map(\.json)))
            }
            let count = error.problems.count
            throw CommandError(
                status: .data, description: "\(file) has \(count == 1 ? "a problem" : "\(count) problems")")
        }
    }
}

struct RunnerShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show what a runner configuration says.",
        usage: "stowage runner show [<options>] <file>",
        discussion: """
            As YAML it is the file again in its canonical form; with --show-sensitive that \
            can be used in place of the file. Keys, tokens and the password of a proxy are \
            hidden without it.

              stowage runner show runner-config.yaml
              stowage runner show -o yaml --show-sensitive runner-config.yaml
            """)

    @OptionGroup var output: OutputOption

    @Flag(help: "Show keys, tokens and passwords too.")
    var showSensitive = false

    @Argument(help: ArgumentHelp("The file; - is the standard input.", valueName: "file"))
    var file: String

    func run() async throws {
        let configuration = try await RunnerConfigurationFile(path: file).read()
        guard output.output != .yaml else {
            return print(try configuration.yaml(showsSensitive: showSensitive), terminator: "")
        }
        let json = configuration.json(showsSensitive: showSensitive)
        try output.print(Report(json: json, columns: ["Key", "Value"], rows: RunnerReports.rows(json)))
    }
}

/// What commands on a runner configuration print.
enum RunnerReports {
    /// Every value with its key from the root; a text of several lines is told by its length.
    static func rows(_ json: JSON, key: String = "") -> [[String]] {
        switch json {
        case .object(let members) where !members.isEmpty || key.isEmpty:
            members.flatMap { rows($0.value, key: key.isEmpty ? $0.key : "\(key).\($0.key)") }
        case .array(let elements) where !elements.isEmpty:
            elements.enumerated().flatMap { rows($0.element, key: "\(key)[\($0.offset)]") }
        case .string(let text): [[key, shown(text)]]
        default: [[key, json.text]]
        }
    }

    private static func shown(_ text: String) -> String {
        guard text.contains(where: \.isNewline) || text.count > 100 else { return text }
        return "\(text.prefix { !$0.isNewline }.prefix(60))… (\(text.count) characters)"
    }
}
