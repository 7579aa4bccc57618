internal import ArgumentParser
internal import Runner

/// The options that give a module its variables.
struct VariableOptions: ParsableArguments {
    @Option(
        name: .customLong("var"), parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "A variable of the module; may be repeated. Wins over --var-file.", valueName: "name=value"))
    var values: [String] = []

    @Option(
        name: .customLong("var-file"),
        help: ArgumentHelp("A file of variables; may be repeated, later ones win.", valueName: "file"))
    var files: [String] = []

    var engineVariables: [EngineVariable] { files.map { .file(absolutePath($0)) } + values.map { .value($0) } }

    func validate() throws {
        for (index, variable) in values.enumerated() where !variable.dropFirst().contains("=") {
            // What stands in its place may be a secret.
            throw ValidationError("the --var at place \(index + 1) of \(values.count) is not NAME=VALUE")
        }
    }
}
