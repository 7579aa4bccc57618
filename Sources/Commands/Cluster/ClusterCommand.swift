internal import ArgumentParser

/// `stowage cluster`: the embedded cluster.
struct ClusterCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cluster",
        abstract: "Run the Kubernetes API that Stowage brings, on this machine.",
        discussion: """
            It speaks the Kubernetes API over HTTPS on 127.0.0.1 and keeps everything in \
            one folder, in SQLite.

              export KUBECONFIG=$(stowage cluster start --detach)
              kubectl get namespaces
              stowage cluster stop

            EXIT STATUS
            \(ExitStatus.table)
            """,
        subcommands: [
            ClusterStartCommand.self, ClusterStopCommand.self, ClusterStatusCommand.self, ClusterKubeconfigCommand.self,
        ])
}

/// The folder of the embedded cluster.
struct ClusterFolderOptions: ParsableArguments {
    @Option(
        name: [.customLong("dir"), .customLong("cluster-dir")],
        help: ArgumentHelp(
            "The folder of the cluster. Default: cluster in your data folder.", valueName: "dir"))
    var dir: String?
}
