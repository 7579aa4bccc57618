public import OrderedJSON
public import StateStorage

/// The Kubernetes Job that a deployment is, with the `pod_template` of its runner merged over it.
public struct JobManifest: Sendable {
    /// What the engine in the Job is to do.
    public enum Mode: String, Sendable, CaseIterable {
        /// Plans, and changes nothing.
        case planOnly = "plan_only"
        /// Applies the module.
        case deploy
        /// Destroys what the module made.
        case destroy
    }

    /// The runner's own container.
    static let containerName = PodTemplateCheck.mainContainer
    /// Where the engine works.
    public static let workingFolder = "/var/lib/stowage"
    private static let workingVolume = "stowage-work"
    /// Where the module and its variables are.
    static let inputFolder = "/var/run/stowage/deployment"
    private static let inputVolume = "stowage-deployment"
    /// Says where ``inputFolder`` is.
    static let inputVariable = "STOWAGE_DEPLOYMENT"
    /// How long an engine that is asked to end may take to finish and to unlock, and we to tell of it, in seconds.
    static let gracePeriod = 90

    /// The namespace, ServiceAccount and `pod_template` of the runner.
    public var job: JobSettings
    /// Names the Job, and all that belongs to it.
    public var deployment: DeploymentID
    /// Whose state it works on.
    public var environment: EnvironmentID
    /// What the engine is to do.
    public var mode: Mode
    /// The container's image; a `pod_template` may name another.
    public var image: String
    /// `ORG_ID` and `RUNNER_ID`, which modules may read.
    public var organization: String
    /// `RUNNER_ID`.
    public var runner: String
    /// How much the program in the Pod logs: `debug`, `info`, `warning` or `error`.
    public var logLevel: String
    /// Secrets of the Job's namespace whose content the container gets as files; the Pod waits until they are there.
    public var inputs: [String] = []
    /// After how many seconds the cluster ends the Job; nil for never.
    public var timeLimit: Int?
    /// Of the Job.
    public var annotations: [String: String] = [:]
    /// Further variables of the runner's container, in their order; a `pod_template` may replace them.
    public var variables: [(name: String, value: String)]

    public init(
        job: JobSettings, deployment: DeploymentID, environment: EnvironmentID, mode: Mode, image: String,
        organization: String, runner: String, logLevel: String = "info", variables: [(name: String, value: String)] = []
    ) {
        self.job = job
        self.deployment = deployment
        self.environment = environment
        self.mode = mode
        self.image = image
        self.organization = organization
        self.runner = runner
        self.logLevel = logLevel
        self.variables = variables
    }

    /// The Job, to be created in the namespace that its metadata names.
    ///
    /// - Throws: ``PodTemplateError`` for a `pod_template` that cannot be merged, or that takes away what the runner needs.
    public func json() throws(PodTemplateError) -> JSON {
        [
            "apiVersion": "batch/v1", "kind": "Job",
            "metadata": metadata, "spec": try spec(),
        ]
    }

    private var metadata: JSON {
        var metadata: JSON = [
            "name": .string(deployment.description), "namespace": .string(job.namespace),
            "labels": JSON(sorted: DeploymentLabels.ofJob(deployment, environment)),
        ]
        if !annotations.isEmpty { metadata["annotations"] = JSON(sorted: annotations) }
        return metadata
    }

    private func spec() throws(PodTemplateError) -> JSON {
        var spec: JSON = ["ttlSecondsAfterFinished": 3600, "parallelism": 1, "backoffLimit": 0]
        if let timeLimit { spec["activeDeadlineSeconds"] = .number(JSONNumber(timeLimit)) }
        spec["template"] = try template()
        return spec
    }

    private func template() throws(PodTemplateError) -> JSON {
        guard let wished = job.podTemplate else { return ownTemplate }
        let merged = try PodTemplateMerge.merged(wished, into: ownTemplate)
        try check(merged)
        return merged
    }

    /// The variables that nobody else may set, in their order.
    private var reservedVariables: [(name: String, value: String)] {
        [
            ("ORG_ID", organization), ("RUNNER_ID", runner), ("DEPLOYMENT_ID", deployment.description),
            ("DEPLOYMENT_ENV_UUID", environment.description), ("MODE", mode.rawValue), ("LOG_LEVEL", logLevel),
        ]
    }

    private var environmentVariables: JSON {
        let own = inputs.isEmpty ? [] : [(name: Self.inputVariable, value: Self.inputFolder)]
        return .array(
            (reservedVariables + own + variables).map { ["name": .string($0.name), "value": .string($0.value)] })
    }

    private var volumeMounts: JSON {
        let work: JSON = ["name": .string(Self.workingVolume), "mountPath": .string(Self.workingFolder)]
        guard !inputs.isEmpty else { return [work] }
        return [
            work, ["name": .string(Self.inputVolume), "mountPath": .string(Self.inputFolder), "readOnly": true],
        ]
    }

    /// Mounted by the kubelet, so that the Pod's ServiceAccount needs no right on the Secrets.
    private var volumes: JSON {
        let work: JSON = ["name": .string(Self.workingVolume), "emptyDir": [:]]
        guard !inputs.isEmpty else { return [work] }
        let sources = JSON.array(inputs.map { ["secret": ["name": .string($0)]] })
        return [work, ["name": .string(Self.inputVolume), "projected": ["sources": sources]]]
    }

    private var ownTemplate: JSON {
        [
            "spec": [
                "serviceAccountName": .string(job.serviceAccount), "restartPolicy": "Never",
                "terminationGracePeriodSeconds": .number(JSONNumber(Self.gracePeriod)),
                "containers": [
                    [
                        "name": .string(Self.containerName), "image": .string(image), "command": ["stowage"],
                        "args": ["standard"],
                        "workingDir": .string(Self.workingFolder),
                        "env": environmentVariables,
                        "resources": ["requests": ["memory": "1Gi"]],
                        "securityContext": [
                            "allowPrivilegeEscalation": false, "runAsNonRoot": true,
                            "capabilities": ["drop": ["ALL"]], "seccompProfile": ["type": "RuntimeDefault"],
                        ],
                        "volumeMounts": volumeMounts,
                    ]
                ],
                "volumes": volumes,
            ]
        ]
    }

    /// A template may say much by directives; what it must not touch is looked for in the result.
    private func check(_ template: JSON) throws(PodTemplateError) {
        let spec = template["spec"]
        guard template["metadata"]?["namespace"] == nil else { throw PodTemplateError("it sets metadata.namespace") }
        guard spec?["serviceAccountName"]?.string == job.serviceAccount, spec?["serviceAccount"] == nil else {
            throw PodTemplateError("it changes or removes spec.serviceAccountName")
        }
        let container = spec?["containers"]?.array?.first { $0["name"]?.string == Self.containerName }
        guard let container, container["image"]?.string?.isEmpty == false else {
            throw PodTemplateError("it leaves no container '\(Self.containerName)' with an image")
        }
        for (name, value) in reservedVariables {
            let own: JSON = ["name": .string(name), "value": .string(value)]
            guard (container["env"]?.array ?? []).filter({ $0["name"]?.string == name }) == [own] else {
                throw PodTemplateError("it changes or removes the variable \(name)")
            }
        }
    }
}
