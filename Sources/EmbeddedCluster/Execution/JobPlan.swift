internal import OrderedJSON

/// What is to be done for a Job now: worked out from the Job, its Pods and the time, and nothing else.
///
/// Source: k8s.io/kubernetes/pkg/controller/job.
struct JobPlan: Sendable {
    struct Happening: Sendable, Hashable {
        var isWarning = false
        let reason: String
        let message: String
    }

    /// As it is to be written.
    private(set) var status: JSON
    private(set) var podsToCreate = 0
    private(set) var podsToDelete: [JSON] = []
    private(set) var happenings: [Happening] = []
    /// When to look again even if nothing happens.
    private(set) var next: Timestamp?
    /// Its time after the end is over.
    private(set) var isExpired = false

    private static let firstBackoff = Duration.seconds(10)
    private static let longestBackoff = Duration.seconds(600)

    private let job: JSON
    private let pods: JobPods
    private let now: Timestamp

    private var spec: JSON { job["spec"] ?? [:] }
    private var isSuspended: Bool { spec["suspend"]?.bool == true }

    init(_ job: JSON, _ pods: JobPods, now: Timestamp) {
        self.job = job
        self.pods = pods
        self.now = now
        status = job["status"] ?? [:]
        if JobConditions.isFinished(job) {
            expire()
            return
        }
        begin()
        decide()
        count()
    }

    // MARK: Its end, and after it

    private mutating func expire() {
        guard let seconds = spec["ttlSecondsAfterFinished"]?.int else { return }
        let finished = status.elements("conditions").first {
            ["Complete", "Failed"].contains($0["type"]?.string) && $0["status"]?.string == "True"
        }
        guard let end = finished?.time("lastTransitionTime") else { return }
        if end + .seconds(seconds) <= now { isExpired = true } else { next = end + .seconds(seconds) }
    }

    private mutating func begin() {
        if !isSuspended, status["startTime"] == nil { status["startTime"] = .string(now.text) }
    }

    private mutating func decide() {
        if let target = condition("FailureTarget") { return fail(target) }
        if let criteria = condition("SuccessCriteriaMet") { return succeed(criteria) }
        if let failure = failure() {
            happenings.append(Happening(isWarning: true, reason: failure.reason, message: failure.message))
            setCondition("FailureTarget", failure.reason, failure.message)
            return condition("FailureTarget").map { fail($0) } ?? ()
        }
        if isComplete {
            setCondition("SuccessCriteriaMet", "CompletionsReached", "Reached expected number of succeeded pods")
            return condition("SuccessCriteriaMet").map { succeed($0) } ?? ()
        }
        suspendOrResume()
        if isSuspended { podsToDelete = pods.active } else { manage() }
    }

    private func failure() -> (reason: String, message: String)? {
        let limit = spec["backoffLimit"]?.int ?? 6
        let hasPastLimit = pods.failed > limit
        let isRestartedTooOften =
            spec["template"]?["spec"]?["restartPolicy"]?.string == "OnFailure"
            && (limit == 0 ? pods.restarts > 0 : pods.restarts >= limit)
        if hasPastLimit || isRestartedTooOften {
            return ("BackoffLimitExceeded", "Job has reached the specified backoff limit")
        }
        if let deadline, deadline <= now {
            return ("DeadlineExceeded", "Job was active longer than specified deadline")
        }
        return nil
    }

    private var deadline: Timestamp? {
        guard !isSuspended, let seconds = spec["activeDeadlineSeconds"]?.int, let start = status.time("startTime")
        else {
            return nil
        }
        return start + .seconds(seconds)
    }

    private var isComplete: Bool {
        if let completions = spec["completions"]?.int { return pods.succeeded >= completions }
        return pods.succeeded > 0 && pods.active.isEmpty
    }

    /// The Job has failed when the last of its Pods has ended.
    private mutating func fail(_ target: JSON) {
        podsToDelete = pods.active
        guard pods.active.isEmpty, pods.terminating.isEmpty else { return }
        setCondition("Failed", target["reason"]?.string ?? "", target["message"]?.string ?? "")
    }

    private mutating func succeed(_ criteria: JSON) {
        podsToDelete = pods.active
        guard pods.active.isEmpty, pods.terminating.isEmpty else { return }
        setCondition("Complete", criteria["reason"]?.string ?? "", criteria["message"]?.string ?? "")
        status["completionTime"] = .string(now.text)
        happenings.append(Happening(reason: "Completed", message: "Job completed"))
    }

    // MARK: Its Pods

    private mutating func suspendOrResume() {
        let wasSuspended = JobConditions.isTrue("Suspended", job)
        if isSuspended {
            status["startTime"] = nil
            guard !wasSuspended else { return }
            setCondition("Suspended", "JobSuspended", "Job suspended")
            happenings.append(Happening(reason: "Suspended", message: "Job suspended"))
        } else if wasSuspended {
            setCondition("Suspended", "JobResumed", "Job resumed", isTrue: false)
            status["startTime"] = .string(now.text)
            happenings.append(Happening(reason: "Resumed", message: "Job resumed"))
        }
    }

    private mutating func manage() {
        next = deadline
        let parallelism = spec["parallelism"]?.int ?? 1
        let replacesFailedOnly = spec["podReplacementPolicy"]?.string == "Failed"
        let occupied = pods.active.count + (replacesFailedOnly ? pods.terminating.count : 0)
        let wanted: Int
        if let completions = spec["completions"]?.int {
            wanted = min(parallelism, completions - pods.succeeded)
        } else {
            // Without a number, the first success says that no more are to be started.
            wanted = pods.succeeded > 0 ? min(occupied, parallelism) : parallelism
        }
        if occupied > wanted {
            podsToDelete = Array(pods.active.suffix(occupied - wanted))
        } else if occupied < wanted {
            if let moment = backoffEnd, moment > now {
                next = next.map { min($0, moment) } ?? moment
            } else {
                podsToCreate = wanted - occupied
            }
        }
    }

    /// When the next Pod may be made after failures: 10 s after the first, twice as long after each that follows.
    private var backoffEnd: Timestamp? {
        guard let last = pods.failures.last else { return nil }
        var delay = Self.firstBackoff
        for _ in 1..<max(pods.failures.count, 1) where delay < Self.longestBackoff { delay *= 2 }
        return last + min(delay, Self.longestBackoff)
    }

    // MARK: Its status

    private mutating func count() {
        func set(_ field: String, _ number: Int, always: Bool = false) {
            status[field] = number == 0 && !always ? nil : .number(JSONNumber(number))
        }
        let deleted = podsToDelete.count
        set("active", pods.active.count - deleted)
        set("ready", deleted == 0 ? pods.ready : max(0, pods.ready - deleted), always: true)
        set("succeeded", pods.succeeded)
        set("failed", pods.failed)
        set("terminating", pods.terminating.count + deleted, always: true)
        status.setDefault("uncountedTerminatedPods", [:])
        status = status.normalised(as: Self.type)
    }

    private static let type = Schema.type("JobStatus")

    private func condition(_ type: String) -> JSON? {
        status.elements("conditions").first { $0["type"]?.string == type && $0["status"]?.string == "True" }
    }

    private mutating func setCondition(_ type: String, _ reason: String, _ message: String, isTrue: Bool = true) {
        let condition: JSON = [
            "type": .string(type), "status": isTrue ? "True" : "False", "lastProbeTime": .string(now.text),
            "lastTransitionTime": .string(now.text), "reason": .string(reason), "message": .string(message),
        ]
        status["conditions"] = .array(
            status.elements("conditions").filter { $0["type"]?.string != type } + [condition])
    }
}
