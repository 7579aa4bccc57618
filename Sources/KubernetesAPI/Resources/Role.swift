extension ResourceKind {
    /// `rbac.authorization.k8s.io/v1`, Role.
    public static let role = ResourceKind(
        group: "rbac.authorization.k8s.io", version: "v1", kind: "Role", resource: "roles", scope: .namespaced)
}
