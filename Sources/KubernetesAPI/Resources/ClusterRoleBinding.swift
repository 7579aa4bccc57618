extension ResourceKind {
    /// `rbac.authorization.k8s.io/v1`, ClusterRoleBinding.
    public static let clusterRoleBinding = ResourceKind(
        group: "rbac.authorization.k8s.io", version: "v1", kind: "ClusterRoleBinding",
        resource: "clusterrolebindings", scope: .cluster)
}
