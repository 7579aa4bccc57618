extension ResourceKind {
    /// `rbac.authorization.k8s.io/v1`, ClusterRole.
    public static let clusterRole = ResourceKind(
        group: "rbac.authorization.k8s.io", version: "v1", kind: "ClusterRole", resource: "clusterroles",
        scope: .cluster)
}
