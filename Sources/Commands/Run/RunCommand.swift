internal import ArgumentParser
internal import LocalFiles
internal import Runner

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
        subcommands: [
            RunPlanCommand.self, RunApplyCommand.self, RunDestroyCommand.self, RunRefreshCommand.self,
            RunOutputCommand.self,
        ])
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

    @Option(
        name: .customLong("out"),
        help: ArgumentHelp(
            "Save the plan to this file, for `stowage run apply --plan`. It may hold secrets.", valueName: "file"))
    var planFile: String?

    @Flag(help: "End with 2 where there is something to change.")
    var detailedExitcode = false

    @OptionGroup var options: RunOptions

    func run() async throws {
        try await options.run(.plan) { request in
            request.options.destroys = destroy
            request.detailsExitStatus = detailedExitcode
            request.planFile = planFile.map(absolutePath)
        }
    }
}

struct RunApplyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply",
        abstract: "Make the changes without asking: those of a saved plan, or plan first.",
        discussion: """
              stowage run apply --environment 4b41bf32-b337-93a4-ad65-1d565c5e25be ./module
              stowage run plan --environment 4b41bf32-b337-93a4-ad65-1d565c5e25be \\
                --out next.plan ./module
              stowage run apply --environment 4b41bf32-b337-93a4-ad65-1d565c5e25be \\
                --plan next.plan ./module

            A saved plan is refused where the state has moved since, and for another \
            environment, namespace or engine. Its configuration and its variables are those \
            of the plan; the module's folder gives the files that they read.
            """)

    @Option(
        name: .customLong("plan"),
        help: ArgumentHelp("Apply what `stowage run plan --out` saved to this file.", valueName: "file"))
    var planFile: String?

    @OptionGroup var options: RunOptions

    func validate() throws {
        guard planFile != nil, !options.engineOptions.plansAsUsual else { return }
        throw ValidationError("--target, --replace and --refresh are for planning; pass them to `stowage run plan`")
    }

    func run() async throws {
        try await options.run(.apply) { request in
            guard let planFile else { return }
            let plan = try await offloading { try SavedPlan(reading: planFile) }
            request.savedPlan = plan
            request.options.destroys = plan.destroys
            // The engine goes by what the plan says of its backend.
            request.backend = plan.backend
        }
    }
}

struct RunDestroyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "destroy",
        abstract: "Destroy all that the environment has, without asking.",
        discussion: """
              stowage run destroy --environment 4b41bf32-b337-93a4-ad65-1d565c5e25be ./module

            To see first what would be destroyed, use `stowage run plan --destroy`.
            """)

    @OptionGroup var options: RunOptions

    func run() async throws { try await options.run(.destroy) }
}

struct RunRefreshCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "refresh",
        abstract: "Bring the state up to date with what there is, and change nothing else.",
        discussion: """
              stowage run refresh --environment 4b41bf32-b337-93a4-ad65-1d565c5e25be ./module

            It is the engines' `apply -refresh-only`, without asking.
            """)

    @OptionGroup var options: RunOptions

    func run() async throws { try await options.run(.refresh) }
}
