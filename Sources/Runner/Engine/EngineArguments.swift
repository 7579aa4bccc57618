/// The command lines of the engine's steps. No value of a variable stands in one: everybody on a machine can read them.
struct EngineArguments {
    let request: RunRequest
    /// Whether what it prints may have colours.
    let hasColours: Bool

    /// Whether it prints JSON.
    var isJSON = false
    /// The engine's plan: to be written by a plan, or applied.
    var planPath: String?

    /// - Parameter isJSON: whether the engine's `init` knows the option.
    func initialise(isJSON: Bool = false) -> [String] {
        ["init", "-input=false"] + shared + (isJSON ? ["-json"] : [])
    }

    /// The step that the run is for.
    var operation: [String] {
        let options = request.options
        let start = [command, "-input=false"] + shared + (isJSON ? ["-json"] : []) + parallelism
        switch request.operation {
        case .plan:
            return start + planning + (options.destroys ? ["-destroy"] : [])
                + (request.detailsExitStatus ? ["-detailed-exitcode"] : []) + (planPath.map { ["-out=\($0)"] } ?? [])
                + options.further
        // What was planned is settled.
        case .apply where planPath != nil: return start + options.further + [planPath].compactMap(\.self)
        case .apply, .destroy: return start + ["-auto-approve"] + planning + options.further
        case .refresh: return start + ["-auto-approve", "-refresh-only"] + planning + options.further
        }
    }

    /// The name by which the engine knows the step, and its `TF_CLI_ARGS_…` variable.
    var command: String { request.operation == .refresh ? "apply" : request.operation.rawValue }

    private var shared: [String] {
        let wait = request.wait > .zero ? ["-lock-timeout=\(Int(request.wait / .milliseconds(1)))ms"] : []
        return wait + (hasColours ? [] : ["-no-color"])
    }

    private var parallelism: [String] { request.options.parallelism.map { ["-parallelism=\($0)"] } ?? [] }

    private var planning: [String] {
        let options = request.options
        return options.targets.map { "-target=\($0)" } + options.replacements.map { "-replace=\($0)" }
            + (options.refreshes ? [] : ["-refresh=false"])
    }
}
