internal import OrderedJSON
internal import StateStorage

/// The override file that makes an engine keep its state where Stowage says, whatever the module declares.
struct BackendOverride {
    /// Override files are merged in the order of their names; `~` sorts behind what people use.
    static let fileName = "~stowage_override.tf.json"

    let environment: EnvironmentID
    let namespace: String
    let kubeconfigPath: String
    /// The relay's address, given only where the user's `KUBE_HOST` would otherwise lead elsewhere.
    let host: String?

    /// Every value that the backend would else take from a `KUBE_…` variable is given here. Those variables are left to
    /// the module's own `kubernetes` provider, for which they may be meant.
    var json: JSON {
        var backend: JSON = [
            "secret_suffix": .string("\(environment)"),
            "namespace": .string(namespace),
            "in_cluster_config": false,
            "load_config_file": true,
            "insecure": false,
            "config_path": .string(kubeconfigPath),
            "config_context": .string(RelayKubeconfig.name),
            "config_context_auth_info": .string(RelayKubeconfig.name),
            "config_context_cluster": .string(RelayKubeconfig.name),
        ]
        if let host { backend["host"] = .string(host) }
        return ["terraform": ["backend": ["kubernetes": backend]]]
    }
}

/// The kubeconfig by which an engine finds the relay. It names no user's credentials: the address itself is one.
struct RelayKubeconfig {
    static let name = "stowage"

    let server: String

    /// JSON, which is YAML.
    var json: JSON {
        let name = JSON.string(Self.name)
        return [
            "apiVersion": "v1", "kind": "Config", "current-context": name,
            "clusters": [["name": name, "cluster": ["server": .string(server)]]],
            "users": [["name": name, "user": [:]]],
            "contexts": [["name": name, "context": ["cluster": name, "user": name]]],
        ]
    }
}
