internal import ArgumentParser
internal import KubernetesAPI

/// The options that say where states are: which cluster, and which namespace of it.
struct PlaceOptions: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "The namespace of the states. Default: that of --config, else of the kubeconfig's context.",
            valueName: "name"))
    var namespace: String?

    @OptionGroup(title: "Cluster") var runner: RunnerConfigOption
    @OptionGroup(title: "Cluster") var cluster: ClusterOptions

    /// Everything about the place that needs no cluster.
    func read(_ environment: [String: String]) async throws -> GivenPlace {
        let runner = try await runner.read()
        let choice = try cluster.choice(environment: environment, runner: runner)
        let given = try namespace.map(checkedNamespace)
        return GivenPlace(cluster: choice, namespace: try runner?.namespace(given: given) ?? given, runner: runner)
    }
}

/// Where states are, as far as it was said.
struct GivenPlace {
    let cluster: ClusterChoice
    /// nil for that of the kubeconfig's context.
    let namespace: String?
    let runner: ChosenRunner?

    /// - Throws: `UsageError` where the connection names none either.
    func namespace(of connection: ClusterConnection) throws -> String {
        try namespace ?? defaultNamespace(of: connection)
    }
}

/// The namespace that a connection names.
///
/// - Throws: `UsageError` where it names none: to guess one is to find an empty state.
func defaultNamespace(of connection: ClusterConnection) throws -> String {
    guard let namespace = connection.defaultNamespace else {
        throw UsageError(description: "\(connection.description) names no namespace; pass the state's with --namespace")
    }
    return try checkedNamespace(namespace)
}
