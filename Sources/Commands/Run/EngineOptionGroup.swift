internal import ArgumentParser
internal import Runner

/// The options that a run hands on to its engine.
struct EngineOptionGroup: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How many operations the engine may carry out at once. Default: the engine's, 10.", valueName: "n"))
    var parallelism: Int?

    @Option(
        help: ArgumentHelp(
            "Plan this resource or module alone, with what it depends on; may be repeated.", valueName: "address"))
    var target: [String] = []

    @Option(help: ArgumentHelp("Replace this instance of a resource; may be repeated.", valueName: "address"))
    var replace: [String] = []

    @Option(
        help: ArgumentHelp(
            "Ask the providers first what there is; --refresh=false goes by the state.", valueName: "bool"))
    var refresh = true

    /// Whether nothing is said about how to plan.
    var plansAsUsual: Bool { target.isEmpty && replace.isEmpty && refresh }

    func validate() throws {
        if let parallelism, parallelism < 1 { throw ValidationError("--parallelism must be 1 or more") }
    }

    func engineOptions(further: [String]) -> EngineOptions {
        var options = EngineOptions()
        options.parallelism = parallelism
        options.targets = target
        options.replacements = replace
        options.refreshes = refresh
        options.further = further
        return options
    }
}
