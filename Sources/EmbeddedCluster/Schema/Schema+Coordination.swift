extension Schema {
    /// Source: Kubernetes API reference, coordination/v1.
    static let coordination = """
        package io.k8s.api.coordination.v1
        Lease: A lock, or a sign of life: who holds it, and how long it is good.
          1 metadata ObjectMeta! -- The object's name, labels and the like.
          2 spec LeaseSpec! -- Who holds it since when.
        LeaseSpec: Who holds a lease, and since when.
          1 holderIdentity string? -- Who holds it; empty where nobody does. Terraform writes the identifier of its lock.
          2 leaseDurationSeconds int32? -- How long after renewTime others have to wait before they may take it.
          3 acquireTime microTime? -- When the holder took it.
          4 renewTime microTime? -- When the holder last said that it is still there.
          5 leaseTransitions int32? -- How often it changed hands.
          6 strategy string? -- How the next holder is chosen.
          7 preferredHolder string? -- Who should have it next.
        """
}
