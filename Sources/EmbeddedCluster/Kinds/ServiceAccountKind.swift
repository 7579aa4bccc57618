internal import KubernetesAPI
internal import OrderedJSON

extension ServedKind {
    /// Source: Kubernetes API reference, core/v1 `ServiceAccount`.
    static let serviceAccount = ServedKind.stored(
        StoredKind(
            kind: .serviceAccount, type: Schema.type("ServiceAccount"), returnsDeleted: true, subresources: [.token]))
}
