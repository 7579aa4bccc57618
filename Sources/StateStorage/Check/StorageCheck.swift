public import KubernetesAPI
internal import OrderedJSON

/// What a check shall look at.
public struct CheckRequest: Sendable {
    /// Where the states are, or shall be.
    public var namespace: String
    /// The account that runs work with; nil for whoever the credentials belong to.
    public var account: ServiceAccountReference?
    /// Looks only at what runs of one environment need, as with a Role for one environment.
    public var environment: EnvironmentID?
    /// The engine that must work by itself; nil for both.
    public var engine: Consumer?
    /// The namespace that deployments are submitted in, where they are.
    public var jobNamespace: String?
    /// Reads every state to measure it, instead of a few.
    public var measuresAll = false
    /// Also does it: creates, reads and replaces an object of each kind, and clears it away as far as that is
    /// allowed.
    public var probes = false

    public init(namespace: String) { self.namespace = namespace }

    /// Who must be able to work.
    public var consumers: Set<Consumer> {
        var consumers: Set<Consumer> = environment == nil ? [.run, .state] : [.run]
        if let engine {
            consumers.insert(engine)
        } else if environment == nil {
            consumers.formUnion([.terraform, .tofu])
        }
        if jobNamespace != nil { consumers.insert(.deploy) }
        return consumers
    }
}

/// Finds out whether states can be kept in a namespace, before a run does.
public struct StorageCheck: Sendable {
    let client: KubernetesClient
    let request: CheckRequest
    let configuration: StateStoreConfiguration

    public init(client: KubernetesClient, request: CheckRequest, configuration: StateStoreConfiguration) {
        self.client = client
        self.request = request
        self.configuration = configuration
    }

    /// - Throws: `KubernetesError` where the cluster does not answer; `AccessReviewError` where rights cannot be asked for.
    ///   What is found to be wrong is a result.
    public func run() async throws -> CheckResult {
        let version = try await version()
        async let namespace = namespaceFinding()
        async let encryption = encryptionFinding(version)
        async let quota = quotaFinding()
        async let states = statesFinding()

        let reviewer = try await AccessReviewer(
            client: client, account: request.account, namespace: request.namespace)
        let runner = try await check(AccessNeed.documented + AccessNeed.optional, in: request.namespace, reviewer)
        let jobNamespace = request.jobNamespace ?? request.account?.namespace ?? request.namespace
        let submitter = try await AccessReviewer(client: client, account: nil, namespace: jobNamespace)
        let submitting = try await check(AccessNeed.submitting, in: jobNamespace, submitter)

        var repairs: [RoleRepair] = []
        for (accesses, name, rules, whose) in [
            (runner, runnerRole, runnerRules, reviewer),
            (submitting, Self.submitterRole, Self.submitterRules, submitter),
        ] {
            let missing = accesses.filter { !$0.isGranted && $0.need.isNeeded(by: request.consumers) }
            guard let namespace = missing.first?.namespace else { continue }
            let subject = Self.subject(whose.userName, in: namespace)
            let repairer = RoleRepairer(namespace: namespace, name: name, rules: rules, subject: subject)
            repairs.append(try await repair(missing.map(\.need.access), repairer))
        }
        var probe: ProbeResult?
        if request.probes {
            probe = await StorageProbe(
                client: reviewer.working, namespace: request.namespace, configuration: configuration
            ).run()
        }
        return CheckResult(
            findings: [clusterFinding(version)] + [await namespace] + [clockFinding(version)] + [await encryption]
                + (await states) + [await quota],
            accesses: runner + submitting, runner: (reviewer.userName, reviewer.way), submitter: submitter.userName,
            consumers: request.consumers, repairs: repairs, probe: probe)
    }

    // MARK: - Rights

    private func check(
        _ needs: [AccessNeed], in namespace: String, _ reviewer: AccessReviewer
    ) async throws -> [CheckedAccess] {
        let environment = request.environment
        return try await inParallel(needs, width: configuration.parallelRequests) { need in
            let name = environment.flatMap { need.access.name(of: StateNames($0)) }
            let answer = try await reviewer.ask(need.access, in: namespace, name: name)
            return CheckedAccess(
                need: need, namespace: namespace, isGranted: answer.isAllowed, reason: answer.reason)
        }
    }

    private var runnerRole: String {
        StorageRights.roleName + (request.environment.map { "-\($0)" } ?? "")
    }

    private var runnerRules: [PolicyRule] {
        request.environment.map { StorageRights.rules(for: $0) } ?? StorageRights.rules()
    }

    static let submitterRole = "stowage-deploy"

    static let submitterRules = [
        PolicyRule(groups: ["batch"], resources: ["jobs"], verbs: ["create", "get", "list"]),
        PolicyRule(groups: [""], resources: ["pods", "events"], verbs: ["list"]),
        PolicyRule(groups: [""], resources: ["pods/log"], verbs: ["get"]),
        PolicyRule(groups: [""], resources: ["secrets"], verbs: ["create"]),
    ]

    private func repair(_ missing: [Access], _ repairer: RoleRepairer) async throws -> RoleRepair {
        do {
            let role = try await existing(.role, repairer)
            let binding = try await existing(.roleBinding, repairer)
            return repairer.repair(missing, role: role, binding: binding, isReadable: true)
        } catch let error as KubernetesError where error.code == .forbidden {
            return repairer.repair(missing, role: nil, binding: nil, isReadable: false)
        }
    }

    private func existing(_ kind: ResourceKind, _ repairer: RoleRepairer) async throws -> JSON? {
        do {
            return try await client.get(kind, namespace: repairer.namespace, name: repairer.name)
        } catch let error as KubernetesError where error.code == .notFound {
            return nil
        }
    }

    private static func subject(_ userName: String?, in namespace: String) -> JSON? {
        guard let userName else { return nil }
        let words = userName.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard words.count == 4, words[0...1] == ["system", "serviceaccount"] else {
            return ["kind": "User", "apiGroup": .string(ResourceKind.role.group), "name": .string(userName)]
        }
        return SetupObject.subject(ServiceAccountReference(namespace: words[2], name: words[3]), in: namespace)
    }
}

extension Access {
    /// The object of an environment that it is about; nil where it is about none, or about one that is not there yet.
    fileprivate func name(of names: StateNames) -> String? {
        guard !["create", "list"].contains(verb) else { return nil }
        return kind == .secret ? names.secret : kind == .lease ? names.lease : nil
    }
}
