internal import KubernetesAPI
internal import OrderedJSON

/// How a Job stands, by the conditions that its controller writes.
struct JobOutcome: Sendable, Hashable {
    /// Of the condition that says that it failed, or is about to; nil where none does.
    let failure: Condition?
    let hasSucceeded: Bool
    /// Whether its Pods have ended, too.
    let isFinished: Bool

    struct Condition: Sendable, Hashable {
        let reason: String
        let message: String
    }

    /// - Parameter job: as the cluster has it.
    ///
    /// Source: Kubernetes, batch/v1 `JobConditionType`; `FailureTarget` and `SuccessCriteriaMet` come first, `Failed` and
    /// `Complete` when the last Pod has ended.
    init(_ job: JSON) {
        func condition(_ type: String) -> Condition? {
            let found = job["status"]?["conditions"]?.array?.first {
                $0["type"]?.string == type && $0["status"]?.string == "True"
            }
            return found.map {
                Condition(reason: $0["reason"]?.string ?? "", message: $0["message"]?.string ?? "")
            }
        }
        failure = condition("Failed") ?? condition("FailureTarget")
        hasSucceeded = condition("Complete") != nil || condition("SuccessCriteriaMet") != nil
        isFinished = condition("Failed") != nil || condition("Complete") != nil
    }
}
