internal import ArgumentParser
internal import StateStorage

struct StateRollbackCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback",
        abstract: "Go back to a version of an environment's state.",
        discussion: """
            Takes the lock and keeps what is there as a version, so that a rollback can be \
            taken back too. The state gets the next serial, and no other byte of it \
            changes. What exists outside is not touched: the next plan shows how it differs.

              stowage state rollback 4b41bf32-b337-93a4-ad65-1d565c5e25be 7
            """)

    @OptionGroup var environment: EnvironmentArgument

    @Argument(help: ArgumentHelp("The version, as `stowage state history` numbers them.", valueName: "version"))
    var version: Int

    @OptionGroup var force: ForceOption
    @OptionGroup var history: HistoryOption
    @OptionGroup var lockTimeout: LockTimeoutOption
    @OptionGroup var output: OutputOption
    @OptionGroup var options: StateOptions

    func run() async throws {
        let environment = try environment.identifier()
        let (version, forced, timeout) = (version, force.objections, lockTimeout.duration)
        let (options, history) = (options, history)
        let result = try await interruptible({
            "`stowage state show \(environment)` tells whether the state was replaced by then"
        }) {
            try await options.withStore(keeping: history) { store in
                let store = options.global.quiet ? store : store.reportingLockWaits()
                return try await store.rollback(environment, to: version, forced: forced, waitingUpTo: timeout)
            }
        }
        try output.print(StateReports.pushed(result, environment))
    }
}
