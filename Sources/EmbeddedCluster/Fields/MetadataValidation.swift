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
        errors += finalizers(metadata).enumerated().filter { !Self.isKnown(finalizer: $1) }.map {
            .invalid(
                "metadata.finalizers[\($0)]", .string($1),
                "name is neither a standard finalizer name nor is it fully qualified")
        }
        return errors + finalizerErrors(metadata) + ownerErrors(metadata)
    }

    private static func isKnown(finalizer: String) -> Bool {
        finalizer.contains("/") || ["kubernetes", "orphan", "foregroundDeletion"].contains(finalizer)
    }

    /// The rules that a change of metadata keeps.
    static func changeErrors(_ metadata: JSON, _ old: JSON) -> [FieldError] {
        guard old["deletionTimestamp"] != nil else { return [] }
        let known = Set(finalizers(old))
        let added = Set(finalizers(metadata)).subtracting(known).sorted()
        guard !added.isEmpty else { return [] }
        let list = added.map { JSON.string($0).text }.joined(separator: ", ")
        return [
            .forbidden(
                "metadata.finalizers",
                "no new finalizers can be added if the object is being deleted, found new finalizers []string{\(list)}")
        ]
    }

    private static func finalizers(_ metadata: JSON) -> [String] {
        (metadata["finalizers"]?.array ?? []).compactMap(\.string)
    }

    private static func finalizerErrors(_ metadata: JSON) -> [FieldError] {
        let finalizers = Set(finalizers(metadata))
        guard finalizers.isSuperset(of: ["orphan", "foregroundDeletion"]) else { return [] }
        return [
            .invalid(
                "metadata.finalizers", metadata["finalizers"] ?? [],
                "finalizer orphan and foregroundDeletion cannot be both set")
        ]
    }

    private static func ownerErrors(_ metadata: JSON) -> [FieldError] {
        var errors: [FieldError] = []
        var controller: String?
        for reference in metadata["ownerReferences"]?.array ?? [] {
            let field = "metadata.ownerReferences"
            let apiVersion = reference["apiVersion"]?.string ?? ""
            if apiVersion.split(separator: "/", omittingEmptySubsequences: false).last?.isEmpty != false {
                errors.append(
                    .invalid("\(field).apiVersion", .string(apiVersion), "version must not be empty"))
            }
            for name in ["kind", "name", "uid"] where reference[name]?.string ?? "" == "" {
                errors.append(.invalid("\(field).\(name)", "", "must not be empty"))
            }
            let kind = reference["kind"]?.string ?? ""
            if apiVersion == "v1", kind == "Event" {
                errors.append(.invalid(field, reference, "/v1, Kind=Event is disallowed from being an owner"))
            }
            guard reference["controller"]?.bool == true else { continue }
            let name = "\(kind)/\(reference["name"]?.string ?? "")"
            if let controller {
                errors.append(
                    .invalid(
                        field, metadata["ownerReferences"] ?? [],
                        "Only one reference can have Controller set to true. Found \"true\" in references for "
                            + "\(controller) and \(name)"))
            }
            controller = controller ?? name
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
