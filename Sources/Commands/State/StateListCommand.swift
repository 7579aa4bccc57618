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
            let (listings, moved) = try await options.withStore { (try await $0.list(), try await $0.movedAway()) }
            try output.print(StateReports.list(listings))
            return tell(moved)
        }
        var stream = output.stream(StateReports.longColumns)
        let moved = try await options.withStore { store in
            try await store.forEachSummary(of: try await store.list()) { listing, summary, lock in
                let record = StateReports.long(listing, summary, lock)
                try stream.add(record.json, record.row)
            }
            return try await store.movedAway()
        }
        try stream.end()
        tell(moved)
    }

    private static let toldAtMost = 10

    /// What is missing in the list because it is elsewhere now.
    private func tell(_ moved: [MovedState]) {
        guard !options.global.quiet else { return }
        for state in moved.prefix(Self.toldAtMost) {
            printMessage("environment \(state.environment) was moved to \(state.note.place)")
        }
        let rest = moved.count - Self.toldAtMost
        if rest > 0 { printMessage("and \(rest) more were moved") }
    }
}
