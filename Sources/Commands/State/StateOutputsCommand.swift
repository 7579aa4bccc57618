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
        let found = try outputs.named(name, of: environment)
        guard raw else { return try output.print(found.value) }
        try writeToStandardOutput(Array(try found.rawText().utf8))
    }
}
