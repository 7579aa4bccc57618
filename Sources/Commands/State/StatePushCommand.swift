internal import ArgumentParser
internal import StateStorage
internal import TerraformState

struct StatePushCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "push",
        abstract: "Replace an environment's state by a state file.",
        discussion: """
            Takes the lock, keeps what is there as a version, and refuses what would lose \
            something: a state of another lineage, an older one, one without resources. \
            The refusal names each objection, and --force overrides them by name.

              stowage state push 4b41bf32-b337-93a4-ad65-1d565c5e25be fixed.tfstate
            """)

    @OptionGroup var environment: EnvironmentArgument

    @Argument(help: ArgumentHelp("The state file; - is the standard input.", valueName: "file"))
    var file: String

    @OptionGroup var force: ForceOption

    @Option(help: ArgumentHelp("Why, for the history.", valueName: "text"))
    var reason: String?

    @OptionGroup var history: HistoryOption
    @OptionGroup var lockTimeout: LockTimeoutOption
    @OptionGroup var output: OutputOption
    @OptionGroup var options: StateOptions

    func run() async throws {
        let environment = try environment.identifier()
        let state = try await newState(file)
        var pushing = PushOptions()
        pushing.forced = force.objections
        pushing.reason = reason ?? "stowage state push"
        let (prepared, timeout, reason) = (pushing, lockTimeout.duration, pushing.reason)
        let (options, history) = (options, history)
        let next: @Sendable () -> String = {
            "`stowage state show \(environment)` tells whether the state was replaced by then"
        }
        let result = try await interruptible(next) {
            try await options.withStore(keeping: history) { store in
                if prepared.forced.contains(.locked) { return try await store.push(state, to: environment, prepared) }
                let store = options.global.quiet ? store : store.reportingLockWaits()
                let info = store.lockInfo(operation: "stowage state push", reason: reason)
                return try await store.withLock(environment, info, waitingUpTo: timeout) { lockID in
                    var locked = prepared
                    locked.lockID = lockID
                    return try await store.push(state, to: environment, locked)
                }
            }
        }
        try output.print(StateReports.pushed(result, environment))
    }
}
