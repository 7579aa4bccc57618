internal import KubernetesAPI
internal import OrderedJSON

/// The Pods of one Job, sorted by what became of them; and how many ended in all, those that are gone included.
struct JobPods: Sendable {
    /// Which Pods were counted, for as long as the controller runs.
    struct Tally: Sendable {
        var succeeded: Set<String> = []
        var failed: Set<String> = []
        /// Counted before this controller came to run.
        var succeededBefore = 0
        var failedBefore = 0
    }

    /// Neither ended nor ending.
    private(set) var active: [JSON] = []
    private(set) var terminating: [JSON] = []
    private(set) var tally: Tally
    /// Of those that ended badly without a success since, when each did, the first first.
    private(set) var failures: [Timestamp] = []
    /// How often containers of Pods that go on were started again.
    private(set) var restarts = 0

    var succeeded: Int { tally.succeededBefore + tally.succeeded.count }
    var failed: Int { tally.failedBefore + tally.failed.count }
    var ready: Int {
        active.count { pod in
            pod["status"]?.elements("conditions").contains {
                $0["type"]?.string == "Ready" && $0["status"]?.string == "True"
            } ?? false
        }
    }

    /// - Parameters:
    ///   - tally: what was counted before; nil the first time, when the status of the Job says it.
    init(_ job: JSON, _ pods: [JSON], tally known: Tally?) {
        tally = known ?? Tally()
        // Pods that a suspension ended did not fail.
        let countsTerminating =
            job["spec"]?["podReplacementPolicy"]?.string != "Failed" && job["spec"]?["suspend"]?.bool != true
            && !JobConditions.isTrue("SuccessCriteriaMet", job)
        var (ends, lastSuccess) = ([Timestamp](), Timestamp?.none)
        for pod in pods {
            let uid = pod["metadata"]?["uid"]?.string ?? ""
            let isDeleted = pod["metadata"]?["deletionTimestamp"] != nil
            switch pod["status"]?["phase"]?.string {
            case "Succeeded":
                tally.succeeded.insert(uid)
                if let end = Self.end(pod) { lastSuccess = max(lastSuccess ?? end, end) }
            case "Failed" where isDeleted && job["spec"]?["suspend"]?.bool == true: break
            case "Failed":
                tally.failed.insert(uid)
                if let end = Self.end(pod) { ends.append(end) }
            case _ where isDeleted:
                terminating.append(pod)
                if countsTerminating {
                    tally.failed.insert(uid)
                    if let end = pod["metadata"]?.time("deletionTimestamp") { ends.append(end) }
                }
            default: active.append(pod)
            }
            if !pod.isFinishedPod, !isDeleted { restarts += Self.restarts(pod) }
        }
        if known == nil {
            tally.succeededBefore = max(0, (job["status"]?["succeeded"]?.int ?? 0) - tally.succeeded.count)
            tally.failedBefore = max(0, (job["status"]?["failed"]?.int ?? 0) - tally.failed.count)
        }
        failures = ends.filter { end in lastSuccess.map { end > $0 } ?? true }.sorted()
    }

    private static func end(_ pod: JSON) -> Timestamp? {
        let ends = (pod["status"]?.elements("containerStatuses") ?? []).compactMap {
            $0["state"]?["terminated"]?.time("finishedAt")
        }
        return ends.max() ?? pod["metadata"]?.time("creationTimestamp")
    }

    private static func restarts(_ pod: JSON) -> Int {
        ((pod["status"]?.elements("initContainerStatuses") ?? [])
            + (pod["status"]?.elements("containerStatuses") ?? [])).reduce(0) { $0 + ($1["restartCount"]?.int ?? 0) }
    }
}
