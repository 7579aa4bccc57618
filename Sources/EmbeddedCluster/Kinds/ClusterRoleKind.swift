internal import KubernetesAPI
internal import OrderedJSON

extension ServedKind {
    /// Source: Kubernetes API reference, rbac.authorization.k8s.io/v1 `ClusterRole`; "Using RBAC Authorization".
    static let clusterRole = ServedKind.stored(
        StoredKind(
            kind: .clusterRole, type: Schema.type("ClusterRole"), nameRule: .pathSegment, createsOnUpdate: true,
            validate: { RoleRules.errors($0, isNamespaced: false) + selectorErrors($0) },
            admit: { try await $2.admitRole($0, replacing: $1, .clusterRole) },
            columns: [.createdAt]))

    private static func selectorErrors(_ role: JSON) -> [FieldError] {
        guard let aggregation = role["aggregationRule"] else { return [] }
        let field = "aggregationRule.clusterRoleSelectors"
        let selectors = aggregation["clusterRoleSelectors"]?.array ?? []
        if selectors.isEmpty {
            return [.required(field, "at least one clusterRoleSelector required if aggregationRule is non-nil")]
        }
        return selectors.enumerated().flatMap { index, selector in
            LabelSelectorObject.errors(selector, "\(field)[\(index)]")
        }
    }
}
