/// How an engine plans and applies, beyond its module and its variables.
public struct EngineOptions: Sendable, Hashable {
    /// How many operations it may carry out at once; nil for the engine's own default.
    public var parallelism: Int?
    /// Addresses of what alone is to be planned, with what it depends on.
    public var targets: [String] = []
    /// Addresses of instances to be replaced.
    public var replacements: [String] = []
    /// Whether it asks the providers what there is before it plans.
    public var refreshes = true
    /// Whether a plan is one to destroy everything.
    public var destroys = false
    /// More of its options, as it spells them.
    public var further: [String] = []

    public init() {}
}

/// An option of an engine that a run does not pass on.
struct RefusedOption: Hashable {
    /// Without its dashes.
    let name: String
    /// Why not, or what to pass instead.
    let reason: String

    /// Options that would take the state elsewhere, or the engine past the lock.
    private static let elsewhere = [
        "backend", "reconfigure", "migrate-state", "force-copy", "chdir", "state", "lock",
    ]

    /// Options that a run sets itself, and what it offers in their place.
    private static let own = [
        "input": "a run never asks for anything", "auto-approve": "a run never asks for approval",
        "out": "pass --out to `stowage run plan`", "json": "pass --json to stowage itself",
        "detailed-exitcode": "pass --detailed-exitcode to `stowage run plan`",
        "var": "pass --var to stowage itself, which keeps values off the engine's command line",
        "var-file": "pass --var-file to stowage itself",
        "destroy": "use `stowage run destroy`, or `stowage run plan --destroy`",
        "refresh-only": "use `stowage run refresh`", "lock-timeout": "pass --lock-timeout to stowage itself",
        "help": "ask the engine itself", "version": "ask the engine itself",
    ]

    /// nil for what does not lead elsewhere.
    init?(leadingElsewhere name: some StringProtocol) {
        let isRefused = Self.elsewhere.contains { name == $0 || (name.hasPrefix("\($0)-") && $0 != "lock") }
        guard isRefused else { return nil }
        self.name = String(name)
        reason = "would take the state elsewhere than to the environment's Secret, or work on it without its lock"
    }

    /// nil for an option that is passed on.
    init?(givenTo name: some StringProtocol) {
        if let refused = RefusedOption(leadingElsewhere: name) {
            self = refused
        } else if let reason = Self.own[String(name)] {
            self.name = String(name)
            self.reason = reason
        } else {
            return nil
        }
    }
}

extension EngineOptions {
    /// Sees to it that the further options are options, and such as a run may pass on.
    func check() throws(RunError) {
        for (index, word) in further.enumerated() {
            let name = word.drop { $0 == "-" }.prefix { $0 != "=" }
            guard (1...2).contains(word.prefix { $0 == "-" }.count), !name.isEmpty else {
                // What stands in its place may be a secret.
                throw RunError(
                    .options,
                    "the word at place \(index + 1) after -- is no option of an engine; write -name or -name=value")
            }
            guard let refused = RefusedOption(givenTo: name) else { continue }
            throw RunError(
                .options, "the option -\(refused.name) after -- is not passed to the engine: \(refused.reason)")
        }
    }
}
