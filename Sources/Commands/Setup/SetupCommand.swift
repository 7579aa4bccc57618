internal import ArgumentParser
internal import KubernetesAPI
internal import OrderedJSON
internal import Runner
internal import StateStorage

/// `stowage setup`: what the documentation page of the state storage has one type by hand.
struct SetupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "setup",
        abstract: "Give a ServiceAccount the right to keep states in a namespace.",
        discussion: """
            Makes the Role and RoleBinding of the state storage, with the names and rules \
            of its documentation, and says of each what was created, changed or left. A \
            Role of that name that grants something else is not touched without --replace.

              stowage setup --namespace humanitec-runner \\
                --service-account humanitec-runner --create-namespace
              stowage setup --namespace humanitec-runner \\
                --service-account humanitec-runner -o yaml | kubectl diff -f -

            -o yaml and -o hcl print the same for kubectl apply and for Terraform's \
            kubernetes provider, and ask no cluster.

            EXIT STATUS
            \(ExitStatus.table)
            """)

    @OptionGroup var place: PlaceOptions

    @Option(help: ArgumentHelp("The ServiceAccount that runs use. Default: that of --config.", valueName: "name"))
    var serviceAccount: String?

    @Option(
        help: ArgumentHelp("Its namespace. Default: that of --config's Jobs, else of the states.", valueName: "name"))
    var serviceAccountNamespace: String?

    @Option(
        help: ArgumentHelp(
            "A Role for this environment's state only, instead of all states; may be repeated.", valueName: "uuid"))
    var perEnvironment: [String] = []

    @Option(
        help: ArgumentHelp(
            "Rights beyond the documented ones, separated by commas: delete, watch, patch, locks (list leases).",
            valueName: "rights"))
    var with: OptionalRights?

    @Flag(help: "Create the namespace of the states, if it is not there.")
    var createNamespace = false

    @Flag(help: "Create the ServiceAccount, if it is not there.")
    var createServiceAccount = false

    @Flag(help: "Change a Role that grants something else, and a binding that binds another Role.")
    var replace = false

    @Flag(help: "Change nothing; say what would change, checked by the cluster where it can be.")
    var dryRun = false

    @Option(name: .shortAndLong, help: "How to print: text, yaml, json or hcl.")
    var output = SetupOutput.text

    @OptionGroup(title: "Output") var global: GlobalOptions

    func validate() throws {
        guard serviceAccount != nil || place.runner.path != nil else {
            throw ValidationError("pass the ServiceAccount that runs use with --service-account, or a --config")
        }
    }

    func run() async throws {
        switch output {
        case .yaml:
            let request = try await requestWithoutCluster()
            print(ManifestYAML.text(of: request.objects.map(\.json), comments: request.notes), terminator: "")
        case .hcl: print(ManifestHCL.text(of: try await requestWithoutCluster()), terminator: "")
        case .text, .json:
            let result = try await apply()
            print(
                output == .json ? SetupReports.json(result).prettyText : SetupReports.text(result, global.quiet),
                terminator: "")
        }
    }

    private func requestWithoutCluster() async throws -> SetupRequest {
        let runner = try await place.runner.read()
        return try request(in: try runner?.namespace(given: place.namespace) ?? place.namespace, runner)
    }

    private func apply() async throws -> SetupResult {
        let environment = processEnvironment()
        let place = try await place.read(environment)
        // Everything that needs no cluster is checked before one is started or asked.
        if let namespace = place.namespace { _ = try request(in: namespace, place.runner) }
        let (logger, replaces, isDryRun) = (global.logger("stowage.setup"), replace, dryRun)
        return try await interruptible({ "what was made so far stays; run it again to make the rest" }) {
            try await withChosenCluster(place.cluster, environment: environment, logger: logger) { client in
                let request = try request(in: place.namespace(of: client.connection), place.runner)
                return try await StorageSetup(client: client, request: request, replaces: replaces, isDryRun: isDryRun)
                    .run()
            }
        }
    }

    private func request(in namespace: String?, _ runner: ChosenRunner?) throws -> SetupRequest {
        guard let namespace else {
            throw UsageError(description: "no namespace is given; pass that of the states with --namespace")
        }
        // The namespace of the Jobs is that of their own ServiceAccount, not of any other.
        let job = runner?.configuration.job
        let accountNamespace = try checkedNamespace(
            serviceAccountNamespace ?? (serviceAccount == nil ? job?.namespace : nil) ?? namespace)
        let serviceAccount = serviceAccount ?? job?.serviceAccount ?? ""
        guard isServiceAccountName(serviceAccount) else {
            throw UsageError(
                description:
                    "'\(serviceAccount)' is not the name of a ServiceAccount: lower-case letters, digits, '-' and "
                    + "'.'; pass its namespace with --service-account-namespace")
        }
        var request = SetupRequest(
            namespace: try checkedNamespace(namespace),
            serviceAccount: ServiceAccountReference(namespace: accountNamespace, name: serviceAccount))
        request.environments = try perEnvironment.map { try EnvironmentID($0) }
        request.extras = with?.rights ?? []
        request.createsNamespace = createNamespace
        request.createsServiceAccount = createServiceAccount
        return request
    }
}

/// How a set-up is printed.
enum SetupOutput: String, ExpressibleByArgument, CaseIterable {
    case text, yaml, json, hcl
}

/// Rights separated by commas.
struct OptionalRights: ExpressibleByArgument {
    let rights: Set<OptionalRight>

    init?(argument: String) {
        let names = argument.split(separator: ",", omittingEmptySubsequences: false)
        let rights = names.compactMap { OptionalRight(rawValue: String($0)) }
        guard rights.count == names.count else { return nil }
        self.rights = Set(rights)
    }

    static var allValueStrings: [String] { OptionalRight.allCases.map(\.rawValue) }
}
