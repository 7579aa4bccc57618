internal import KubernetesAPI
internal import OrderedJSON

/// The rules that the metadata of every object keeps.
///
/// Source: k8s.io/apimachinery/pkg/api/validation/objectmeta.go.
enum MetadataValidation {
    static let annotationLimit = 262_144

    static func errors(_ metadata: JSON, nameRule: NameRule) -> [FieldError] {
        var errors: [FieldError] = []
        if let prefix = metadata["generateName"]?.string {
            errors += nameRule.problems(prefix: prefix).map { .invalid("metadata.generateName", .string(prefix), $0) }
        }
        let name = metadata["name"]?.string ?? ""
        if name.isEmpty {
            errors.append(.required("metadata.name", "name or generateName is required"))
        } else {
            errors += nameRule.problems(name).map { .invalid("metadata.name", .string(name), $0) }
        }
        errors += labelErrors(metadata["labels"]?.strings ?? [:])
        errors += annotationErrors(metadata["annotations"]?.strings ?? [:])
        errors += (metadata["finalizers"]?.array ?? []).compactMap(\.string).flatMap { finalizer in
            QualifiedName.problems(finalizer).map { .invalid("metadata.finalizers", .string(finalizer), $0) }
        }
        return errors
    }

    private static func labelErrors(_ labels: [String: String]) -> [FieldError] {
        labels.sorted { $0.key < $1.key }.flatMap { key, value in
            QualifiedName.problems(key).map { FieldError.invalid("metadata.labels", .string(key), $0) }
                + QualifiedName.problems(labelValue: value).map { .invalid("metadata.labels", .string(value), $0) }
        }
    }

    private static func annotationErrors(_ annotations: [String: String]) -> [FieldError] {
        let keys = annotations.keys.sorted().flatMap { key in
            QualifiedName.problems(key.lowercased()).map {
                FieldError.invalid("metadata.annotations", .string(key), $0)
            }
        }
        let size = annotations.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
        return keys + (size > annotationLimit ? [.tooLong("metadata.annotations", maximum: annotationLimit)] : [])
    }
}
