internal import KubernetesAPI
internal import OrderedJSON

extension ServedKind {
    /// Source: Kubernetes API reference, core/v1 `Secret`; k8s.io/kubernetes/pkg/apis/core/validation `ValidateSecret`.
    static let secret = ServedKind.stored(
        StoredKind(
            kind: .secret, type: Schema.type("Secret"),
            setDefaults: setDefaults,
            validate: validate, validateChange: validateChange,
            selectableFields: ["type": { $0["type"]?.string ?? "" }],
            columns: [
                TableColumn(
                    name: "Type",
                    description: """
                        Used to facilitate programmatic handling of secret data. More info: \
                        https://kubernetes.io/docs/concepts/configuration/secret/#secret-types
                        """, cell: { object, _ in object["type"] ?? "" }),
                TableColumn(
                    name: "Data",
                    description: """
                        Data contains the secret data. Each key must consist of alphanumeric characters, '-', '_' or \
                        '.'. The \
                        serialized form of the secret data is a base64 encoded string, representing the arbitrary \
                        (possibly \
                        non-string) data value here. Described in https://tools.ietf.org/html/rfc4648#section-4
                        """, cell: { object, _ in .number(JSONNumber(object["data"]?.object?.count ?? 0)) }),
                .age,
            ]))

    @Sendable private static func setDefaults(_ object: inout JSON) {
        var data = object["data"]?.object ?? [:]
        for (key, value) in object["stringData"]?.object ?? [:] {
            data[key] = .string(Base64.encode(Array((value.string ?? "").utf8)))
        }
        let type = object["type"]?.string ?? ""
        var prepared: JSON = ["metadata": object["metadata"] ?? [:]]
        prepared["immutable"] = object["immutable"]
        if !data.isEmpty {
            prepared["data"] = .object(JSONObject(data.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }))
        }
        prepared["type"] = .string(type.isEmpty ? "Opaque" : type)
        object = prepared
    }

    @Sendable private static func validate(_ object: JSON) -> [FieldError] {
        var errors: [FieldError] = []
        var size = 0
        for (key, value) in object["data"]?.object ?? [:] {
            errors += DataKey.problems(key).map { .invalid("data[\(key)]", .string(key), $0) }
            size += DataKey.decodedSize(value.string ?? "")
        }
        if size > DataKey.dataLimit { errors.append(.tooLong("data", maximum: DataKey.dataLimit)) }
        let required: [String] =
            switch object["type"]?.string {
            case "kubernetes.io/dockercfg": [".dockercfg"]
            case "kubernetes.io/dockerconfigjson": [".dockerconfigjson"]
            case "kubernetes.io/ssh-auth": ["ssh-privatekey"]
            case "kubernetes.io/tls": ["tls.crt", "tls.key"]
            default: []
            }
        return errors + required.filter { object["data"]?[$0] == nil }.map { .required("data[\($0)]") }
    }

    @Sendable private static func validateChange(_ object: JSON, _ old: JSON) -> [FieldError] {
        var errors: [FieldError] = []
        if object["type"] != old["type"] { errors.append(.invalid("type", object["type"] ?? "", "field is immutable")) }
        guard old["immutable"]?.bool == true else { return errors }
        let detail = "field is immutable when `immutable` is set"
        if object["immutable"]?.bool != true { errors.append(.forbidden("immutable", detail)) }
        if object["data"] != old["data"] { errors.append(.forbidden("data", detail)) }
        return errors
    }
}
