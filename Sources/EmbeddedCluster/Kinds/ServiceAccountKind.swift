internal import KubernetesAPI
internal import OrderedJSON

extension ServedKind {
    /// Source: Kubernetes API reference, core/v1 `ServiceAccount`.
    static let serviceAccount = ServedKind.stored(
        StoredKind(kind: .serviceAccount, fields: fields, subresources: [.token]))

    private static let fields = ObjectType(
        name: "ServiceAccount",
        fields: [
            Field(
                "secrets",
                .list(
                    .object(
                        ObjectType(
                            name: "ObjectReference",
                            fields: ["kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath"]
                                .map { Field($0, .string) })))),
            Field(
                "imagePullSecrets",
                .list(.object(ObjectType(name: "LocalObjectReference", fields: [Field("name", .string)])))),
            Field("automountServiceAccountToken", .boolean, .whenGiven),
        ])
}
