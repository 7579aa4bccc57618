internal import ArgumentParser
internal import StateStorage

struct StateHistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "List the versions of an environment's state that were kept.",
        usage: "stowage state history [<options>] <uuid>",
        discussion: """
            A version is a state that was replaced through Stowage: by a push, a rollback or \
            a run, which also catch what stock engines wrote since. REPLACED BY is who came \
            after it. The newest ten are kept, or as many as --history said on the last \
            write that gave it.

              stowage state history 4b41bf32-b337-93a4-ad65-1d565c5e25be
            """)

    @OptionGroup var environment: EnvironmentArgument
    @OptionGroup var output: OutputOption
    @OptionGroup var options: StateOptions

    func run() async throws {
        let environment = try environment.identifier()
        try output.print(
            StateReports.history(try await options.withStore { try await $0.history(environment) }))
    }
}
