internal import ArgumentParser
internal import StateStorage
internal import TerraformState

struct StatePullCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pull",
        abstract: "Print an environment's state, byte for byte as it was written.",
        usage: "stowage state pull [<options>] <uuid>",
        discussion: """
            Checksum, parts and version are verified first. A write that died half-way is \
            finished.

              stowage state pull 4b41bf32-b337-93a4-ad65-1d565c5e25be > saved.tfstate

            A state can hold secrets: keep it in a file that only you can read.
            """)

    @OptionGroup var environment: EnvironmentArgument

    @Option(help: ArgumentHelp("A version of the history instead of what is there now.", valueName: "number"))
    var version: Int?

    @OptionGroup var options: StateOptions

    func run() async throws {
        let environment = try environment.identifier()
        let version = version
        let file = try await options.withStore { store in
            guard let version else { return try await store.existing(environment).file }
            return try await store.state(of: version, environment)
        }
        try writeToStandardOutput(file.bytes)
    }
}

extension StateStore {
    /// The state; that there is none is an error.
    func existing(_ environment: EnvironmentID) async throws -> StateSnapshot {
        guard let snapshot = try await pull(environment) else { throw try await absence(environment) }
        return snapshot
    }
}
