internal import ArgumentParser
internal import CLibrary
internal import EmbeddedCluster
internal import KubernetesAPI
internal import LocalFiles
internal import Logging

/// Which cluster a command is for. There is no fall-back from one choice to another: a wrong cluster is an empty state.
struct ClusterOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The kubeconfig file. Default: those that KUBECONFIG lists, else ~/.kube/config.", valueName: "file"))
    var kubeconfig: String?

    @Option(help: ArgumentHelp("The context of the kubeconfig. Default: its current context.", valueName: "name"))
    var context: String?

    @Flag(help: "The cluster that this process runs in, as its pod's ServiceAccount.")
    var inCluster = false

    @Flag(
        help: "The embedded cluster: the one that runs from --cluster-dir, else one for as long as this command lasts.")
    var embedded = false

    @Option(
        help: ArgumentHelp(
            "The folder of the embedded cluster. Default: cluster in your data folder.", valueName: "dir"))
    var clusterDir: String?

    /// As they were given, for a command that a message tells people to run.
    var commandLine: [String] {
        var words: [String] = []
        if let kubeconfig { words += ["--kubeconfig", absolutePath(kubeconfig)] }
        if let context { words += ["--context", context] }
        if inCluster { words.append("--in-cluster") }
        if embedded { words.append("--embedded") }
        if let clusterDir { words += ["--cluster-dir", absolutePath(clusterDir)] }
        return words
    }

    /// - Parameter runner: names the cluster where no option does.
    func choice(environment: [String: String], runner: ChosenRunner? = nil) throws -> ClusterChoice {
        if let runner, kubeconfig == nil, context == nil, !inCluster, !embedded, clusterDir == nil {
            return .runner(runner)
        }
        return try ClusterChoice(
            kubeconfig: kubeconfig, context: context, inCluster: inCluster, embedded: embedded, clusterDir: clusterDir,
            environment: environment, fileExists: { access($0, F_OK) == 0 })
    }
}

/// One cluster, chosen by options and environment alone.
enum ClusterChoice: Equatable {
    case kubeconfig(paths: [String], context: String?)
    case inCluster
    case embedded(folder: String)
    /// What a runner configuration names.
    case runner(ChosenRunner)

    /// - Throws: `UsageError` when nothing is chosen, or more than one.
    init(
        kubeconfig: String?, context: String?, inCluster: Bool, embedded: Bool, clusterDir: String?,
        environment: [String: String], fileExists: (String) -> Bool
    ) throws {
        if inCluster && embedded || kubeconfig != nil && (inCluster || embedded) {
            throw UsageError(
                description: "--kubeconfig, --in-cluster and --embedded exclude one another; pass one of them")
        }
        if context != nil && (inCluster || embedded) {
            throw UsageError(
                description:
                    "--context names a context of a kubeconfig; leave it out, or leave out --in-cluster and --embedded")
        }
        if clusterDir != nil && !embedded {
            throw UsageError(
                description: "--cluster-dir is the folder of the embedded cluster; pass --embedded with it")
        }
        if embedded {
            self = .embedded(folder: ClusterFolder.path(clusterDir, environment: environment))
        } else if inCluster {
            self = .inCluster
        } else if let kubeconfig {
            self = .kubeconfig(paths: [kubeconfig], context: context)
        } else if let list = environment["KUBECONFIG"], !list.isEmpty {
            self = .kubeconfig(paths: list.split(separator: ":").map(String.init), context: context)
        } else if let home = environment["HOME"], fileExists("\(home)/.kube/config") {
            self = .kubeconfig(paths: ["\(home)/.kube/config"], context: context)
        } else {
            throw UsageError(
                description: "no cluster chosen: pass --kubeconfig FILE (or set KUBECONFIG, or have ~/.kube/config), "
                    + "--in-cluster, --config runner-config.yaml, or --embedded for the cluster that Stowage brings")
        }
    }
}

extension ClusterFolder {
    /// The folder that was given, made absolute, or the default one.
    static func path(_ given: String?, environment: [String: String]) -> String {
        guard let given else { return "\(UserFolders(environment: environment).data)/cluster" }
        return absolutePath(given)
    }
}

/// The path made absolute against the current folder; nothing is resolved.
func absolutePath(_ path: String) -> String {
    if path.hasPrefix("/") { return path }
    guard let current = getcwd(nil, 0) else { return path }
    defer { free(current) }
    return "\(String(cString: current))/\(path)"
}
