internal import KubernetesAPI
internal import OrderedJSON

extension ServedKind {
    /// Source: Kubernetes API reference, rbac.authorization.k8s.io/v1 `Role`; "Using RBAC Authorization".
    static let role = ServedKind.stored(
        StoredKind(
            kind: .role, type: Schema.type("Role"), nameRule: .pathSegment, createsOnUpdate: true,
            validate: { RoleRules.errors($0, isNamespaced: true) },
            admit: { try await $2.admitRole($0, replacing: $1, .role) },
            columns: [.createdAt]))
}
