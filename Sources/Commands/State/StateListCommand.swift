internal import ArgumentParser
internal import OrderedJSON
internal import StateStorage

struct StateListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the environments that have a state, without transferring one.",
        usage: "stowage state list [<options>]",
        discussion: """
            --long reads every state, one after the other, and tells what is in it and who \
            holds its lock. A state that cannot be read is listed with what is wrong.

              stowage state list --namespace humanitec-runner --long
            """)

    @Flag(help: "Add serial, resources, size, engine and lock, for which every state is read.")
    var long = false

    @OptionGroup var output: OutputOption
    @OptionGroup var options: StateOptions

    func run() async throws {
        let report = try await options.withStore { store in
            let listings = try await store.list()
            guard long else { return StateReports.list(listings) }
            return try await StateReports.long(listings, store)
        }
        try output.print(report)
    }
}
