internal import ArgumentParser

/// The root of the command line.
struct StowageCommand: AsyncParsableCommand {
    /// The version of the program, as in CHANGELOG.md.
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "stowage",
        abstract: "Runs Terraform and OpenTofu for many environments, with each state in a Kubernetes Secret.",
        discussion: """
            A first try on one machine, with no cluster at hand:

              export KUBECONFIG=$(stowage cluster start --detach)
              stowage run apply --namespace default \\
                --environment 4b41bf32-b337-93a4-ad65-1d565c5e25be ./module
              kubectl get secrets

            Completion for your shell: stowage --generate-completion-script bash|zsh|fish
            """,
        version: version,
        subcommands: [
            RunCommand.self, DeployCommand.self, DeploymentsCommand.self, StateCommand.self, SetupCommand.self,
            CheckCommand.self, DoctorCommand.self,
            RunnerCommand.self, GatewayCommand.self, ClusterCommand.self,
            StandardCommand.self,
        ])
}
