internal import KubernetesAPI
internal import OrderedJSON

extension ServedKind {
    /// Source: Kubernetes API reference, coordination.k8s.io/v1 `Lease`.
    static let lease = ServedKind.stored(
        StoredKind(
            kind: .lease, type: Schema.type("Lease"), createsOnUpdate: true, allowsUnconditionalUpdate: false,
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

    @Sendable private static func validate(_ object: JSON) -> [FieldError] {
        var errors: [FieldError] = []
        if let seconds = object["spec"]?["leaseDurationSeconds"], (seconds.int ?? 0) <= 0 {
            errors.append(.invalid("spec.leaseDurationSeconds", seconds, "must be greater than 0"))
        }
        if let transitions = object["spec"]?["leaseTransitions"], (transitions.int ?? 0) < 0 {
            errors.append(.invalid("spec.leaseTransitions", transitions, "must be greater than or equal to 0"))
        }
        let strategy = object["spec"]?["strategy"]?.string
        if let strategy { errors += strategyErrors(strategy) }
        if object["spec"]?["preferredHolder"]?.string ?? "" != "", strategy ?? "" == "" {
            errors.append(.forbidden("spec.preferredHolder", "may only be specified if `strategy` is defined"))
        }
        return errors
    }

    /// The name of the field is as Kubernetes has it.
    private static func strategyErrors(_ strategy: String) -> [FieldError] {
        let (field, known) = ("spec.strategy.strategy", ["OldestEmulationVersion"])
        guard strategy.contains("/") else {
            return known.contains(strategy) ? [] : [.notSupported(field, .string(strategy), supported: known)]
        }
        return QualifiedName.problems(strategy).map { .invalid(field, .string(strategy), $0) }
    }
}
