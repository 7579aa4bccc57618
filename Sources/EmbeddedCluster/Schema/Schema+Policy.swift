extension Schema {
    /// Source: Kubernetes API reference, policy/v1.
    static let policy = """
        package io.k8s.api.policy.v1
        Eviction: Asks for a Pod to go.
          1 metadata ObjectMeta! -- The name of the Pod.
          2 deleteOptions DeleteOptions? -- How it is to be deleted.
        """
}
