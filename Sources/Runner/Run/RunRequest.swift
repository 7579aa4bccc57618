public import StateStorage

/// What a run is asked to do.
public struct RunRequest: Sendable {
    /// What the engine does.
    public enum Operation: String, Sendable, CaseIterable {
        /// Says what would change; changes it; takes all away.
        case plan, apply, destroy
        /// Brings the state up to date with what there is, and changes nothing else.
        case refresh
    }

    /// What the engine does.
    public var operation: Operation
    /// Whose state it works on.
    public var environment: EnvironmentID
    /// Where the state is kept.
    public var namespace: String
    /// The user's module: a folder, absolute or relative to the current one.
    public var module: String
    /// `terraform`, `tofu` or a path; nil for the one on PATH.
    public var engine: String?
    /// In the order in which they were given: later ones win.
    public var variables: [EngineVariable]
    /// How long to wait for the turn: for the runs that arrived before, and for the lock; zero fails at once.
    public var wait: Duration
    /// How long the run may take from its turn on; nil for as long as it takes.
    public var timeout: Duration?
    /// What is handed on to the engine.
    public var options: EngineOptions
    /// Of a plan: has the outcome say whether there is anything to change.
    public var detailsExitStatus = false
    /// Of a plan: the file that it is kept in, an absolute path.
    public var planFile: String?
    /// Of an apply: what is applied; nil to plan anew.
    public var savedPlan: SavedPlan?
    /// Hides what `init` prints, unless it fails.
    public var isQuiet: Bool
    /// By which backend the engine comes to its state.
    public var backend = StateBackend.kubernetes

    public init(
        operation: Operation, environment: EnvironmentID, namespace: String, module: String, engine: String? = nil,
        variables: [EngineVariable] = [], wait: Duration = .zero, timeout: Duration? = nil,
        options: EngineOptions = EngineOptions(), isQuiet: Bool = false
    ) {
        self.operation = operation
        self.environment = environment
        self.namespace = namespace
        self.module = module
        self.engine = engine
        self.variables = variables
        self.wait = wait
        self.timeout = timeout
        self.options = options
        self.isQuiet = isQuiet
    }
}

/// What a run needs of the process that it is in.
public struct RunContext: Sendable {
    /// The environment variables of the process.
    public var environment: [String: String]
    /// Tells of the signals that ask the run to end.
    public var interruption: Interruption
    /// How the state is read, and what it replaces is kept.
    public var storage: StateStoreConfiguration
    /// Whether what the engine prints may have colours.
    public var hasColours: Bool
    /// Is told what happens, in place of what the engine prints for people; nil for that.
    public var report: (@Sendable (RunEvent) -> Void)?
    /// Told what happens around the engine.
    public var notify: @Sendable (RunNotice) -> Void = { _ in }
    /// The options of a command that name the cluster, for commands that messages tell people to run.
    public var clusterOptions: [String] = []
    /// The deployment whose Pod the run is in, with which all files go; nil where files outlive the run.
    public var deployment: DeploymentID?
    /// How long an engine may take to finish and unlock when its time is over.
    public var gracePeriod = Duration.seconds(60)

    public init(
        environment: [String: String], interruption: Interruption, storage: StateStoreConfiguration,
        hasColours: Bool = false, report: (@Sendable (RunEvent) -> Void)? = nil
    ) {
        self.environment = environment
        self.interruption = interruption
        self.storage = storage
        self.hasColours = hasColours
        self.report = report
    }
}
