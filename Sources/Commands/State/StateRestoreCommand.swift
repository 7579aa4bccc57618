internal import ArgumentParser
internal import KubernetesAPI
internal import StateStorage
internal import Synchronization

struct StateRestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Put the states of a backup back.",
        usage: "stowage state restore [<options>] <file> [<uuid> ...]",
        discussion: """
            The whole backup is verified first. Then each environment's lock is taken: one \
            that has no state gets that of the backup, byte for byte; one that has the same \
            is left alone; one that has another is guarded like a push, and what is \
            replaced is kept as a version. What is refused is reported at the end, and the \
            others are restored. An interrupted restore can simply be repeated.

              stowage state restore states.tar --dry-run
              stowage state restore states.tar 4b41bf32-b337-93a4-ad65-1d565c5e25be \\
                --force lower-serial

            A state that is forced over a newer one gets the serial after it, so that \
            engines go on from it. One that OpenTofu encrypted keeps its own.
            """)

    @Argument(help: ArgumentHelp("The backup.", valueName: "file"))
    var file: String

    @Argument(help: ArgumentHelp("Environments. Default: all of the backup.", valueName: "uuid"))
    var environments: [String] = []

    @Flag(help: "Tell what would happen to each, and change nothing.")
    var dryRun = false

    @OptionGroup var force: ForceOption
    @OptionGroup var lockTimeout: LockTimeoutOption
    @OptionGroup var output: OutputOption
    @OptionGroup var options: StateOptions

    func run() async throws {
        let environments = try environments.map { try EnvironmentID($0) }
        var restoring = RestoreOptions()
        restoring.forced = force.objections
        restoring.isDryRun = dryRun
        restoring.lockTimeout = lockTimeout.duration
        let (path, prepared, isQuiet) = (file, restoring, options.global.quiet)
        let outcomes = Mutex<[RestoreOutcome]>([])
        let done = await Result {
            try await interruptible({ "what was restored is listed above; the same command restores the rest" }) {
                let backup = try await withProgress("Verifying", isQuiet: isQuiet) { line in
                    try await BackupFile.verify(path) { line.update($0, of: $1) }.sound()
                }
                let states = try backup.states(of: environments)
                try await withProgress("Restoring", isQuiet: isQuiet) { line in
                    try await options.withStore { store in
                        line.say(Self.route(backup.manifest.origin, store, dryRun: prepared.isDryRun))
                        try await store.restore(states, of: backup, prepared) { outcome in
                            let count = outcomes.withLock {
                                $0.append(outcome); return $0.count
                            }
                            line.update(count, of: states.count)
                        }
                    }
                }
            }
        }
        let reported = outcomes.withLock { $0 }.sorted { "\($0.environment)" < "\($1.environment)" }
        if !reported.isEmpty { try output.print(StateReports.restore(reported)) }
        try done.get()
        try Self.check(reported, dryRun: dryRun)
    }

    private static func route(_ origin: BackupOrigin, _ store: StateStore, dryRun: Bool) -> String {
        "\(dryRun ? "would restore" : "restoring") states of namespace \(origin.namespace) at \(origin.server), "
            + "\(origin.startedAt), into namespace \(store.namespace) at \(store.client.connection.server)"
    }

    private static func check(_ outcomes: [RestoreOutcome], dryRun: Bool) throws {
        let refused = outcomes.compactMap { outcome in outcome.error.map { (outcome.environment, $0) } }
        guard !refused.isEmpty else { return }
        // Something that only has to be waited for, where that is all.
        let statuses = Set(refused.map { ExitStatus($0.1) })
        throw CommandError(
            status: statuses == [.busy] ? .busy : .data,
            description: "\(refused.count) of \(outcomes.count) environment(s) \(dryRun ? "would not be" : "were not") "
                + "restored:\n" + refused.map { "  \($0.0): \($0.1)" }.joined(separator: "\n"))
    }
}

extension Result where Failure == any Error {
    /// What an asynchronous body returns or throws.
    fileprivate init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
