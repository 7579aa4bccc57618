internal import KubernetesAPI
internal import LocalFiles
internal import PositionedYAML

extension RunnerConfiguration {
    /// The longest file that is read, in bytes.
    public static let maximumSize = 1 << 20

    /// Reads and validates a `runner-config.yaml`.
    ///
    /// - Throws: ``RunnerConfigurationError`` with every problem of the file; `FileError` when it cannot be read.
    public static func load(_ path: String) async throws -> RunnerConfiguration {
        // One byte more tells a file that is too long, however long it is.
        let bytes = try await offloading { try PrivateFile.read(path, limit: maximumSize + 1) }
        return try RunnerConfiguration(parsing: bytes, file: path)
    }

    /// - Parameter file: its name, for messages.
    public init(parsing bytes: [UInt8], file: String) throws(RunnerConfigurationError) {
        let document = YAMLDocument(bytes, limit: Self.maximumSize)
        let problems = ConfigurationProblems(file: file, hasPlaceholders: !document.placeholders.isEmpty)
        for mark in document.placeholders { problems.add(mark, nil, ConfigurationMapping.placeholder) }
        for problem in document.problems { problems.add(problem.mark, problem.key, problem.message) }
        let root = document.root.flatMap { $0.isNull ? nil : $0 }
        let read = root.flatMap { ConfigurationReader(problems: problems).configuration($0) }
        if root == nil, problems.isEmpty {
            problems.add(
                YAMLMark(line: 1, column: 1), nil, "the file is empty",
                allowed: ConfigurationReader.rootKeys.joined(separator: ", "))
        }
        guard problems.isEmpty, let read else { throw RunnerConfigurationError(problems: problems.all) }
        self = read
    }
}

/// Makes a configuration of a document, and tells all that keeps it from being one.
struct ConfigurationReader {
    static let rootKeys = ["description", "runner_configuration", "state_storage_configuration"]

    let problems: ConfigurationProblems

    func configuration(_ root: YAMLValue) -> RunnerConfiguration? {
        guard let members = root.members else {
            problems.add(
                root.mark, nil, "expected a mapping, found \(root.kind)", allowed: Self.rootKeys.joined(separator: ", ")
            )
            return nil
        }
        let mapping = ConfigurationMapping(root.mark, members, path: "", known: Self.rootKeys, problems: problems)
        let summary = mapping.text("description", isRequired: false, allowed: "a text")
        let type = self.type(mapping)
        let (runner, job) = runner(mapping, type)
        let storage = stateStorage(mapping, runnerType: type)
        guard let runner, let job, let storage else { return nil }
        return RunnerConfiguration(summary: summary?.value, runner: runner, job: job, stateStorage: storage)
    }

    private static let runnerTypes = RunnerType.kubernetesBased.map(\.rawValue)

    /// The type, which decides what the other keys may be. What is wrong with it is told where the runner is read.
    private func type(_ root: ConfigurationMapping) -> RunnerType? {
        root.member("runner_configuration")?.value["type"]?.value.string.flatMap(RunnerType.init)
    }

    private static func keys(of type: RunnerType) -> [String] {
        switch type {
        case .kubernetes, .gke, .eks: ["type", "cluster", "job"]
        case .agent: ["type", "key", "job"]
        case .serverlessECS: ["type", "auth", "job"]
        }
    }

    private func runner(_ root: ConfigurationMapping, _ type: RunnerType?) -> (RunnerSettings?, JobSettings?) {
        guard type != .serverlessECS else {
            // Its keys are another platform's, and none of ours.
            let mapping = root.mapping("runner_configuration", known: nil)
            if let place = mapping?.member("type")?.value.mark {
                problems.add(
                    place, "runner_configuration.type",
                    "runner type 'serverless-ecs' is not Kubernetes-based, and Stowage runs deployments as Kubernetes Jobs",
                    allowed: Self.runnerTypes.joined(separator: ", "))
            }
            return (nil, nil)
        }
        let known = type.map(Self.keys) ?? ["type", "cluster", "key", "job"]
        let mapping = root.mapping("runner_configuration", known: known) { key in
            switch (key, type) {
            case ("key", let type?): "'key' belongs to runner type kubernetes-agent, and this is \(type.rawValue)"
            case ("cluster", .agent): "a kubernetes-agent runner uses the cluster that it runs in"
            case ("namespace", _), ("service_account", _), ("pod_template", _):
                "it belongs in runner_configuration.job"
            default: nil
            }
        }
        guard let mapping else { return (nil, nil) }
        checkType(mapping, type)
        let job = job(mapping)
        switch type {
        case .kubernetes: return (KubernetesClusterReader(problems: problems).settings(mapping), job)
        case .gke: return (gke(mapping), job)
        case .eks: return (eks(mapping), job)
        case .agent:
            let key = mapping.text("key", allowed: KeyMaterial.publicKey, fault: KeyMaterial.publicKeyFault)
            return (key.map { .agent(publicKey: $0.value) }, job)
        case .serverlessECS, nil: return (nil, job)
        }
    }

    private func checkType(_ mapping: ConfigurationMapping, _ type: RunnerType?) {
        let allowed = Self.runnerTypes.joined(separator: ", ")
        _ = mapping.text("type", allowed: allowed) { text in
            guard type == nil else { return nil }
            let near = NearName.of(text, among: Self.runnerTypes).map { "; did you mean '\($0)'?" } ?? ""
            return "\(Quoting.quoted(text)) is not a runner type\(near)"
        }
    }

    private func gke(_ runner: ConfigurationMapping) -> RunnerSettings? {
        let keys = ["name", "project_id", "location", "proxy_url", "internal_ip", "auth"]
        guard let cluster = runner.mapping("cluster", known: keys) else { return nil }
        let name = word("name", in: cluster)
        let project = word("project_id", in: cluster)
        let location = word("location", in: cluster)
        let proxy = proxy(cluster)
        let internalIP = cluster.flag("internal_ip")
        guard let auth = cluster.mapping("auth", known: ["gcp_audience", "gcp_service_account"]) else { return nil }
        let audience = word("gcp_audience", in: auth)
        let account = auth.text(
            "gcp_service_account", allowed: FieldRules.googleServiceAccount,
            fault: FieldRules.googleServiceAccountFault)
        guard let name, let project, let location, let audience, let account else { return nil }
        return .gke(
            GKEClusterSettings(
                name: name, projectID: project, location: location, proxyURL: proxy, internalIP: internalIP,
                audience: audience, serviceAccount: account.value))
    }

    private func eks(_ runner: ConfigurationMapping) -> RunnerSettings? {
        guard let cluster = runner.mapping("cluster", known: ["name", "region", "auth"]) else { return nil }
        let name = word("name", in: cluster)
        let region = word("region", in: cluster)
        guard let auth = cluster.mapping("auth", known: ["role_arn", "session_name", "sts_region"]) else { return nil }
        let role = auth.text("role_arn", allowed: FieldRules.roleARN, fault: FieldRules.roleARNFault)
        let session = auth.text(
            "session_name", isRequired: false, allowed: FieldRules.sessionName, fault: FieldRules.sessionNameFault)
        let stsRegion = word("sts_region", in: auth, isRequired: false)
        guard let name, let region, let role else { return nil }
        return .eks(
            EKSClusterSettings(
                name: name, region: region, roleARN: role.value, sessionName: session?.value, stsRegion: stsRegion))
    }

    private func word(_ key: String, in mapping: ConfigurationMapping, isRequired: Bool = true) -> String? {
        mapping.text(key, isRequired: isRequired, allowed: FieldRules.word, fault: FieldRules.wordFault)?.value
    }

    private func proxy(_ cluster: ConfigurationMapping) -> SensitiveText? {
        cluster.text("proxy_url", isRequired: false, allowed: FieldRules.proxy, fault: FieldRules.proxyFault)
            .map { SensitiveText($0.value) }
    }

    private func job(_ runner: ConfigurationMapping) -> JobSettings? {
        guard let job = runner.mapping("job", known: ["namespace", "service_account", "pod_template"]) else {
            return nil
        }
        let namespace = job.text("namespace", allowed: FieldRules.label, fault: FieldRules.labelFault)
        let account = job.text("service_account", allowed: FieldRules.subdomain, fault: FieldRules.subdomainFault)
        let template = PodTemplateCheck(problems: problems).template(job)
        guard let namespace, let account else { return nil }
        return JobSettings(namespace: namespace.value, serviceAccount: account.value, podTemplate: template)
    }
}
