internal import ArgumentParser
internal import OrderedJSON
internal import StateStorage
internal import TerraformState

/// `stowage run output`: what the engines' `output` prints, read from the state without an engine.
struct RunOutputCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "output",
        abstract: "Print the outputs of an environment, without an engine or a module.",
        discussion: """
              stowage run output --environment 4b41bf32-b337-93a4-ad65-1d565c5e25be
              stowage run output --environment 4b41bf32-b337-93a4-ad65-1d565c5e25be --raw url

            It reads the state by itself. As with the engines, the list hides sensitive \\
            values, and --json and an output that is named show them. A state that OpenTofu \\
            encrypted needs `tofu output`.
            """)

    @Option(help: ArgumentHelp("The environment, a UUID in lower case.", valueName: "uuid"))
    var environment: String

    @Argument(help: ArgumentHelp("The output to print.", valueName: "name"))
    var name: String?

    @Flag(
        name: [.long, .customLong("json", withSingleDash: true)],
        help: "Print JSON: of all outputs value, type and whether they are sensitive; of one its value.")
    var json = false

    @Flag(
        name: [.long, .customLong("raw", withSingleDash: true)],
        help: "Print a string, number or bool without quotes and without a newline.")
    var raw = false

    @OptionGroup var options: StateOptions

    func validate() throws {
        if raw, name == nil { throw ValidationError("--raw prints one output; name it") }
        if raw, json { throw ValidationError("--raw and --json cannot both be; pass one of them") }
    }

    func run() async throws {
        let environment = try EnvironmentID(environment)
        let outputs = try await options.withStore { try await $0.existing(environment).file.outputs() }
        if let name {
            let found = try outputs.named(name, of: environment)
            let text = raw ? try found.rawText() : found.value.prettyText
            return try writeToStandardOutput(Array(text.utf8))
        }
        let report = StateReports.outputs(outputs, showsSensitive: false)
        let text = json ? Self.document(outputs).prettyText : try report.rendered(.table)
        try writeToStandardOutput(Array(text.utf8))
    }

    /// In the form of the engines.
    private static func document(_ outputs: [StateOutput]) -> JSON {
        .object(
            JSONObject(
                outputs.map {
                    ($0.name, ["sensitive": .bool($0.isSensitive), "type": $0.type, "value": $0.value])
                }))
    }
}
