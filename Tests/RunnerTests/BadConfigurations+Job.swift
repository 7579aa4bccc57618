/// What is wrong with the Job and with the state storage.
extension BadConfiguration {
    private typealias Good = ConfigurationSamples
    private static let job = "runner_configuration.job"
    private static let storageKey = "state_storage_configuration"

    // MARK: job

    static let jobs: [BadConfiguration] = [
        BadConfiguration(
            "no job", Good.token, "  job:\n    namespace: runner-jobs\n    service_account: runner\n", "",
            ("2:3", job, "is missing; allowed: a mapping of namespace, service_account, pod_template")),
        BadConfiguration(
            "a namespace of 64 characters", Good.token, "runner-jobs", String(repeating: "a", count: 64),
            ("9:16", "\(job).namespace", "is 64 characters long; allowed: up to 63")),
        BadConfiguration(
            "a namespace with a hyphen at its end", Good.token, "runner-jobs", "runner-",
            ("9:16", "\(job).namespace", "'runner-' is not the name of a namespace")),
        BadConfiguration(
            "a namespace that is a truth value", Good.token, "runner-jobs", "on",
            ("9:16", "\(job).namespace", "found a truth value; put it in quotes")),
        BadConfiguration(
            "a namespace that is a number", Good.token, "runner-jobs", "1234",
            ("9:16", "\(job).namespace", "found a number; put it in quotes")),
        BadConfiguration(
            "a namespace of several lines", Good.token, "runner-jobs", "\"a\\nb\"",
            ("9:16", "\(job).namespace", "'a?b' is not the name of a namespace")),
        BadConfiguration(
            "no ServiceAccount", Good.token, "    service_account: runner\n", "",
            ("9:5", "\(job).service_account", "is missing")),
        BadConfiguration(
            "a ServiceAccount with its namespace", Good.token, "service_account: runner", "service_account: ns/runner",
            ("10:22", "\(job).service_account", "'ns/runner' is not the name of a ServiceAccount")),
        BadConfiguration(
            "a ServiceAccount with an empty part", Good.token, "service_account: runner", "service_account: a..b",
            ("10:22", "\(job).service_account", "'a..b' is not the name")),
        BadConfiguration(
            "a ServiceAccount of 254 characters", Good.token, "service_account: runner",
            "service_account: \(String(repeating: "a", count: 254))",
            ("10:22", "\(job).service_account", "is 254 characters long")),
        BadConfiguration(
            "an image", Good.token, "    namespace: runner-jobs\n", "    namespace: runner-jobs\n    image: x\n",
            ("10:5", "\(job).image", "unknown key 'image' in runner_configuration.job")),
    ]

    // MARK: pod_template

    private static func template(
        _ name: String, _ template: String, _ expected: (String, String?, String)...
    ) -> BadConfiguration {
        var bad = BadConfiguration(
            name, Good.token, "    service_account: runner\n",
            "    service_account: runner\n    pod_template:\(template)\n")
        bad.expect(expected.map { ($0.0, $0.1.map { "\(job).pod_template\($0)" }, $0.2) })
        return bad
    }

    static let templates: [BadConfiguration] = [
        template(
            "a template that is JSON text", " '{\"metadata\": {}}'",
            ("11:19", "", "a JSON string is how the Terraform provider")),
        template("a template that is a list", " []", ("11:19", "", "expected a mapping, found a list")),
        template(
            "a template with one too many levels", " {template: {spec: {}}}",
            ("11:20", ".template", "what stands in it belongs here; allowed: metadata, spec")),
        template("a template's slip", "\n      spce: {}", ("12:7", ".spce", "did you mean 'spec'?")),
        template(
            "another namespace", "\n      metadata:\n        namespace: other",
            ("13:9", ".metadata.namespace", "the Job's namespace is job.namespace")),
        template(
            "another ServiceAccount", "\n      spec:\n        serviceAccountName: other\n        serviceAccount: other",
            ("13:9", ".spec.serviceAccountName", "is job.service_account"),
            ("14:9", ".spec.serviceAccount", "leave it out")),
        template(
            "reserved variables",
            """

                  spec:
                    containers:
                    - name: sidecar
                      env: [{name: LOG_LEVEL, value: info}]
                    - name: main
                      env:
                      - {name: HOME, value: /tmp}
                      - {name: MODE, value: deploy}
                      - name: DEPLOYMENT_ENV_UUID
                        value: 4b41bf32-b337-93a4-ad65-1d565c5e25be
            """, ("19:20", ".spec.containers[1].env[1].name", "'MODE' is set by the runner itself"),
            ("20:19", ".spec.containers[1].env[2].name", "'DEPLOYMENT_ENV_UUID' is set by the runner itself")),
        template(
            "a container without a name", "\n      spec: {containers: [{image: x}]}",
            ("12:27", ".spec.containers[0].name", "by which elements are merged")),
        template(
            "containers by name", "\n      spec: {containers: {main: {}}}",
            ("12:26", ".spec.containers", "expected a list, found a mapping")),
        template(
            "a container that is a word", "\n      spec: {initContainers: [main]}",
            ("12:31", ".spec.initContainers[0]", "expected a mapping, found a string")),
        template(
            "metadata that is a word", "\n      metadata: x",
            ("12:17", ".metadata", "expected a mapping, found a string")),
        template(
            "a number that JSON does not have", "\n      spec: {activeDeadlineSeconds: .inf}",
            ("12:37", ".spec.activeDeadlineSeconds", "a number that JSON does not have")),
        template(
            "a directive that nobody knows", "\n      spec: {containers: [{name: main, $patch: explode}]}",
            ("12:7", "", "unknown patch type: explode")),
        template(
            "a template that replaces all", "\n      $patch: replace\n      metadata: {labels: {a: b}}",
            ("12:7", "", "removes spec.serviceAccountName")),
        template(
            "a template without the runner's container",
            "\n      spec: {containers: [{$patch: replace}, {name: other, image: x}]}",
            ("12:7", "", "it leaves no container 'main' with an image")),
        template(
            "a template that deletes the runner's container",
            "\n      spec: {containers: [{name: main, $patch: delete}]}",
            ("12:7", "", "it leaves no container 'main' with an image")),
        template(
            "a template that empties the environment", "\n      spec: {containers: [{name: main, env: null}]}",
            ("12:7", "", "it changes or removes the variable ORG_ID")),
        template(
            "a template that takes the ServiceAccount by null", "\n      spec: null\n      metadata: {}",
            ("12:7", ".spec", "has no value")),
        template(
            "a label twice", "\n      metadata:\n        labels:\n          a: 1\n          a: 2",
            ("15:11", ".metadata.labels.a", "given more than once; it is on line 14")),
    ]

    // MARK: state_storage_configuration

    static let storage: [BadConfiguration] = [
        BadConfiguration(
            "no state storage", Good.token,
            "state_storage_configuration:\n  type: kubernetes\n  namespace: humanitec-runner\n",
            "", ("1:1", storageKey, "is missing; allowed: a mapping of type, namespace")),
        BadConfiguration(
            "no type of storage", Good.token, "  type: kubernetes\n  namespace: h", "  namespace: h",
            ("12:3", "\(storageKey).type", "is missing; allowed: kubernetes")),
        BadConfiguration(
            "no namespace of the storage", Good.token, "  namespace: humanitec-runner\n", "",
            ("12:3", "\(storageKey).namespace", "is missing; allowed: up to 63")),
        BadConfiguration(
            "an empty namespace of the storage", Good.token, "namespace: humanitec-runner", "namespace:",
            ("13:3", "\(storageKey).namespace", "has no value")),
        BadConfiguration(
            "s3", Good.token, "  type: kubernetes\n  namespace: humanitec-runner\n",
            "  type: s3\n  bucket: states\n  path_prefix: x\n",
            ("12:9", "\(storageKey).type", "'s3' exists, but Stowage stores state in none of s3, gcs, azurerm yet")),
        BadConfiguration(
            "gcs", Good.token, "  type: kubernetes\n  namespace: h", "  type: gcs\n  namespace: h",
            ("12:9", "\(storageKey).type", "'gcs' exists, but")),
        BadConfiguration(
            "azurerm", Good.token, "  type: kubernetes\n  namespace: h", "  type: azurerm\n  namespace: h",
            ("12:9", "\(storageKey).type", "'azurerm' exists, but")),
        BadConfiguration(
            "a type of storage that nobody has", Good.token, "  type: kubernetes\n  namespace: h",
            "  type: consul\n  namespace: h",
            ("12:9", "\(storageKey).type", "'consul' is not a state storage type; allowed: kubernetes")),
        BadConfiguration(
            "the shape of the Terraform provider", Good.token, "  namespace: humanitec-runner\n",
            "  kubernetes_configuration: {namespace: humanitec-runner}\n",
            ("12:3", "\(storageKey).namespace", "is missing"),
            ("13:3", "\(storageKey).kubernetes_configuration", "that is how the Terraform provider has it")),
        BadConfiguration(
            "a workspace", Good.token, "  namespace: humanitec-runner\n",
            "  namespace: humanitec-runner\n  workspace: dev\n",
            ("14:3", "\(storageKey).workspace", "allowed: type, namespace")),
    ]
}
