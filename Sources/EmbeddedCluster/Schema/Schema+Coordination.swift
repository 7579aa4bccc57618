extension Schema {
    /// Source: Kubernetes API reference, coordination/v1.
    static let coordination = """
        package io.k8s.api.coordination.v1
        Lease
          1 metadata ObjectMeta!
          2 spec LeaseSpec!
        LeaseSpec
          1 holderIdentity string?
          2 leaseDurationSeconds int32?
          3 acquireTime microTime?
          4 renewTime microTime?
          5 leaseTransitions int32?
          6 strategy string?
          7 preferredHolder string?
        """
}
