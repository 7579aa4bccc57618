/// A file that is wrong, and every problem that it has to be told.
struct BadConfiguration: Sendable, CustomStringConvertible {
    struct Expected: Sendable {
        /// `line:column`
        let place: String
        let key: String?
        /// A part of the message or of what is allowed.
        let part: String
    }

    let name: String
    let text: String
    private(set) var expected: [Expected]

    var description: String { name }

    /// A whole file.
    init(_ name: String, _ text: String, _ expected: (String, String?, String)...) {
        self.name = name
        self.text = text
        self.expected = expected.map { Expected(place: $0.0, key: $0.1, part: $0.2) }
    }

    /// A good file in which one text is replaced by another.
    init(_ name: String, _ good: String, _ old: String, _ new: String, _ expected: (String, String?, String)...) {
        self.name = name
        text = good.replacing(old, with: new, maxReplacements: 1)
        self.expected = expected.map { Expected(place: $0.0, key: $0.1, part: $0.2) }
    }

    mutating func expect(_ expected: [(String, String?, String)]) {
        self.expected = expected.map { Expected(place: $0.0, key: $0.1, part: $0.2) }
    }
}

/// The table: what is changed in which good file, then place, key and message of each problem.
extension BadConfiguration {
    private typealias Good = ConfigurationSamples

    static let all = files + yaml + placeholders + roots + kubernetes + clouds + agent + jobs + templates + storage

    // MARK: Files that are none

    private static let files: [BadConfiguration] = [
        BadConfiguration("empty", "", ("1:1", nil, "the file is empty")),
        BadConfiguration("comments only", "# nothing\n\n", ("1:1", nil, "the file is empty")),
        BadConfiguration("a document without content", "---\n", ("1:1", nil, "the file is empty")),
        BadConfiguration("a list", "- a\n- b\n", ("1:1", nil, "expected a mapping, found a list")),
        BadConfiguration("a word", "kubernetes\n", ("1:1", nil, "expected a mapping, found a string")),
        BadConfiguration("a control character", "description: a\u{1}b\n", ("1:15", nil, "control characters")),
        BadConfiguration(
            "two documents", Good.eks + "---\n" + Good.eks, ("16:1", nil, "another document begins here")),
        BadConfiguration(
            "a document after the end of one", Good.eks + "...\n" + Good.eks, ("16:1", nil, "'...' stands for"),
            ("17:1", "runner_configuration", "more than once; it is on line 1"),
            ("29:1", "state_storage_configuration", "more than once; it is on line 13")),
        BadConfiguration(
            "too deep",
            Good.token + "description: " + String(repeating: "[", count: 150)
                + String(repeating: "]", count: 150) + "\n", ("14:114", nil, "nested more than 100 levels deep")),
        BadConfiguration(
            "far too deep", String(repeating: "[", count: 100_000), ("1:1", nil, "nested too deeply")),
        BadConfiguration(
            "aliases that grow",
            "a: &a [x, x, x, x, x, x, x, x, x]\n"
                + (0..<9).map { level in
                    let (name, below) = (Array("bcdefghij")[level], Array("abcdefghi")[level])
                    return "\(name): &\(name) [\(Array(repeating: "*\(below)", count: 9).joined(separator: ", "))]\n"
                }.joined(), ("1:26", nil, "aliases of the file make it too large")),
    ]

    // MARK: YAML

    private static let yaml: [BadConfiguration] = [
        BadConfiguration(
            "a tab in the indentation", Good.eks, "    region:", "\tregion:", ("5:1", nil, "a tab in the indentation")),
        BadConfiguration(
            "a tab after spaces", Good.eks, "    region:", "  \tregion:", ("5:3", nil, "a tab in the indentation")),
        BadConfiguration(
            "indentation that fits nothing", Good.eks, "    region:", "   region:", ("5:4", nil, "not YAML")),
        BadConfiguration(
            "a key twice", Good.eks, "    region: us-west-2\n", "    region: us-west-2\n    region: us-west-1\n",
            ("6:5", "runner_configuration.cluster.region", "given more than once; it is on line 5")),
        BadConfiguration(
            "a key three times, once in quotes", Good.eks, "    region: us-west-2\n",
            "    region: us-west-2\n    \"region\": x\n    region: y\n",
            ("6:5", "runner_configuration.cluster.region", "more than once"),
            ("7:5", "runner_configuration.cluster.region", "more than once")),
        BadConfiguration(
            "keys twice in several mappings, and something else", Good.eks.replacing("us-west-2", with: "-x"),
            "namespace: default\n", "namespace: default\n    namespace: b\n    service_account: c\n",
            ("5:13", "runner_configuration.cluster.region", "'-x' is not such a name"),
            ("12:5", "runner_configuration.job.namespace", "line 11"),
            ("14:5", "runner_configuration.job.service_account", "line 13")),
        BadConfiguration("an open quote", Good.eks, "us-west-2", "\"us-west-2", ("16:1", nil, "not YAML")),
        BadConfiguration("an open list", Good.eks, "us-west-2", "[us-west-2", ("6:9", nil, "not YAML")),
        BadConfiguration(
            "an alias without an anchor", Good.eks, "us-west-2", "*region", ("5:13", nil, "undefined alias")),
        BadConfiguration(
            "a colon in a plain value", Good.eks, "us-west-2", "us: west", ("5:15", nil, "mapping values")),
        BadConfiguration(
            "a key that is a list", Good.eks, "    region: us-west-2\n", "    region: us-west-2\n    [a, b]: c\n",
            ("6:5", nil, "a key that is no word")),
        BadConfiguration(
            "a merge of what is no mapping", Good.eks, "    region: us-west-2\n", "    region: us-west-2\n    <<: x\n",
            ("6:9", nil, "'<<' takes a mapping")),
        BadConfiguration(
            "a key without a space after its colon", Good.token, "type: kubernetes\n  cluster",
            "type:kubernetes\n  cluster",
            ("3:10", nil, "not YAML")),
    ]

    // MARK: `...`

    /// The sample of the documentation page, as it is there and as it is when its indentation was lost.
    private static let placeholders: [BadConfiguration] = [
        BadConfiguration(
            "the sample of the page",
            """
            runner_configuration:
              ...
            state_storage_configuration:
              type: kubernetes
              namespace: humanitec-runner

            """, ("2:3", nil, "'...' stands for more keys in documentation")),
        BadConfiguration(
            "the sample without its indentation",
            """
            runner_configuration:
            ...
            state_storage_configuration:
              # Always set the type to "kubernetes" for this storage type
              type: kubernetes
              namespace: humanitec-runner

            """, ("2:1", nil, "take the line out")),
        BadConfiguration(
            "the sample of a runner", Good.eks, "  type: kubernetes\n  namespace: humanitec-runner\n", "  ...\n",
            ("14:3", nil, "'...' stands for")),
        BadConfiguration(
            "the sample of a runner, unindented", Good.eks, "  type: kubernetes\n  namespace: humanitec-runner\n",
            "...\n",
            ("14:1", nil, "'...' stands for")),
        BadConfiguration(
            "the sample of an agent", Good.agent, "humanitec\n", "humanitec\n  ...\n", ("20:3", nil, "'...' stands for")
        ),
        BadConfiguration(
            "several, and another problem", Good.eks, "    region: us-west-2\n",
            "    ...\n    regoin: us-west-2\n    …\n",
            ("5:5", nil, "'...' stands for"),
            ("6:5", "runner_configuration.cluster.regoin", "did you mean 'region'?"), ("7:5", nil, "'...' stands for")),
        BadConfiguration(
            "as a value", Good.eks, "us-west-2", "...",
            ("5:13", "runner_configuration.cluster.region", "'...' stands for")),
        BadConfiguration(
            "in a key", Good.agent, "MCowBQYDK2VwAyEAc5dgCx4ano39JT0XgTsHnts3jej+5xl7ZAwSIrKpef0=", "...",
            ("3:8", "runner_configuration.key", "not base64"), ("5:5", nil, "'...' stands for")),
    ]

    // MARK: The root and the type

    private static let roots: [BadConfiguration] = [
        BadConfiguration(
            "nothing but a description", "description: x\n", ("1:1", "runner_configuration", "is missing"),
            ("1:1", "state_storage_configuration", "is missing")),
        BadConfiguration(
            "an unknown key at the top", Good.eks + "id: my-runner\n",
            ("16:1", "id", "unknown key 'id' at the top of the file")),
        BadConfiguration(
            "a slip at the top", Good.eks, "runner_configuration", "runner-configuration",
            ("1:1", "runner-configuration", "did you mean 'runner_configuration'?"),
            ("1:1", "runner_configuration", "is missing")),
        BadConfiguration(
            "a description that is a number", Good.certificate, "a runner", "12",
            ("1:14", "description", "put it in quotes")),
        BadConfiguration(
            "a runner that is a word", "runner_configuration: kubernetes\n" + storageText,
            ("1:23", "runner_configuration", "expected a mapping, found a string")),
        BadConfiguration(
            "an empty runner", "runner_configuration:\n" + storageText, ("1:1", "runner_configuration", "has no value")),
        BadConfiguration(
            "a runner without anything", "runner_configuration: {}\n" + storageText,
            ("1:23", "runner_configuration.type", "kubernetes-gke, kubernetes-eks, kubernetes-agent"),
            ("1:23", "runner_configuration.job", "is missing")),
        BadConfiguration(
            "no type", Good.eks, "  type: kubernetes-eks\n", "", ("2:3", "runner_configuration.type", "is missing")),
        BadConfiguration(
            "an unknown type", Good.eks, "kubernetes-eks", "kubernets-eks",
            ("2:9", "runner_configuration.type", "did you mean 'kubernetes-eks'?")),
        BadConfiguration(
            "a type of nobody", Good.eks, "kubernetes-eks", "docker",
            ("2:9", "runner_configuration.type", "'docker' is not a runner type")),
        BadConfiguration(
            "a type that is a list", Good.eks, "kubernetes-eks", "[kubernetes-eks]",
            ("2:9", "runner_configuration.type", "expected a string, found a list")),
        BadConfiguration(
            "serverless-ecs with Secrets",
            "runner_configuration: {type: serverless-ecs, auth: {}, job: {region: x}}\n" + storageText,
            ("1:30", "runner_configuration.type", "not Kubernetes-based"),
            (
                "3:9", "state_storage_configuration.type",
                "state storage type 'kubernetes' is not compatible with runner type 'serverless-ecs', "
                    + "it must be one of [s3]"
            )),
        BadConfiguration(
            "a backend that is none", Good.agent, "  namespace: humanitec\n",
            "  namespace: humanitec\n  backend: gatewy\n",
            ("20:12", "state_storage_configuration.backend", "did you mean 'gateway'?; allowed: kubernetes, gateway")),
        BadConfiguration(
            "the key of another type", Good.eks, "  job:", "  key: x\n  job:",
            ("10:3", "runner_configuration.key", "belongs to runner type kubernetes-agent")),
        BadConfiguration(
            "a key of the job beside it", Good.eks, "  job:\n    namespace: default\n",
            "  namespace: default\n  job:\n",
            ("10:3", "runner_configuration.namespace", "it belongs in runner_configuration.job"),
            ("12:5", "runner_configuration.job.namespace", "is missing")),
    ]

    private static let storageText = "state_storage_configuration:\n  type: kubernetes\n  namespace: humanitec-runner\n"
}
