internal import StateStorage

/// How the objects of deployments are labelled and annotated.
enum DeploymentLabels {
    static let deployment = StateStore.deploymentLabel
    static let environment = "stowage-environment"
    private static let owner = ["app.kubernetes.io/managed-by": "stowage"]
    /// On a Job: who submitted it.
    static let submitter = "stowage-submitted-by"
    /// On a Job that was ended before its time: by whom and why, see ``DeploymentEnding``.
    static let ending = "stowage-ended"

    static func ofJob(_ deployment: DeploymentID, _ environment: EnvironmentID) -> [String: String] {
        owner.merging([Self.deployment: "\(deployment)", Self.environment: "\(environment)"]) { $1 }
    }

    /// Without the environment: what is labelled with that belongs to its state.
    static func ofSecret(_ deployment: DeploymentID) -> [String: String] {
        owner.merging([Self.deployment: "\(deployment)"]) { $1 }
    }

    /// Selects the Jobs of all deployments.
    static let jobSelector = "app.kubernetes.io/managed-by=stowage,\(StateStore.deploymentLabel)"
    /// Selects the Pods of a Job, as its controller labels them.
    static func podSelector(_ deployment: DeploymentID) -> String { "job-name=\(deployment)" }
}
