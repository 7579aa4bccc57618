internal import KubernetesAPI
internal import OrderedJSON

/// What a Job says where its author says nothing.
///
/// Source: k8s.io/kubernetes/pkg/apis/batch/v1/defaults.go; k8s.io/kubernetes/pkg/registry/batch/job.
enum JobDefaults {
    static let specType = Schema.type("JobSpec")
    static let controllerLabel = "batch.kubernetes.io/controller-uid"
    static let nameLabel = "batch.kubernetes.io/job-name"
    /// The labels of old, which clients still select by.
    static let oldControllerLabel = "controller-uid"
    static let oldNameLabel = "job-name"

    @Sendable static func complete(_ job: inout JSON) {
        var spec = job["spec"] ?? [:]
        if spec["completions"] == nil, spec["parallelism"] == nil { spec["completions"] = 1 }
        spec.setDefault("parallelism", 1)
        spec.setDefault(
            "backoffLimit", spec["backoffLimitPerIndex"] == nil ? 6 : .number(JSONNumber(Int(Int32.max))))
        spec.setDefault("completionMode", "NonIndexed")
        spec.setDefault("suspend", false)
        spec.setDefault("manualSelector", false)
        spec.setDefault("podReplacementPolicy", spec["podFailurePolicy"] == nil ? "TerminatingOrFailed" : "Failed")
        var template = spec["template"] ?? [:]
        var podSpec = template["spec"] ?? [:]
        PodDefaults.complete(&podSpec)
        template["spec"] = podSpec
        spec["template"] = template
        job["spec"] = spec.normalised(as: specType)
    }

    /// Labels that no other Job's Pods have, unless the author chose otherwise.
    static func generateSelector(_ job: inout JSON) {
        guard job["spec"]?["manualSelector"]?.bool != true else { return }
        let (name, uid) = (job.objectName ?? "", job["metadata"]?["uid"]?.string ?? "")
        var spec = job["spec"] ?? [:]
        var template = spec["template"] ?? [:]
        var labels = template.objectLabels
        // Those that somebody gave are left to the validation to refuse.
        for (key, value) in [
            (controllerLabel, uid), (oldControllerLabel, uid), (nameLabel, name), (oldNameLabel, name),
        ] where labels[key] == nil {
            labels[key] = value
        }
        var metadata = template["metadata"] ?? [:]
        metadata["labels"] = JSON(sorted: labels)
        template["metadata"] = Schema.metadata.ordered(metadata)
        spec["template"] = template
        if spec["selector"] == nil {
            spec["selector"] = ["matchLabels": [:]]
            var matched = JSON.object([:])
            matched[controllerLabel] = .string(uid)
            spec["selector"] = ["matchLabels": matched]
        }
        job["spec"] = spec.normalised(as: specType)
    }

    /// A Job without labels has those of its Pods.
    static func inheritLabels(_ job: inout JSON) {
        guard job.objectLabels.isEmpty, let labels = job["spec"]?["template"]?.objectLabels, !labels.isEmpty else {
            return
        }
        var metadata = job["metadata"] ?? [:]
        metadata["labels"] = JSON(sorted: labels)
        job["metadata"] = Schema.metadata.ordered(metadata)
    }
}
