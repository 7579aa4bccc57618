public import StateStorage

/// What became of a state that an engine could not save.
public enum RescuedState: Sendable, Hashable {
    /// It is the environment's state now.
    case saved(EnvironmentID, serial: UInt64)
    /// It is in a file, and why.
    case kept(KeptState)
    /// It is in the cluster, in Secrets of the deployment in that namespace.
    case unsaved(UnsavedState, namespace: String)

    /// One line for people.
    public var message: String {
        switch self {
        case .saved(let environment, let serial):
            "The engine could not save the state of environment \(environment); Stowage did, as serial \(serial), and kept "
                + "the one that was there as a version."
        case .kept(let state): state.message
        case .unsaved(let state, let namespace): Self.message(state, namespace)
        }
    }

    private static func message(_ state: UnsavedState, _ namespace: String) -> String {
        let file = "\(state.deployment).tfstate"
        let fetch = StowageCommandLine(["deployments", "state", state.deployment], namespace: namespace, [])
        let push = StowageCommandLine(["state", "push", "\(state.environment)", file], namespace: namespace, [])
        return "The engine could not save the state of environment \(state.environment), and neither could Stowage: "
            + "\(state.reason). It is in Secret(s) \(state.secrets.joined(separator: ", ")) of namespace \(namespace), the only "
            + "record of what was changed, until somebody deletes them; fetch it with `\(fetch) > \(file)`, and save it with "
            + "`\(push)`."
    }
}

/// A state that is in a file only.
public struct KeptState: Sendable, Hashable {
    /// Whose state it is.
    public let environment: EnvironmentID
    /// nil where it is not known any more.
    public let namespace: String?
    /// Of the file.
    public let path: String
    /// Why it could not be saved.
    public let reason: String
    /// The options that name the cluster; none where it is not known, or is the default.
    public let clusterOptions: [String]
    /// Whether the file goes with a Pod.
    public var isInPod = false

    /// What happened, where the state is, and the command that saves it.
    public var message: String {
        let command = StowageCommandLine(
            ["state", "push", "\(environment)", path], namespace: namespace ?? "NAMESPACE", clusterOptions)
        return
            "The engine could not save the state of environment \(environment), and neither could Stowage: \(reason). "
            + "It is in \(path), the only record of what was changed"
            + (isInPod ? ", and goes with this Pod's volume" : "") + "; save it with `\(command)`."
    }
}
