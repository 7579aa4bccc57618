/// The environment variables that an engine is started with: the user's own, but for what would lead it elsewhere.
struct EngineEnvironment {
    /// - `TF_DATA_DIR`: the engine's own files belong to the working folder.
    /// - `KUBE_PROXY_URL`: the backend has no way to be told "no proxy", and would look for the relay behind one.
    static let removed = ["TF_DATA_DIR", "KUBE_PROXY_URL"]

    let user: [String: String]
    let pluginCache: String
    /// Whether the module came with a dependency lock file, which then decides what may be taken from the cache.
    let hasLockFile: Bool
    let variables: [EngineVariable]
    /// Those by which the engine finds its state.
    var backend: [String: String] = [:]

    /// - Parameter command: the engine's subcommand: `init`, `plan`, `apply`, `destroy`.
    func variables(for command: String) -> [String: String] {
        var environment = user
        for name in Self.removed { environment[name] = nil }
        environment.merge(backend) { $1 }
        environment["TF_INPUT"] = "0"
        // Leaves out hints about commands to type next, which would be wrong here.
        environment["TF_IN_AUTOMATION"] = "stowage"
        environment["TF_PLUGIN_CACHE_DIR"] = pluginCache
        if !hasLockFile {
            // The lock file that `init` writes is thrown away with the working folder, so it cannot be broken.
            environment["TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE"] = "1"
        }
        if !variables.isEmpty {
            let name = "TF_CLI_ARGS_\(command)"
            let options = variables.map(\.quotedOption)
            environment[name] = ([environment[name] ?? ""] + options).filter { !$0.isEmpty }.joined(separator: " ")
        }
        return environment
    }

    /// Sees to it that no `TF_CLI_ARGS…` variable leads the engine to another state.
    static func checkOptions(_ user: [String: String]) throws(RunError) {
        for (name, value) in user.sorted(by: { $0.key < $1.key }) where name.hasPrefix("TF_CLI_ARGS") {
            for word in value.split(whereSeparator: \.isWhitespace) where word.contains("-") {
                let option = word.drop { "'\"-".contains($0) }.prefix { $0.isLetter || $0 == "-" }
                guard word.first.map({ "'\"-".contains($0) }) == true else { continue }
                guard let refused = RefusedOption(leadingElsewhere: option) else { continue }
                throw RunError(
                    .options, "\(name) has the option -\(option), which \(refused.reason); take it out of \(name)")
            }
        }
    }

    /// Sees to it that no variable of the user asks for another workspace than the one whose state is kept.
    static func checkWorkspace(_ user: [String: String]) throws(RunError) {
        guard let workspace = user["TF_WORKSPACE"], !workspace.isEmpty, workspace != "default" else { return }
        throw RunError(
            .workspace,
            "TF_WORKSPACE is '\(workspace)', and an environment has its state in the workspace 'default' only; "
                + "unset TF_WORKSPACE, and use an environment of its own for each workspace")
    }
}
