extension ResourceKind {
    /// `rbac.authorization.k8s.io/v1`, RoleBinding.
    public static let roleBinding = ResourceKind(
        group: "rbac.authorization.k8s.io", version: "v1", kind: "RoleBinding", resource: "rolebindings",
        scope: .namespaced)
}
