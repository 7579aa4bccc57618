internal import CLibrary
public import KubernetesAPI
internal import LocalFiles
public import Logging
internal import OrderedJSON
public import StateStorage

/// What the container of a deployment does: unpacks the module, runs the engine, writes down what became of it.
public struct DeploymentWork: Sendable {
    /// How a run's end becomes the program's exit status, with what is to be said of it.
    public typealias Judgement =
        @Sendable (RunRequest, Result<RunOutcome, any Error>) -> (
            exitStatus: Int32, message: String?
        )

    /// Which deployment it is of.
    public let deployment: DeploymentID
    /// Whose state it works on.
    public let environment: EnvironmentID
    /// What it was asked to do.
    public let mode: JobManifest.Mode
    /// How long an engine that is asked to end may take; what follows takes some time, too.
    public static let engineGracePeriod = Duration.seconds(JobManifest.gracePeriod - 30)

    private let inputs: DeploymentInputs
    private let inputFolder: String
    private let workingFolder: String
    private let variables: [String: String]
    private let mask: SecretMask

    /// Reads what the deployment was submitted with. Blocks.
    ///
    /// - Parameter variables: the environment variables of the process. It works in its current folder.
    /// - Throws: ``DeploymentError`` with code `inputs`; `FileError`.
    public init(_ variables: [String: String]) throws {
        func variable<T>(_ name: String, _ value: (String) -> T?) throws -> T {
            guard let found = variables[name].flatMap(value) else {
                throw DeploymentError(
                    .inputs,
                    "the variable \(name) is missing or none that a deployment has; this command is run by the Job that "
                        + "`stowage deploy` makes")
            }
            return found
        }
        deployment = try variable("DEPLOYMENT_ID") { DeploymentID($0) }
        environment = try variable("DEPLOYMENT_ENV_UUID") { try? EnvironmentID($0) }
        mode = try variable("MODE") { JobManifest.Mode(rawValue: $0) }
        inputFolder = try variable(JobManifest.inputVariable) { $0.hasPrefix("/") ? $0 : nil }
        let path = "\(inputFolder)/\(DeploymentInputs.fileName)"
        guard let inputs = (try? JSON(parsing: try PrivateFile.read(path))).flatMap({ DeploymentInputs($0) }) else {
            throw DeploymentError(.inputs, "\(path) does not say what the deployment is to do")
        }
        self.inputs = inputs
        guard let folder = resolvedPath(".") else { throw FileError(path: ".", action: "work in", number: ENOENT) }
        workingFolder = folder
        self.variables = variables
        let folderOfFiles = inputFolder
        mask = SecretMask(
            try inputs.variables.flatMap { variable in
                switch variable {
                case .value(let assignment): SecretMask.texts(ofAssignment: assignment)
                case .file(let name):
                    SecretMask.texts(
                        ofFile: try PrivateFile.read("\(folderOfFiles)/\(name)"), isJSON: name.hasSuffix(".json"))
                }
            })
    }

    /// Does it, and keeps the result beside the state.
    ///
    /// - Parameters:
    ///   - say: prints a line of ours.
    /// - Returns: the program's exit status.
    public func execute(
        client: KubernetesClient, storage: StateStoreConfiguration, interruption: Interruption, logger: Logger,
        judging judge: @escaping Judgement, say: @escaping @Sendable (String) -> Void
    ) async throws -> Int32 {
        let clock = ContinuousClock()
        let start = clock.now
        var result = DeploymentResult(
            deployment: deployment, environment: environment, mode: mode, startedAt: Self.time())
        let store = StateStore(client: client, namespace: inputs.stateNamespace, configuration: storage)
        var context = RunContext(environment: engineVariables, interruption: interruption, storage: storage)
        context.notify = { say($0.message) }
        context.gracePeriod = Self.engineGracePeriod
        context.deployment = deployment
        let begun = result
        result = try await FilteredOutput.with(mask) { [mask, context] output in
            var result = begun
            let request = request
            let outcome: Result<RunOutcome, any Error>
            do {
                outcome = .success(try await run(request, context, client, logger))
            } catch {
                outcome = .failure(error)
            }
            if case .success(let outcome) = outcome {
                result.waitedMilliseconds = Int(outcome.waited / .milliseconds(1))
            }
            let (exitStatus, message) = judge(request, outcome)
            if let message { say(message) }
            result.exitStatus = exitStatus
            result.take(outcome, mask.masked(message ?? ""), mask, output.lastLines)
            result.endedAt = Self.time()
            result.milliseconds = Int(start.duration(to: clock.now) / .milliseconds(1))
            say(result.line)
            return result
        }
        do {
            try await store.keepResult(
                result.content, summary: result.summary, of: "\(deployment)", for: environment)
        } catch {
            say("what became of the deployment could not be kept in namespace \(inputs.stateNamespace): \(error)")
        }
        return result.exitStatus
    }

    private static func time() -> String { String(Timestamp.now().prefix(19)) + "Z" }

    /// A container may have no home that can be written to.
    private var engineVariables: [String: String] {
        var variables = variables
        variables[JobManifest.inputVariable] = nil
        for (name, folder) in [("XDG_CACHE_HOME", "cache"), ("XDG_STATE_HOME", "state"), ("XDG_DATA_HOME", "data")] {
            variables[name] = "\(workingFolder)/\(folder)"
        }
        return variables
    }

    private var request: RunRequest {
        let operation: RunRequest.Operation =
            switch mode {
            case .planOnly: .plan
            case .deploy: .apply
            case .destroy: .destroy
            }
        let variables = inputs.variables.map { variable -> EngineVariable in
            switch variable {
            case .value(let assignment): .value(assignment)
            case .file(let name): .file("\(inputFolder)/\(name)")
            }
        }
        let root = "\(workingFolder)/module"
        var request = RunRequest(
            operation: operation, environment: environment, namespace: inputs.stateNamespace,
            module: inputs.module.isEmpty ? root : "\(root)/\(inputs.module)", engine: inputs.engine,
            variables: variables, wait: .seconds(inputs.wait), timeout: .seconds(inputs.timeout))
        request.backend = inputs.backend
        return request
    }

    private func run(
        _ request: RunRequest, _ context: RunContext, _ client: KubernetesClient, _ logger: Logger
    ) async throws -> RunOutcome {
        let archive = BundleArchive(
            parts: (0..<inputs.partCount).map { "\(inputFolder)/\(DeploymentInputs.partName($0))" })
        let folder = "\(workingFolder)/module"
        try await offloading {
            // A container may be started again in the same Pod.
            try FolderTree.remove(folder)
            try archive.unpack(into: folder)
        }
        return try await Run(request, context: context, logger: logger).execute(client: client)
    }
}
