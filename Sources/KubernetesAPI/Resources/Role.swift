extension ResourceKind {
    public static let role = ResourceKind(
        group: "rbac.authorization.k8s.io", version: "v1", kind: "Role", resource: "roles", scope: .namespaced)
}
