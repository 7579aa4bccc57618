internal import ArgumentParser
internal import LocalFiles
internal import StateStorage
internal import Synchronization

struct StateBackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Write states into one file: a tar of state files and a manifest.",
        usage: """
            stowage state backup [<options>] --all <file>
            stowage state backup [<options>] <uuid> ... <file>
            """,
        discussion: """
            Each state stands in the archive as <uuid>.tfstate, byte for byte as it was \
            written, and manifest.json says serial, lineage, size and SHA-256 of each. A \
            state that cannot be read is named there; the backup goes on, and exits with 65.

            The archive is <file>.partial until it is whole. After an interruption the same \
            command goes on from there, and reads what is missing or was changed since.

              stowage state backup --all -n humanitec-runner states.tar
              stowage state verify states.tar

            No lock is taken: each state is as it was when it was read. A state can hold \
            secrets: only you can read the file, and it should stay so.
            """)

    @Flag(help: "Back up every environment that has a state.")
    var all = false

    @Flag(help: "Replace the file if there is one.")
    var overwrite = false

    @Argument(help: ArgumentHelp("Environments, unless --all, and last the file.", valueName: "uuid|file"))
    var arguments: [String]

    @OptionGroup var output: OutputOption
    @OptionGroup var options: StateOptions

    func run() async throws {
        let (chosen, path) = try chosen()
        let (overwrite, isQuiet) = (overwrite, options.global.quiet)
        // Where the body stands, for whoever interrupts it.
        let count = Mutex((done: 0, total: 0))
        let result = try await interruptible({
            let (done, total) = count.withLock { $0 }
            return "\(done) of \(total) environments were read; the same command goes on from \(path).partial"
        }) {
            try await withProgress("Backing up", isQuiet: isQuiet) { line in
                try await options.withStore { store in
                    let result = try await store.backup(chosen, to: path, replacing: overwrite) { done, total in
                        count.withLock { $0 = (done, total) }
                        line.update(done, of: total)
                    }
                    if result.resumedCount > 0 {
                        line.say(
                            "resumed \(path).partial: \(result.resumedCount) of \(result.manifest.states.count) states "
                                + "were in it and have not changed since")
                    }
                    return result
                }
            }
        }
        try output.print(StateReports.backup(result))
        let unreadable = result.manifest.unreadable
        guard unreadable.isEmpty else {
            let kept = result.path == path ? "" : " (\(path) was left as it is, because it may have them)"
            throw CommandError(
                status: .data,
                description: "\(result.path) was written\(kept), but without \(unreadable.count) environment(s) whose "
                    + "state could not be read:\n"
                    + unreadable.map { "  \($0.environment): \($0.reason)" }.joined(separator: "\n"))
        }
    }

    /// - Returns: the environments, nil for all, and the file.
    private func chosen() throws -> ([EnvironmentID]?, String) {
        guard let path = arguments.last, !path.isEmpty else { throw ValidationError("name the file, last") }
        guard (try? EnvironmentID(path)) == nil else {
            throw ValidationError("'\(path)' is an environment; name the file, last")
        }
        guard path != "-" else {
            throw ValidationError("a backup is written to a file, so that it can be gone on with; name one, not -")
        }
        let environments = try arguments.dropLast().map { try EnvironmentID($0) }
        guard all != !environments.isEmpty else {
            throw ValidationError(
                all ? "--all backs up every environment; name none with it" : "name the environments, or pass --all")
        }
        return (all ? nil : environments, path)
    }
}
