internal import OrderedJSON

/// The rules that a Pod's specification keeps, of those that somebody who writes one by hand runs into.
///
/// Source: k8s.io/kubernetes/pkg/apis/core/validation.
enum PodValidation {
    static func errors(spec: JSON, _ field: String) -> [FieldError] {
        let (volumes, volumeErrors) = VolumeValidation.errors(spec.elements("volumes"), "\(field).volumes")
        let containers = ContainerValidation(volumes: volumes)
        var errors = volumeErrors
        if spec.elements("containers").isEmpty { errors.append(.required("\(field).containers")) }
        var names: Set<String> = []
        errors += containers.errors(spec.elements("containers"), "\(field).containers", &names)
        errors += containers.errors(spec.elements("initContainers"), "\(field).initContainers", &names)
        errors += choice(spec, "restartPolicy", ["Always", "OnFailure", "Never"], field)
        errors += choice(spec, "dnsPolicy", ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"], field)
        for name in ["serviceAccountName", "nodeName"] {
            if let value = spec[name]?.string {
                errors += NameRule.subdomain.problems(value).map { .invalid("\(field).\(name)", .string(value), $0) }
            }
        }
        for name in ["hostname", "subdomain"] {
            if let value = spec[name]?.string {
                errors += NameRule.label.problems(value).map { .invalid("\(field).\(name)", .string(value), $0) }
            }
        }
        if let seconds = spec["activeDeadlineSeconds"], !(1...Int(Int32.max) ~= seconds.int ?? 0) {
            errors.append(
                .invalid("\(field).activeDeadlineSeconds", seconds, "must be between 1 and 2147483647, inclusive"))
        }
        errors += notNegative(spec, "terminationGracePeriodSeconds", field)
        return errors
    }

    static func choice(_ object: JSON, _ name: String, _ supported: [String], _ field: String) -> [FieldError] {
        guard let value = object[name]?.string, !supported.contains(value) else { return [] }
        return [.notSupported("\(field).\(name)", .string(value), supported: supported.sorted())]
    }

    static func notNegative(_ object: JSON, _ name: String, _ field: String) -> [FieldError] {
        guard let value = object[name], (value.int ?? 0) < 0 else { return [] }
        return [.invalid("\(field).\(name)", value, "must be greater than or equal to 0")]
    }

    /// A path that stays below the folder that it starts from.
    static func descending(_ path: String, _ field: String) -> [FieldError] {
        var errors: [FieldError] = []
        if path.hasPrefix("/") { errors.append(.invalid(field, .string(path), "must be a relative path")) }
        if path.split(separator: "/").contains("..") {
            errors.append(.invalid(field, .string(path), "must not contain '..'"))
        }
        return errors
    }
}
