internal import ArgumentParser
internal import OrderedJSON
internal import StateStorage

struct StateListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the environments that have a state, without transferring one.",
        usage: "stowage state list [<options>]",
        discussion: """
            --long reads every state, and tells what is in it and who holds its lock, as it \
            is read. A state that cannot be read is listed with what is wrong.

              stowage state list --namespace humanitec-runner --long
            """)

    @Flag(help: "Add serial, resources, size, engine and lock, for which every state is read.")
    var long = false

    @OptionGroup var output: OutputOption
    @OptionGroup var options: StateOptions

    func run() async throws {
        guard long else {
            return try output.print(StateReports.list(try await options.withStore { try await $0.list() }))
        }
        var stream = output.stream(StateReports.longColumns)
        try await options.withStore { store in
            try await store.forEachSummary(of: try await store.list()) { listing, summary, lock in
                let record = StateReports.long(listing, summary, lock)
                try stream.add(record.json, record.row)
            }
        }
        try stream.end()
    }
}
