internal import ArgumentParser

/// `stowage state`: the states of a namespace, read, replaced, taken back and locked.
struct StateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "state",
        abstract: "Read, replace, take back and lock the states of environments.",
        discussion: """
            The states are those of the engines' kubernetes backend: whatever wrote them, \
            this reads them, and whatever this writes, the engines read. What is replaced \
            is kept as a version first.

              stowage state list --namespace humanitec-runner
              stowage state history 4b41bf32-b337-93a4-ad65-1d565c5e25be
              stowage state rollback 4b41bf32-b337-93a4-ad65-1d565c5e25be 7

            All of it works with the Role of the state storage: secrets: create, get, \
            list, update; leases: create, get, update.

            EXIT STATUS
            \(ExitStatus.table)
            """,
        subcommands: [
            StateListCommand.self, StateShowCommand.self, StateOutputsCommand.self, StatePullCommand.self,
            StatePushCommand.self, StateDiffCommand.self, StateHistoryCommand.self, StateRollbackCommand.self,
            StateLockCommand.self, StateUnlockCommand.self, StateLocksCommand.self, StateBackupCommand.self,
            StateVerifyCommand.self, StateRestoreCommand.self, StateMoveCommand.self, StateRemoveCommand.self,
        ])
}
