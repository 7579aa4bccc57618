internal import ArgumentParser
internal import OrderedJSON
internal import StateStorage
internal import TerraformState

struct StateShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Tell what is in an environment's state: its resources, or one with its attributes.",
        usage: "stowage state show [<options>] <uuid>",
        discussion: """
            Values that the state marks as sensitive are hidden. Older engines do not mark \
            what only a provider knows to be sensitive: treat attributes as secrets.

              stowage state show 4b41bf32-b337-93a4-ad65-1d565c5e25be
              stowage state show 4b41bf32-b337-93a4-ad65-1d565c5e25be \\
                --resource 'aws_instance.web[0]'
            """)

    @OptionGroup var environment: EnvironmentArgument

    @Option(help: ArgumentHelp("One resource, by its address, with its attributes.", valueName: "address"))
    var resource: String?

    @Flag(help: "Show sensitive values too.")
    var showSensitive = false

    @OptionGroup var output: OutputOption
    @OptionGroup var options: StateOptions

    func run() async throws {
        let environment = try environment.identifier()
        let snapshot = try await options.withStore { try await $0.existing(environment) }
        guard let resource else {
            let resources = snapshot.file.isEncrypted ? nil : try snapshot.file.resources()
            return try output.print(StateReports.contents(StateSummary(snapshot), resources))
        }
        guard let found = try snapshot.file.resources().first(where: { $0.address == resource }) else {
            throw CommandError(
                status: .data,
                description: "the state of environment \(environment) has no resource '\(resource)'; "
                    + "`stowage state show \(environment)` lists them")
        }
        try output.print(StateReports.resource(found, showsSensitive: showSensitive))
    }
}
