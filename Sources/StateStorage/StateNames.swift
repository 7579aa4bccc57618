/// How the engines' `kubernetes` backend names and labels what it keeps for one environment, workspace `default`.
///
/// Source: the engines' format, as in the documentation of the `kubernetes` backend.
public struct StateNames: Sendable, Hashable {
    /// Stowage keeps one state an environment, in the workspace that the engines start with.
    public static let workspace = "default"

    /// Selects every state of a namespace, as the engines do to find the names of workspaces.
    public static let everyStateLabel = (key: "tfstate", value: "true")

    /// Whose names they are.
    public let environment: EnvironmentID

    public init(_ environment: EnvironmentID) { self.environment = environment }

    /// The Secret of the state, or of its first part.
    public var secret: String { "tfstate-\(Self.workspace)-\(environment)" }

    /// The Lease that is the state's lock.
    public var lease: String { "lock-\(secret)" }

    /// The labels that the engines look a state up by.
    public var labels: [String: String] {
        [
            Self.everyStateLabel.key: Self.everyStateLabel.value,
            "tfstateSecretSuffix": "\(environment)",
            "tfstateWorkspace": Self.workspace,
            "app.kubernetes.io/managed-by": "terraform",
        ]
    }

    /// Whether a Secret of that name holds the state or one of its parts (`…-part-1`, `…-part-2`, …).
    public func isStateSecret(_ name: String) -> Bool {
        if name == secret { return true }
        let prefix = "\(secret)-part-"
        guard name.hasPrefix(prefix), let number = Int(name.dropFirst(prefix.count)) else { return false }
        return number > 0 && name == "\(prefix)\(number)"
    }
}
