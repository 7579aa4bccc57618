internal import KubernetesAPI
internal import OrderedJSON

/// A label selector as it stands in an object: `{"matchLabels": …, "matchExpressions": …}`.
///
/// Source: k8s.io/apimachinery/pkg/apis/meta/v1 `LabelSelectorAsSelector`, `ValidateLabelSelector`.
enum LabelSelectorObject {
    static func selector(_ object: JSON) -> LabelSelector {
        let labels = (object["matchLabels"]?.strings ?? [:]).sorted { $0.key < $1.key }
        let expressions = (object["matchExpressions"]?.array ?? []).compactMap(requirement)
        return LabelSelector(requirements: labels.map { .isIn(key: $0.key, values: [$0.value]) } + expressions)
    }

    private static func requirement(_ expression: JSON) -> LabelSelector.Requirement? {
        let key = expression["key"]?.string ?? ""
        let values = Set((expression["values"]?.array ?? []).compactMap(\.string))
        return switch expression["operator"]?.string {
        case "In": .isIn(key: key, values: values)
        case "NotIn": .isNotIn(key: key, values: values)
        case "Exists": .exists(key: key)
        case "DoesNotExist": .doesNotExist(key: key)
        default: nil
        }
    }

    static func errors(_ object: JSON, _ field: String) -> [FieldError] {
        let labels = (object["matchLabels"]?.strings ?? [:]).sorted { $0.key < $1.key }.flatMap { key, value in
            keyErrors(key, "\(field).matchLabels")
                + QualifiedName.problems(labelValue: value).map {
                    FieldError.invalid("\(field).matchLabels", .string(value), $0)
                }
        }
        let expressions = (object["matchExpressions"]?.array ?? []).enumerated().flatMap { index, expression in
            expressionErrors(expression, "\(field).matchExpressions[\(index)]")
        }
        return labels + expressions
    }

    private static func keyErrors(_ key: String, _ field: String) -> [FieldError] {
        QualifiedName.problems(key).map { .invalid(field, .string(key), $0) }
    }

    private static func expressionErrors(_ expression: JSON, _ field: String) -> [FieldError] {
        let isEmpty = expression["values"]?.array?.isEmpty ?? true
        var errors: [FieldError] = []
        switch expression["operator"]?.string {
        case "In", "NotIn":
            if isEmpty {
                errors.append(.required("\(field).values", "must be specified when `operator` is 'In' or 'NotIn'"))
            }
        case "Exists", "DoesNotExist":
            if !isEmpty {
                errors.append(
                    .forbidden("\(field).values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"))
            }
        default:
            errors.append(.invalid("\(field).operator", expression["operator"] ?? "", "not a valid selector operator"))
        }
        return errors + keyErrors(expression["key"]?.string ?? "", "\(field).key")
    }
}
