internal import OrderedJSON
internal import StateStorage

extension EngineBackend {
    /// The engine's `http` backend, which finds the gateway of the run.
    ///
    /// Address and password change with every run, and are in the environment only: what an engine writes down of its
    /// backend, in a saved plan for one, holds for the next run too, and holds no secret. The rest is given in the file, so
    /// that `TF_HTTP_…` variables of the user do not decide it.
    ///
    /// - Parameters:
    ///   - gateway: the address of the gateway, without a path.
    ///   - password: the credential of this run.
    static func http(_ environment: EnvironmentID, gateway: String, password: String) -> EngineBackend {
        let state = "\(gateway)/v1/environments/\(environment)/state"
        let block: JSON = [
            "username": "stowage",
            "update_method": "POST",
            "lock_method": "LOCK",
            "unlock_method": "UNLOCK",
            "skip_cert_verification": false,
            // What the cluster does not answer is asked again by the gateway; this is on top of that.
            "retry_max": 2,
            "retry_wait_min": 1,
            "retry_wait_max": 5,
        ]
        return EngineBackend(
            override: ["terraform": ["backend": ["http": block]]],
            variables: [
                "TF_HTTP_ADDRESS": state, "TF_HTTP_LOCK_ADDRESS": state, "TF_HTTP_UNLOCK_ADDRESS": state,
                "TF_HTTP_PASSWORD": password,
            ])
    }
}
