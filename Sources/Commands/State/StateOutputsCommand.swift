internal import ArgumentParser
internal import OrderedJSON
internal import StateStorage
internal import TerraformState

struct StateOutputsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "outputs",
        abstract: "List the outputs of an environment's state, or print one.",
        discussion: """
            In the list, sensitive values are hidden; one that is named is printed, as JSON, \
            or with --raw as it is.

              stowage state outputs 4b41bf32-b337-93a4-ad65-1d565c5e25be
              stowage state outputs 4b41bf32-b337-93a4-ad65-1d565c5e25be url --raw
            """)

    @OptionGroup var environment: EnvironmentArgument

    @Argument(help: ArgumentHelp("The output to print.", valueName: "name"))
    var name: String?

    @Flag(help: "Print a string, number or bool without quotes and without a newline.")
    var raw = false

    @Flag(help: "Show sensitive values in the list too.")
    var showSensitive = false

    @OptionGroup var output: OutputOption
    @OptionGroup var options: StateOptions

    func validate() throws {
        if raw, name == nil { throw ValidationError("--raw prints one output; name it") }
    }

    func run() async throws {
        let environment = try environment.identifier()
        let outputs = try await options.withStore { try await $0.existing(environment).file.outputs() }
        guard let name else { return try output.print(StateReports.outputs(outputs, showsSensitive: showSensitive)) }
        guard let found = outputs.first(where: { $0.name == name }) else {
            let known = outputs.map(\.name).joined(separator: ", ")
            throw CommandError(
                status: .data,
                description: "the state of environment \(environment) has no output '\(name)'; it has "
                    + (known.isEmpty ? "none" : known))
        }
        guard raw else { return try output.print(found.value) }
        guard let text = found.value.rawText else {
            throw UsageError(
                description: "output '\(name)' is a list or an object, which --raw cannot print; leave it out")
        }
        try writeToStandardOutput(Array(text.utf8))
    }
}

extension JSON {
    /// The value as it is; nil for lists, objects and null.
    fileprivate var rawText: String? {
        switch self {
        case .string(let text): text
        case .number(let number): number.text
        case .bool(let value): value ? "true" : "false"
        default: nil
        }
    }
}
