internal import OrderedJSON

/// What an engine is given so that it finds its state, whatever the module declares.
///
/// An engine writes the override's settings into a plan that it saves, and applies the plan with them. So they are the same for
/// every run of an environment; what belongs to one run is in the kubeconfig or in the variables.
struct EngineBackend: Sendable {
    /// Override files are merged in the order of their names; `~` sorts behind what people use.
    static let overrideName = "~stowage_override.tf.json"

    /// The content of the override file.
    let override: JSON
    /// A kubeconfig, for ``WorkingFolder/kubeconfigPath``; nil where none is needed.
    var kubeconfig: JSON?
    /// Variables of the engine's environment that win over the user's.
    var variables: [String: String] = [:]
}
