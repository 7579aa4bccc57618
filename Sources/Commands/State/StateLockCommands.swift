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
            The lock is the engines' own: no run can change the state until it is given back.

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
        let identifier = try await options.withStore { store in
            let info = store.lockInfo(operation: "stowage state lock", reason: reason)
            try await store.lock(environment, info, waitingUpTo: timeout)
            return info.id
        }
        print(identifier)
    }
}

struct StateUnlockCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unlock",
        abstract: "Give an environment's lock back, whoever took it.",
        usage: "stowage state unlock [<options>] <uuid> <lock-id>",
        discussion: """
            Only the lock of the ID that is named is given back. Be sure that its holder is \
            gone: two engines at work on one environment lose each other's changes.

              stowage state locks
              stowage state unlock 4b41bf32-b337-93a4-ad65-1d565c5e25be <lock-id>
            """)

    @OptionGroup var environment: EnvironmentArgument

    @Argument(help: ArgumentHelp("The ID of the lock.", valueName: "lock-id"))
    var lockID: String

    @OptionGroup var options: StateOptions

    func run() async throws {
        let (environment, lockID) = (try environment.identifier(), lockID)
        try await options.withStore { try await $0.unlock(environment, id: lockID) }
    }
}

struct StateLocksCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "locks",
        abstract: "List the locks that are held: whose, since when, for what.",
        usage: "stowage state locks [<options>] [<uuid> ...]",
        discussion: """
            The Role of the state storage does not grant to list leases. Where that is all, \
            the lock of each environment that has a state is asked for; name one that has \
            none yet.

              stowage state locks --namespace humanitec-runner
            """)

    @Argument(help: ArgumentHelp("Environments. Default: all of the namespace.", valueName: "uuid"))
    var environments: [String] = []

    @OptionGroup var output: OutputOption
    @OptionGroup var options: StateOptions

    func run() async throws {
        let identifiers = try environments.map { try EnvironmentID($0) }
        let locks = try await options.withStore { store in
            identifiers.isEmpty ? try await store.heldLocks() : try await store.heldLocks(of: identifiers)
        }
        try output.print(StateReports.locks(locks))
    }
}
