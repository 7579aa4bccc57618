internal import ArgumentParser
internal import KubernetesAPI
internal import Runner
internal import StateStorage
internal import UnixSignals

/// `stowage run`: one execution of an engine for one environment.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run an engine for an environment, with its state in a Secret of the cluster.",
        discussion: """
            The engine works in a private copy of the module and reaches nothing of the \
            cluster but this environment's state and lock. Your folder is never written \
            to, and whatever backend the module declares is overridden.

              stowage run plan --namespace humanitec-runner \\
                --environment 4b41bf32-b337-93a4-ad65-1d565c5e25be ./module

            A value that is a secret belongs in a file (--var-file) or in a TF_VAR_ \
            variable: this command's own line can be read by everyone on the machine. An \
            interrupt (Ctrl-C) is passed to the engine once, which finishes what it does \
            and unlocks; a second one kills it.

            EXIT STATUS
            \(ExitStatus.table)
            """,
        subcommands: [RunPlanCommand.self, RunApplyCommand.self, RunDestroyCommand.self])
}

struct RunPlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Show what an apply would change.",
        discussion: """
              stowage run plan --environment 4b41bf32-b337-93a4-ad65-1d565c5e25be ./module
              stowage run plan --environment 4b41bf32-b337-93a4-ad65-1d565c5e25be \\
                --detailed-exitcode --target module.net ./module -- -compact-warnings

            With --detailed-exitcode the exit status is that of the engines: 0 where there is \
            nothing to change, 2 where there is, and 1 where the engine failed. What goes \
            wrong around the engine has the statuses of `stowage run` all the same.
            """)

    @Flag(help: "Plan to destroy all that the environment has.")
    var destroy = false

    @Flag(help: "End with 2 where there is something to change.")
    var detailedExitcode = false

    @OptionGroup var options: RunOptions

    func run() async throws {
        try await options.run(.plan) { request in
            request.options.destroys = destroy
            request.detailsExitStatus = detailedExitcode
        }
    }
}

struct RunApplyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply", abstract: "Plan, and make the changes without asking.")

    @OptionGroup var options: RunOptions

    func run() async throws { try await options.run(.apply) }
}

struct RunDestroyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "destroy", abstract: "Destroy all that the environment has, without asking.")

    @OptionGroup var options: RunOptions

    func run() async throws { try await options.run(.destroy) }
}
