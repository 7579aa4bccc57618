internal import KubernetesAPI
internal import OrderedJSON

/// What `kubectl get jobs` prints.
///
/// Source: k8s.io/kubernetes/pkg/printers/internalversion.
enum JobTable {
    static let columns = [
        TableColumn(name: "Status", description: "Status of the job.", cell: { job, _ in .string(status(job)) }),
        TableColumn(
            name: "Completions",
            description: """
                The number of pods which reached phase Succeeded. The value increases monotonically for a given spec. \
                However, it may decrease in reaction to scale down of elastic indexed jobs.
                """, cell: { job, _ in .string(completions(job)) }),
        TableColumn(
            name: "Duration", description: "Time required to complete the job.",
            cell: { job, now in .string(duration(job, now)) }),
        .age,
        TableColumn(
            name: "Containers", description: "Names of each container in the template.", priority: 1,
            cell: { job, _ in .string(listed(job, "name")) }),
        TableColumn(
            name: "Images", description: "Images referenced by each container in the template.", priority: 1,
            cell: { job, _ in .string(listed(job, "image")) }),
        TableColumn(
            name: "Selector",
            description: """
                A label query over pods that should match the pod count. Normally, the system sets this field for you. \
                More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
                """, priority: 1, cell: { job, _ in .string(selector(job)) }),
    ]

    private static func status(_ job: JSON) -> String {
        func isTrue(_ type: String) -> Bool { JobConditions.isTrue(type, job) }
        if isTrue("Complete") { return "Complete" }
        if isTrue("Failed") { return "Failed" }
        if job["metadata"]?["deletionTimestamp"] != nil { return "Terminating" }
        return ["Suspended", "FailureTarget", "SuccessCriteriaMet"].first(where: isTrue) ?? "Running"
    }

    private static func completions(_ job: JSON) -> String {
        let succeeded = job["status"]?["succeeded"]?.int ?? 0
        if let completions = job["spec"]?["completions"]?.int { return "\(succeeded)/\(completions)" }
        let parallelism = job["spec"]?["parallelism"]?.int ?? 0
        return parallelism > 1 ? "\(succeeded)/1 of \(parallelism)" : "\(succeeded)/1"
    }

    private static func duration(_ job: JSON, _ now: Timestamp) -> String {
        func time(_ field: String) -> Timestamp? {
            job["status"]?[field]?.string.flatMap(Timestamp.init(parsing:))
        }
        guard let start = time("startTime") else { return "" }
        return TableColumn.age(seconds: (time("completionTime") ?? now).seconds - start.seconds)
    }

    private static func listed(_ job: JSON, _ field: String) -> String {
        (job["spec"]?["template"]?["spec"]?.elements("containers") ?? []).compactMap { $0[field]?.string }
            .joined(separator: ",")
    }

    private static func selector(_ job: JSON) -> String {
        guard let selector = job["spec"]?["selector"] else { return "<none>" }
        let labels = (selector["matchLabels"]?.strings ?? [:]).sorted { $0.key < $1.key }.map {
            "\($0.key)=\($0.value)"
        }
        return labels.isEmpty ? "<none>" : labels.joined(separator: ",")
    }
}

enum JobConditions {
    static func isTrue(_ type: String, _ job: JSON) -> Bool {
        (job["status"]?.elements("conditions") ?? []).contains {
            $0["type"]?.string == type && $0["status"]?.string == "True"
        }
    }

    static func isFinished(_ job: JSON) -> Bool { isTrue("Complete", job) || isTrue("Failed", job) }
}
