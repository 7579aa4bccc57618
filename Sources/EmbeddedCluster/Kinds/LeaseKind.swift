internal import KubernetesAPI
internal import OrderedJSON

extension ServedKind {
    /// Source: Kubernetes API reference, coordination.k8s.io/v1 `Lease`.
    static let lease = ServedKind.stored(
        StoredKind(
            kind: .lease, fields: fields, createsOnUpdate: true, allowsUnconditionalUpdate: false,
            validate: validate,
            columns: [
                TableColumn(
                    name: "Holder",
                    description: """
                        holderIdentity contains the identity of the holder of a current lease. If Coordinated Leader \
                        Election \
                        is used, the holder identity must be equal to the elected LeaseCandidate.metadata.name field.
                        """, cell: { object, _ in object["spec"]?["holderIdentity"] ?? "" }),
                .age,
            ]))

    private static let fields = ObjectType(
        name: "Lease",
        fields: [
            Field(
                "spec",
                .object(
                    ObjectType(
                        name: "LeaseSpec",
                        fields: [
                            Field("holderIdentity", .string, .whenGiven),
                            Field("leaseDurationSeconds", .integer, .whenGiven),
                            Field("acquireTime", .microTime), Field("renewTime", .microTime),
                            Field("leaseTransitions", .integer, .whenGiven), Field("strategy", .string, .whenGiven),
                            Field("preferredHolder", .string, .whenGiven),
                        ])), .always([:]))
        ])

    @Sendable private static func validate(_ object: JSON) -> [FieldError] {
        var errors: [FieldError] = []
        if let seconds = object["spec"]?["leaseDurationSeconds"], (seconds.int ?? 0) <= 0 {
            errors.append(.invalid("spec.leaseDurationSeconds", seconds, "must be greater than 0"))
        }
        if let transitions = object["spec"]?["leaseTransitions"], (transitions.int ?? 0) < 0 {
            errors.append(.invalid("spec.leaseTransitions", transitions, "must be greater than or equal to 0"))
        }
        return errors
    }
}
