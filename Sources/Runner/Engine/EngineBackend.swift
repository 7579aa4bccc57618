internal import OrderedJSON

/// What an engine is given so that it finds its state, whatever the module declares.
struct EngineBackend: Sendable {
    /// Override files are merged in the order of their names; `~` sorts behind what people use.
    static let overrideName = "~stowage_override.tf.json"

    /// The content of the override file.
    let override: JSON
    /// A kubeconfig that is written to the run's private folder; nil where none is needed.
    var kubeconfig: JSON?
    /// Variables of the engine's environment that win over the user's.
    var variables: [String: String] = [:]
}
