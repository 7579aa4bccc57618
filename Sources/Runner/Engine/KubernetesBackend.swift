internal import OrderedJSON
internal import StateStorage

extension EngineBackend {
    private static let name = "stowage"

    /// The engine's `kubernetes` backend, which finds the relay by a kubeconfig. That names no user's credentials: the address
    /// itself is one.
    ///
    /// Every value that the backend would else take from a `KUBE_…` variable is given. Those variables are left to the
    /// module's own `kubernetes` provider, for which they may be meant.
    ///
    /// - Parameters:
    ///   - relay: the address of the relay.
    ///   - kubeconfigPath: where the kubeconfig is going to be, from the module's folder.
    ///   - hasUserHost: whether the user's `KUBE_HOST` would lead elsewhere.
    static func kubernetes(
        _ environment: EnvironmentID, namespace: String, relay: String, kubeconfigPath: String, hasUserHost: Bool
    ) -> EngineBackend {
        var block: JSON = [
            "secret_suffix": .string("\(environment)"),
            "namespace": .string(namespace),
            "in_cluster_config": false,
            "load_config_file": true,
            "insecure": false,
            "config_path": .string(kubeconfigPath),
            "config_context": .string(name),
            "config_context_auth_info": .string(name),
            "config_context_cluster": .string(name),
        ]
        if hasUserHost { block["host"] = .string(relay) }
        return EngineBackend(
            override: ["terraform": ["backend": ["kubernetes": block]]], kubeconfig: kubeconfig(server: relay))
    }

    /// JSON, which is YAML.
    private static func kubeconfig(server: String) -> JSON {
        let name = JSON.string(name)
        return [
            "apiVersion": "v1", "kind": "Config", "current-context": name,
            "clusters": [["name": name, "cluster": ["server": .string(server)]]],
            "users": [["name": name, "user": [:]]],
            "contexts": [["name": name, "context": ["cluster": name, "user": name]]],
        ]
    }
}
