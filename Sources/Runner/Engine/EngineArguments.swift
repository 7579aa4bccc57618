/// The command lines of the engine's steps. No value of a variable stands in one: everybody on a machine can read them.
struct EngineArguments {
    let request: RunRequest
    /// Whether what it prints may have colours.
    let hasColours: Bool

    var initialise: [String] { ["init", "-input=false"] + shared }

    /// The step that the run is for.
    var operation: [String] {
        let options = request.options
        switch request.operation {
        case .plan:
            return ["plan", "-input=false"] + shared + parallelism + planning
                + (options.destroys ? ["-destroy"] : []) + (request.detailsExitStatus ? ["-detailed-exitcode"] : [])
                + options.further
        case .apply:
            return ["apply", "-input=false", "-auto-approve"] + shared + parallelism + planning + options.further
        case .destroy:
            return ["destroy", "-input=false", "-auto-approve"] + shared + parallelism + planning + options.further
        }
    }

    /// The name by which the engine knows the step, and its `TF_CLI_ARGS_…` variable.
    var command: String { request.operation.rawValue }

    private var shared: [String] {
        (request.lockTimeout.map { ["-lock-timeout=\($0)"] } ?? []) + (hasColours ? [] : ["-no-color"])
    }

    private var parallelism: [String] { request.options.parallelism.map { ["-parallelism=\($0)"] } ?? [] }

    private var planning: [String] {
        let options = request.options
        return options.targets.map { "-target=\($0)" } + options.replacements.map { "-replace=\($0)" }
            + (options.refreshes ? [] : ["-refresh=false"])
    }
}
