internal import ArgumentParser
internal import OrderedJSON
internal import StateStorage
internal import TerraformState

struct StateLockCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lock",
        abstract: "Take an environment's lock, and print its ID.",
        usage: "stowage state lock [<options>] <uuid>",
        discussion: """
            The lock is the engines' own: no run can change the state until it is given back, \
            however long this command has ended by then.

              ID=$(stowage state lock 4b41bf32-b337-93a4-ad65-1d565c5e25be --reason audit)
              stowage state unlock 4b41bf32-b337-93a4-ad65-1d565c5e25be "$ID"
            """)

    @OptionGroup var environment: EnvironmentArgument

    @Option(help: ArgumentHelp("Why, for those who wait.", valueName: "text"))
    var reason = ""

    @OptionGroup var lockTimeout: LockTimeoutOption
    @OptionGroup var options: StateOptions

    func run() async throws {
        let environment = try environment.identifier()
        let (reason, timeout) = (reason, lockTimeout.duration)
        let options = options
        let identifier = try await interruptible({ "the lock was not taken" }) {
            try await options.withStore { store in
                let store = options.global.quiet ? store : store.reportingLockWaits()
                let info = store.lockInfo(operation: "stowage state lock", reason: reason)
                try await store.lock(environment, info, waitingUpTo: timeout)
                return info.id
            }
        }
        print(identifier)
    }
}

struct StateUnlockCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unlock",
        abstract: "Give an environment's lock back, whoever took it.",
        usage: """
            stowage state unlock [<options>] <uuid> <lock-id>
            stowage state unlock [<options>] <uuid> --orphaned
            """,
        discussion: """
            Only the lock of the ID that is named is given back. Be sure that its holder is \
            gone: two engines at work on one environment lose each other's changes. \
            --orphaned gives back a lock whose holder is known to be gone, and no other.

              stowage state locks
              stowage state unlock 4b41bf32-b337-93a4-ad65-1d565c5e25be <lock-id>
              stowage state unlock 4b41bf32-b337-93a4-ad65-1d565c5e25be --orphaned
            """)

    @OptionGroup var environment: EnvironmentArgument

    @Argument(help: ArgumentHelp("The ID of the lock.", valueName: "lock-id"))
    var lockID: String?

    @Flag(help: "Give the lock back only if its verdict is orphaned.")
    var orphaned = false

    @OptionGroup var pods: JobNamespaceOption
    @OptionGroup var options: StateOptions

    func validate() throws {
        guard (lockID == nil) == orphaned else {
            throw ValidationError("name the ID of the lock, or pass --orphaned; `stowage state locks` shows both")
        }
    }

    func run() async throws {
        let (environment, lockID) = (try environment.identifier(), lockID)
        let pods = try pods.checked()
        let orphan = try await options.withStore { store -> JudgedLock? in
            guard let lockID else { return try await store.judging(by: pods).unlockOrphaned(environment) }
            try await store.unlock(environment, id: lockID)
            return nil
        }
        guard let orphan, !options.global.quiet else { return }
        printMessage("gave back the lock of \(orphan.lock.summary): \(orphan.verdict.evidence)")
    }
}

struct StateLocksCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "locks",
        abstract: "List the locks that are held: whose, since when, and whether they are alive.",
        usage: "stowage state locks [<options>] [<uuid> ...]",
        discussion: """
            A lock is alive while the run that holds it renews its Lease, orphaned when it \
            stopped, and unknown where the holder is no run of Stowage. With --job-namespace \
            the Pod that a holder names itself after is looked at, too.

            The Role of the state storage does not grant to list leases. Where that is all, \
            the lock of each environment that has a state is asked for; name one that has \
            none yet.

              stowage state locks --namespace humanitec-runner
            """)

    @Argument(help: ArgumentHelp("Environments. Default: all of the namespace.", valueName: "uuid"))
    var environments: [String] = []

    @OptionGroup var pods: JobNamespaceOption
    @OptionGroup var output: OutputOption
    @OptionGroup var options: StateOptions

    func run() async throws {
        let identifiers = try environments.map { try EnvironmentID($0) }
        let pods = try pods.checked()
        let locks = try await options.withStore { store in
            let held = identifiers.isEmpty ? try await store.heldLocks().map(\.environment) : identifiers
            return try await store.judging(by: pods).judgedLocks(of: held)
        }
        try output.print(StateReports.locks(locks))
    }
}

/// Where the Pods are that run engines, for verdicts on their locks.
struct JobNamespaceOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            The namespace, of the same cluster, where Jobs run engines: to judge a lock by its holder's Pod. Needs the \
            right to get Pods there. Default: none.
            """, valueName: "name"))
    var jobNamespace: String?

    func checked() throws -> String? { try jobNamespace.map(checkedNamespace) }
}

extension StateStore {
    /// The same store, which looks at Pods of a namespace for verdicts.
    fileprivate func judging(by jobNamespace: String?) -> StateStore {
        var configuration = configuration
        configuration.jobNamespace = jobNamespace
        return StateStore(client: client, namespace: namespace, configuration: configuration)
    }
}
