internal import ArgumentParser
internal import KubernetesAPI
internal import OrderedJSON
internal import Runner
internal import StateStorage

/// `stowage check`: whether states can be kept in a namespace, before a run finds out.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Tell whether states can be kept in a namespace, and what is missing.",
        discussion: """
            Asks the cluster for every right that the engines and Stowage need, says what \
            breaks without one that is missing, and prints the Role that closes the gap. \
            Looks at namespace, clock, encryption, quotas and the size of what is there.

              stowage check --namespace humanitec-runner \\
                --as-service-account humanitec-runner/humanitec-runner
              stowage check --namespace humanitec-runner --print-role \\
                --as-service-account humanitec-runner/humanitec-runner | kubectl apply -f -

            EXIT STATUS
            \(ExitStatus.table)
            """)

    @OptionGroup var place: PlaceOptions

    @Option(
        help: ArgumentHelp(
            "The ServiceAccount whose rights are asked for. Default: that of --config, else whoever the credentials "
                + "belong to.",
            valueName: "ns/name"))
    var asServiceAccount: ServiceAccountArgument?

    @Option(help: "The engine that must work by itself: terraform or tofu. Default: both.")
    var engine: CheckedEngine?

    @Option(
        help: ArgumentHelp(
            "Ask only for what runs of this environment need, as with a Role for it alone.", valueName: "uuid"))
    var environment: String?

    @Option(
        help: ArgumentHelp(
            "The namespace of deployments, which you must then be able to submit. Default: that of --config.",
            valueName: "name"))
    var jobNamespace: String?

    @Flag(help: "Read every state to measure what a stock init transfers, instead of ten.")
    var measure = false

    @Flag(help: "Write, read, lock and unlock an environment of its own for real, and remove it.")
    var probe = false

    @Flag(help: "Print only the YAML that closes the gap; nothing, where there is none.")
    var printRole = false

    @OptionGroup var output: OutputOption
    @OptionGroup(title: "Output") var global: GlobalOptions

    func run() async throws {
        let environment = processEnvironment()
        let place = try await place.read(environment)
        let given = try request(in: place)
        let configuration = StateStoreConfiguration(environment: environment)
        let logger = global.logger("stowage.check")
        let result = try await interruptible({ "nothing was changed but by a probe, which tidied up" }) {
            try await withChosenCluster(place.cluster, environment: environment, logger: logger) { client in
                var request = given
                request.namespace = try place.namespace(of: client.connection)
                return try await StorageCheck(client: client, request: request, configuration: configuration).run()
            }
        }
        if printRole {
            print(ManifestYAML.text(of: result.repairs.flatMap(\.objects)), terminator: "")
        } else if output.output == .table {
            print(try CheckReports.text(result), terminator: "")
        } else {
            try output.print(CheckReports.json(result))
        }
        try CheckReports.finish(result)
    }

    /// - Returns: with an empty namespace where that of the context is meant.
    private func request(in place: GivenPlace) throws -> CheckRequest {
        var request = CheckRequest(namespace: place.namespace ?? "")
        let job = place.runner?.configuration.job
        request.account = job.map { ServiceAccountReference(namespace: $0.namespace, name: $0.serviceAccount) }
        if let asServiceAccount {
            request.account = ServiceAccountReference(
                namespace: try checkedNamespace(asServiceAccount.namespace), name: asServiceAccount.name)
        }
        request.environment = try environment.map { try EnvironmentID($0) }
        request.engine = engine?.consumer
        request.jobNamespace = try jobNamespace.map(checkedNamespace) ?? job?.namespace
        request.measuresAll = measure
        request.probes = probe
        return request
    }
}

/// `namespace/name`.
struct ServiceAccountArgument: ExpressibleByArgument {
    let namespace: String
    let name: String

    init?(argument: String) {
        let parts = argument.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, !parts[0].isEmpty, isServiceAccountName(parts[1]) else { return nil }
        (namespace, name) = (parts[0], parts[1])
    }
}

/// A ServiceAccount's name is a DNS-1123 subdomain.
func isServiceAccountName(_ name: String) -> Bool {
    name.utf8.count <= 253 && name.wholeMatch(of: #/[a-z0-9]([-a-z0-9.]*[a-z0-9])?/#) != nil
}

/// The engine that a check is for.
enum CheckedEngine: String, ExpressibleByArgument, CaseIterable {
    case terraform, tofu

    var consumer: Consumer {
        switch self {
        case .terraform: .terraform
        case .tofu: .tofu
        }
    }
}
