internal import ArgumentParser
internal import StateStorage
internal import TerraformState

struct StateDiffCommand: AsyncParsableCommand {
    /// As the engines' plan tells a script that there is something to do.
    static let differenceStatus = ExitCode(2)

    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Compare two states of an environment, attribute by attribute.",
        usage: "stowage state diff [<options>] <uuid> [<version> [<version>]]",
        discussion: """
            With no version, the newest one of the history that is not the state of now is \
            compared with the state of now; with one, that one is; with two, the first is \
            compared with the second. Values that either side marks as sensitive are hidden.

              stowage state diff 4b41bf32-b337-93a4-ad65-1d565c5e25be
              stowage state diff 4b41bf32-b337-93a4-ad65-1d565c5e25be 7 9 -o json
            """)

    @OptionGroup var environment: EnvironmentArgument

    @Argument(help: ArgumentHelp("Versions, as `stowage state history` numbers them.", valueName: "version"))
    var versions: [Int] = []

    @Flag(help: "Show sensitive values too.")
    var showSensitive = false

    @Flag(
        name: .customLong("detailed-exitcode"),
        help: "Exit with 2 where a resource or output differs, with 0 where none does.")
    var hasDetailedStatus = false

    @OptionGroup var output: OutputOption
    @OptionGroup var options: StateOptions

    func validate() throws {
        if versions.count > 2 { throw ValidationError("two states are compared; name two versions at most") }
    }

    func run() async throws {
        let environment = try environment.identifier()
        let (versions, revealing) = (versions, showSensitive)
        let comparison = try await options.withStore { store in
            try await store.difference(
                environment, from: versions.first, to: versions.count > 1 ? versions[1] : nil, revealing: revealing)
        }
        try output.print(StateReports.difference(comparison, isRevealing: revealing))
        guard !comparison.difference.isEmpty else {
            if !options.global.quiet { printMessage(Self.sameness(comparison)) }
            return
        }
        if hasDetailedStatus { throw Self.differenceStatus }
    }

    private static func sameness(_ comparison: StateComparison) -> String {
        comparison.isIdentical
            ? "the two states are the same, byte for byte"
            : "no resource and no output differs; the files do, in what engines note beside them"
    }
}
