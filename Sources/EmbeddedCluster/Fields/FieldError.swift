internal import KubernetesAPI
internal import OrderedJSON

/// What is wrong with a field, as Kubernetes says it.
///
/// Source: k8s.io/apimachinery/pkg/util/validation/field.
struct FieldError: Sendable, Hashable {
    let reason: String
    let field: String
    /// Without the field.
    let message: String

    static func required(_ field: String, _ detail: String = "") -> FieldError {
        FieldError(
            reason: "FieldValueRequired", field: field,
            message: detail.isEmpty ? "Required value" : "Required value: \(detail)")
    }

    static func invalid(_ field: String, _ value: JSON, _ detail: String) -> FieldError {
        FieldError(reason: "FieldValueInvalid", field: field, message: "Invalid value: \(value.text): \(detail)")
    }

    static func forbidden(_ field: String, _ detail: String) -> FieldError {
        FieldError(reason: "FieldValueForbidden", field: field, message: "Forbidden: \(detail)")
    }

    static func tooLong(_ field: String, maximum: Int) -> FieldError {
        FieldError(
            reason: "FieldValueTooLong", field: field, message: "Too long: may not be more than \(maximum) bytes")
    }

    static func duplicate(_ field: String, _ value: JSON) -> FieldError {
        FieldError(reason: "FieldValueDuplicate", field: field, message: "Duplicate value: \(value.text)")
    }

    static func notFound(_ field: String, _ value: JSON) -> FieldError {
        FieldError(reason: "FieldValueNotFound", field: field, message: "Not found: \(value.text)")
    }

    static func notSupported(_ field: String, _ value: JSON, supported: [String]) -> FieldError {
        let values = supported.map { JSON.string($0).text }.joined(separator: ", ")
        return FieldError(
            reason: "FieldValueNotSupported", field: field,
            message: "Unsupported value: \(value.text): supported values: \(values)")
    }
}

extension Status {
    /// 422: the object breaks the rules of its kind.
    static func invalid(_ kind: ResourceKind, name: String, _ errors: [FieldError]) -> Status {
        invalid(kind: kind.kind, group: kind.group, name: name, errors)
    }

    /// A body of three megabytes can break hundreds of thousands of rules, each of which takes a sentence to explain.
    private static let toldErrors = 100

    static func invalid(kind: String, group: String, name: String, _ errors: [FieldError]) -> Status {
        let told = errors.prefix(toldErrors)
        var texts = told.map { "\($0.field): \($0.message)" }
        if errors.count > told.count { texts.append("and \(errors.count - told.count) more") }
        let list = texts.count == 1 ? texts[0] : "[\(texts.joined(separator: ", "))]"
        let qualifiedKind = group.isEmpty ? kind : "\(kind).\(group)"
        return Status(
            code: 422, reason: "Invalid", message: "\(qualifiedKind) \"\(name)\" is invalid: \(list)",
            details: Details(
                name: name.isEmpty ? nil : name, group: group, kind: kind.isEmpty ? nil : kind,
                causes: told.map { Cause(reason: $0.reason, message: $0.message, field: $0.field) }))
    }
}
