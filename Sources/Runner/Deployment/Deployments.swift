internal import CLibrary
public import KubernetesAPI
internal import LocalFiles
internal import OrderedJSON
public import StateStorage

/// What a deployment is asked to do.
public struct DeploymentRequest: Sendable {
    /// Whose state it works on.
    public var environment: EnvironmentID
    /// What the engine is to do.
    public var mode: JobManifest.Mode
    /// The container's image; a `pod_template` may name another.
    public var image: String
    /// The module's folder.
    public var module: String
    /// Bounds what is sent; nil for the git work tree around the module, or the module where there is none.
    public var bundleRoot: String?
    /// `terraform`, `tofu` or a path; nil for the one of the image.
    public var engine: String?
    /// By which backend the engine comes to its state.
    public var backend = StateBackend.kubernetes
    /// In the order in which they were given: later ones win.
    public var variables: [EngineVariable]
    /// How long the engine may work.
    public var timeout = Duration.seconds(3600)
    /// How long to wait for one's turn before that.
    public var wait = Duration.seconds(3600)
    /// `ORG_ID` and `RUNNER_ID`.
    public var organization: String
    /// `RUNNER_ID`.
    public var runner: String
    /// How much the program in the Pod logs: `debug`, `info`, `warning` or `error`.
    public var logLevel = "info"

    public init(
        environment: EnvironmentID, mode: JobManifest.Mode, image: String, module: String,
        variables: [EngineVariable] = [], organization: String, runner: String
    ) {
        self.environment = environment
        self.mode = mode
        self.image = image
        self.module = module
        self.variables = variables
        self.organization = organization
        self.runner = runner
    }
}

/// The deployments of a cluster: Jobs of one namespace, and what they leave beside the states.
///
/// Who submits needs `jobs`: create, get, list; `pods`, `events`: list; `pods/log`: get; `secrets`: create, all in the
/// Jobs' namespace. To end a deployment before its time needs `jobs`: update. What the results say beyond exit status and log
/// needs `secrets`: get, list in the namespace of the states.
public struct Deployments: Sendable {
    /// Asks the runner's cluster.
    public let client: KubernetesClient
    /// Where the Jobs are.
    public let namespace: String
    /// The states; nil where their namespace is not known.
    public let store: StateStore?

    public init(client: KubernetesClient, namespace: String, store: StateStore?) {
        self.client = client
        self.namespace = namespace
        self.store = store
    }

    /// Makes the Job of a deployment and what it needs.
    ///
    /// The Job comes first, since it owns the Secrets: whatever becomes of us in between, they go with it. Its Pod waits for
    /// them.
    ///
    /// - Parameter submitter: who submits, as `user@host`.
    /// - Throws: ``BundleError``, ``PodTemplateError``, ``DeploymentError``, `KubernetesError`, `FileError`. No Job was made
    ///   then, but for ``DeploymentError/Code/notStarted``.
    public func submit(
        _ request: DeploymentRequest, job: JobSettings, stateNamespace: String, submitter: String
    ) async throws -> DeploymentID {
        let deployment = DeploymentID()
        let (bundle, inputs, files) = try await offloading {
            let bundle = try Bundle(module: request.module, root: request.bundleRoot)
            var inputs = DeploymentInputs(
                module: bundle.module, stateNamespace: stateNamespace, engine: request.engine,
                wait: request.wait.wholeSeconds, timeout: request.timeout.wholeSeconds, partCount: bundle.parts.count)
            inputs.backend = request.backend
            let files = try inputs.take(request.variables)
            return (bundle, inputs, files)
        }
        let inputName = "\(deployment)-inputs"
        let partNames = bundle.parts.indices.map { "\(deployment)-bundle-\($0)" }
        var manifest = JobManifest(
            job: job, deployment: deployment, environment: request.environment, mode: request.mode,
            image: request.image, organization: request.organization, runner: request.runner,
            logLevel: request.logLevel)
        manifest.inputs = [inputName] + partNames
        manifest.timeLimit = inputs.wait + inputs.timeout + JobManifest.gracePeriod
        manifest.annotations = [DeploymentLabels.submitter: submitter]
        let object = try manifest.json()

        func secret(_ name: String, _ key: String, _ bytes: [UInt8], owner: JSON?) -> SecretValue {
            var metadata: JSON = [
                "name": .string(name), "namespace": .string(namespace),
                "labels": JSON(sorted: DeploymentLabels.ofSecret(deployment)),
            ]
            if let owner { metadata["ownerReferences"] = [owner] }
            return SecretValue(
                ["apiVersion": "v1", "kind": "Secret", "type": "Opaque", "metadata": metadata], key: key, bytes: bytes)
        }
        try await checkMayCreateSecrets(secret(inputName, DeploymentInputs.fileName, [], owner: nil).object)
        let created = try await create(object)
        let owner: JSON = [
            "apiVersion": "batch/v1", "kind": "Job", "name": .string(deployment.description),
            "uid": created["metadata"]?["uid"] ?? .null,
        ]
        var inputSecret = secret(inputName, DeploymentInputs.fileName, inputs.json.bytes, owner: owner)
        for file in files { inputSecret.object.setData(file.name, file.content) }
        var secrets = [inputSecret]
        for (index, part) in bundle.parts.enumerated() {
            secrets.append(secret(partNames[index], DeploymentInputs.partName(index), part, owner: owner))
        }
        do {
            try await create(secrets)
        } catch {
            let ending: Void? = try? await end(
                deployment, DeploymentEnding(by: submitter, why: "it could not be submitted whole"))
            throw DeploymentError(
                .notStarted,
                "the Job \(deployment) was made, but not all that it needs (\(error)); it "
                    + (ending == nil ? "waits in vain until its time is over" : "was ended"))
        }
        return deployment
    }

    /// A Job whose Secrets are denied would wait for them for hours.
    private func checkMayCreateSecrets(_ secret: JSON) async throws {
        do {
            _ = try await client.create(.secret, namespace: namespace, secret, dryRun: true)
        } catch let error as KubernetesError where error.code == .forbidden {
            throw DeploymentError(
                .missingRight,
                "to create Secrets in namespace \(namespace), in which the module is sent, is denied (\(error.cause)); "
                    + "missing is secrets: create")
        }
    }

    /// A create whose answer was lost is looked for: the name is new, so what is there is ours.
    private func create(_ job: JSON) async throws -> JSON {
        do {
            return try await client.create(.job, namespace: namespace, job)
        } catch let error as KubernetesError where error.mayHaveHappened || error.code == .alreadyExists {
            do {
                return try await client.get(.job, namespace: namespace, name: job.objectName ?? "")
            } catch is KubernetesError {
                throw error
            }
        }
    }

    private static let parallelRequests = 4

    private func create(_ secrets: [SecretValue]) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, secret) in secrets.enumerated() {
                if index >= Self.parallelRequests { try await group.next() }
                group.addTask {
                    do {
                        _ = try await client.create(secret, namespace: namespace)
                    } catch let error as KubernetesError where error.code == .alreadyExists {
                        // An answer was lost, and the request repeated: the name is new, so it is ours.
                    } catch let error as KubernetesError where error.mayHaveHappened {
                        do {
                            _ = try await client.create(secret, namespace: namespace)
                        } catch let error as KubernetesError where error.code == .alreadyExists {}
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}

extension Duration {
    /// Rounded up, within what Kubernetes' numbers hold.
    var wholeSeconds: Int {
        let (seconds, rest) = components
        return Int(clamping: min(max(seconds + (rest > 0 ? 1 : 0), 1), 1 << 30))
    }
}

extension JSON {
    fileprivate mutating func setData(_ key: String, _ value: [UInt8]) {
        var data = self["data"] ?? [:]
        data[key] = .string(Base64.encode(value))
        self["data"] = data
    }
}
