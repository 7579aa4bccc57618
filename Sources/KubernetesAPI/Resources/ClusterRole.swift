extension ResourceKind {
    public static let clusterRole = ResourceKind(
        group: "rbac.authorization.k8s.io", version: "v1", kind: "ClusterRole", resource: "clusterroles",
        scope: .cluster)
}
