internal import KubernetesAPI
internal import OrderedJSON

extension ServedKind {
    /// Source: Kubernetes API reference, rbac.authorization.k8s.io/v1 `RoleBinding`; "Using RBAC Authorization".
    static let roleBinding = ServedKind.stored(
        StoredKind(
            kind: .roleBinding, type: Schema.type("RoleBinding"), nameRule: .pathSegment, createsOnUpdate: true,
            setDefaults: { BindingFields.complete(&$0) },
            validate: { BindingFields.errors($0, isNamespaced: true) },
            validateChange: BindingFields.changeErrors,
            admit: { try await $2.admitBinding($0, replacing: $1, .roleBinding) },
            columns: BindingFields.columns(
                of: "roleBinding",
                reference: """
                    RoleRef can reference a Role in the current namespace or a ClusterRole in the global namespace. \
                    If the RoleRef cannot be resolved, the Authorizer must return an error.
                    """)))

    /// Source: Kubernetes API reference, rbac.authorization.k8s.io/v1 `ClusterRoleBinding`.
    static let clusterRoleBinding = ServedKind.stored(
        StoredKind(
            kind: .clusterRoleBinding, type: Schema.type("ClusterRoleBinding"), nameRule: .pathSegment,
            createsOnUpdate: true,
            setDefaults: { BindingFields.complete(&$0) },
            validate: { BindingFields.errors($0, isNamespaced: false) },
            validateChange: BindingFields.changeErrors,
            admit: { try await $2.admitBinding($0, replacing: $1, .clusterRoleBinding) },
            columns: BindingFields.columns(
                of: "clusterRoleBinding",
                reference: """
                    RoleRef can only reference a ClusterRole in the global namespace. If the RoleRef cannot be \
                    resolved, the Authorizer must return an error.
                    """)))
}
