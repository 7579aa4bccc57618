internal import KubernetesAPI
internal import OrderedJSON

extension ServedKind {
    /// Source: Kubernetes API reference, core/v1 `ConfigMap`; k8s.io/kubernetes/pkg/apis/core/validation
    /// `ValidateConfigMap`.
    static let configMap = ServedKind.stored(
        StoredKind(
            kind: .configMap, type: Schema.type("ConfigMap"), validate: validate, validateChange: validateChange,
            columns: [
                TableColumn(
                    name: "Data",
                    description: """
                        Data contains the configuration data. Each key must consist of alphanumeric characters, '-', \
                        '_' or '.'. Values with non-UTF-8 byte sequences must use the BinaryData field. The keys \
                        stored in Data must not overlap with the keys in the BinaryData field, this is enforced \
                        during validation process.
                        """,
                    cell: { object, _ in
                        let count = ["data", "binaryData"].reduce(0) { $0 + (object[$1]?.object?.count ?? 0) }
                        return .number(JSONNumber(count))
                    }),
                .age,
            ]))

    @Sendable private static func validate(_ object: JSON) -> [FieldError] {
        let (data, binaryData) = (object["data"]?.object ?? [:], object["binaryData"]?.object ?? [:])
        var errors: [FieldError] = []
        var size = 0
        for (key, value) in data {
            errors += DataKey.problems(key).map { .invalid("data[\(key)]", .string(key), $0) }
            if binaryData[key] != nil {
                errors.append(.invalid("data[\(key)]", .string(key), "duplicate of key present in binaryData"))
            }
            size += value.string?.utf8.count ?? 0
        }
        for (key, value) in binaryData {
            errors += DataKey.problems(key).map { .invalid("binaryData[\(key)]", .string(key), $0) }
            size += DataKey.decodedSize(value.string ?? "")
        }
        // This is how Kubernetes names the object as a whole.
        if size > DataKey.dataLimit { errors.append(.tooLong("[]", maximum: DataKey.dataLimit)) }
        return errors
    }

    @Sendable private static func validateChange(_ object: JSON, _ old: JSON) -> [FieldError] {
        guard old["immutable"]?.bool == true else { return [] }
        let detail = "field is immutable when `immutable` is set"
        var errors: [FieldError] = []
        if object["immutable"]?.bool != true { errors.append(.forbidden("immutable", detail)) }
        return errors
            + ["data", "binaryData"].filter { object[$0] != old[$0] }.map { FieldError.forbidden($0, detail) }
    }
}
