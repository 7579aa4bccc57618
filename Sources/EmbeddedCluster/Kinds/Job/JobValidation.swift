internal import KubernetesAPI
internal import OrderedJSON

/// The rules that a Job keeps.
///
/// Source: k8s.io/kubernetes/pkg/apis/batch/validation.
enum JobValidation {
    @Sendable static func errors(_ job: JSON) -> [FieldError] {
        let spec = job["spec"] ?? [:]
        return selectorErrors(job, spec) + specErrors(spec)
            + PodValidation.errors(
                spec: spec["template"]?["spec"] ?? [:], "spec.template.spec") + templateErrors(spec["template"] ?? [:])
    }

    private static func specErrors(_ spec: JSON) -> [FieldError] {
        var errors = [
            "parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished",
        ].flatMap { PodValidation.notNegative(spec, $0, "spec") }
        // Kubernetes knows these, too. A Job that relies on them is not to run without them.
        errors += PodValidation.choice(spec, "completionMode", ["NonIndexed"], "spec")
        errors += ["podFailurePolicy", "successPolicy", "backoffLimitPerIndex", "maxFailedIndexes"]
            .filter { spec[$0] != nil }.map { .forbidden("spec.\($0)", "this cluster does not know it") }
        errors += PodValidation.choice(spec, "podReplacementPolicy", ["Failed", "TerminatingOrFailed"], "spec")
        return errors
    }

    private static func templateErrors(_ template: JSON) -> [FieldError] {
        let field = "spec.template.spec.restartPolicy"
        switch template["spec"]?["restartPolicy"]?.string {
        case "OnFailure", "Never": return []
        case "Always": return [.required(field, "valid values: \"OnFailure\", \"Never\"")]
        case let other:
            return [.notSupported(field, .string(other ?? ""), supported: ["OnFailure", "Never"])]
        }
    }

    /// The selector chooses the Job's own Pods, and, unless the author saw to that, nothing else.
    private static func selectorErrors(_ job: JSON, _ spec: JSON) -> [FieldError] {
        guard let selector = spec["selector"] else { return [.required("spec.selector")] }
        let labels = spec["template"]?.objectLabels ?? [:]
        var errors: [FieldError] = []
        if spec["manualSelector"]?.bool != true {
            let (name, uid) = (job.objectName ?? "", job["metadata"]?["uid"]?.string ?? "")
            for (key, value) in [
                (JobDefaults.controllerLabel, uid), (JobDefaults.oldControllerLabel, uid),
                (JobDefaults.nameLabel, name), (JobDefaults.oldNameLabel, name),
            ] where labels[key] != value {
                errors.append(
                    .invalid("spec.template.metadata.labels[\(key)]", .string(labels[key] ?? ""), "must be '\(value)'"))
            }
            if selector["matchLabels"]?[JobDefaults.controllerLabel]?.string != uid
                && selector["matchLabels"]?[JobDefaults.oldControllerLabel]?.string != uid
            {
                errors.append(.invalid("spec.selector", selector, "`selector` not auto-generated"))
            }
        }
        if !matches(selector, labels) {
            errors.append(
                .invalid(
                    "spec.template.metadata.labels", JSON(sorted: labels), "`selector` does not match template `labels`"
                ))
        }
        return errors
    }

    private static func matches(_ selector: JSON, _ labels: [String: String]) -> Bool {
        (selector["matchLabels"]?.strings ?? [:]).allSatisfy { labels[$0.key] == $0.value }
            && selector.elements("matchExpressions").allSatisfy { expression in
                let value = labels[expression["key"]?.string ?? ""]
                let values = expression.elements("values").compactMap(\.string)
                switch expression["operator"]?.string {
                case "In": return value.map(values.contains) ?? false
                case "NotIn": return !(value.map(values.contains) ?? false)
                case "Exists": return value != nil
                case "DoesNotExist": return value == nil
                default: return false
                }
            }
    }

    @Sendable static func changeErrors(_ job: JSON, _ old: JSON) -> [FieldError] {
        let (spec, oldSpec) = (job["spec"] ?? [:], old["spec"] ?? [:])
        var errors = ["completions", "selector", "completionMode", "managedBy"].filter { spec[$0] != oldSpec[$0] }.map {
            FieldError.invalid("spec.\($0)", spec[$0] ?? .null, "field is immutable")
        }
        if spec["template"] != oldSpec["template"] {
            errors.append(.invalid("spec.template", spec["template"] ?? .null, "field is immutable"))
        }
        return errors
    }
}
