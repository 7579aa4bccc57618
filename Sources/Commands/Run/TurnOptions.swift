internal import ArgumentParser
internal import Runner

/// How long a run waits for its turn, and how long it may take then.
struct TurnOptions: ParsableArguments {
    @Option(
        name: [.customLong("wait"), .customLong("lock-timeout")],
        help: ArgumentHelp(
            "How long to wait for the turn: for the runs of the environment that arrived before, and for its lock; such "
                + "as 60s or 10m.",
            valueName: "duration"))
    var wait: String?

    @Flag(help: "Fail at once where the environment is busy, which is the default.")
    var noWait = false

    @Option(
        help: ArgumentHelp(
            "How long the run may take from its turn on, such as 30m. Its engine is then interrupted, and killed after "
                + "--grace-period. Default: as long as it takes.",
            valueName: "duration"))
    var timeout: String?

    @Option(
        help: ArgumentHelp(
            "How long an engine that was interrupted at the end of --timeout may take to finish and to unlock. Default: 60s.",
            valueName: "duration"))
    var gracePeriod: String?

    var waitingTime: Duration { wait.flatMap(EngineDuration.duration) ?? .zero }
    var timeLimit: Duration? { timeout.flatMap(EngineDuration.duration) }

    /// nil where it was not given.
    var givenGracePeriod: Duration? { gracePeriod.flatMap(EngineDuration.duration) }

    func validate() throws {
        for (name, text) in [("wait", wait), ("timeout", timeout), ("grace-period", gracePeriod)] {
            guard let text, EngineDuration.duration(text) == nil else { continue }
            throw ValidationError("--\(name) '\(text)' is no duration; pass one such as 60s or 5m")
        }
        if noWait, wait != nil { throw ValidationError("--no-wait and --wait exclude one another; pass one of them") }
        if timeLimit == .zero { throw ValidationError("--timeout is to be longer than nothing") }
    }
}
