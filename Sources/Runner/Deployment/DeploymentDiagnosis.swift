internal import KubernetesAPI
internal import OrderedJSON

/// How far a deployment is, and, where it failed around the run rather than in it, why.
public enum DeploymentPhase: Sendable, Hashable {
    /// It is not running yet; what it waits for, where that is known.
    case waiting(String?)
    /// The container runs, or a new one of the same Pod is about to.
    case running
    /// It is over.
    case ended(DeploymentEnd)
}

/// How a deployment ended.
public struct DeploymentEnd: Sendable, Hashable {
    /// How it went, in a word.
    public enum Status: String, Sendable, Hashable {
        /// It did what was asked; it did not; somebody ended it.
        case succeeded, failed, cancelled
    }

    /// How it went.
    public var status: Status
    /// Why, in one sentence; nil where the run itself says so.
    public var cause: String?
    /// The container's; nil where it was not seen to end.
    public var exitCode: Int?
    /// Whether the run came to no end of its own, so that it may have left its lock behind.
    public var wasCutOff: Bool
    /// Whether the Job goes on all the same, and is to be ended.
    public var isJobAlive = false
}

/// Finds out from a Job, its Pod and their Warning events how a deployment stands: a value in, a value out.
///
/// Source: Kubernetes, `pkg/kubelet` (reasons of container states), `pkg/controller/job`, `pkg/scheduler`; "Pod disruption
/// conditions" of its documentation.
struct DeploymentDiagnosis {
    /// How long a Pod may take to be given to a node, and then to start.
    static let patience = 300.0

    let job: JSON
    /// The Job's; nil where there is none (any more).
    let pod: JSON?
    /// About the two, the last one last.
    let events: [JSON]
    /// Seconds since 1970, by the clock of the cluster.
    let now: Double

    private static let container = PodTemplateCheck.mainContainer
    /// What no further attempt changes.
    private static let pullFailures: Set = [
        "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "ImageInspectError", "RegistryUnavailable",
    ]

    var phase: DeploymentPhase {
        if let pod, let end = end(of: pod) { return .ended(end) }
        let outcome = JobOutcome(job)
        if outcome.hasSucceeded { return .ended(DeploymentEnd(status: .succeeded, exitCode: 0, wasCutOff: false)) }
        if outcome.isFinished { return .ended(cutOff(outcome.failure)) }
        guard let pod else { return withoutPod }
        if pod["metadata"]?["deletionTimestamp"] != nil { return .running }
        return status("running", of: pod) != nil ? .running : notStarted(pod)
    }

    // MARK: The Pod's end

    private func status(_ state: String, of pod: JSON) -> JSON? {
        (pod["status"]?["containerStatuses"]?.array ?? []).first { $0["name"]?.string == Self.container }?["state"]?[
            state]
    }

    private func end(of pod: JSON) -> DeploymentEnd? {
        let terminated = status("terminated", of: pod)
        let hasFailed = pod["status"]?["phase"]?.string == "Failed"
        guard terminated != nil || hasFailed else { return nil }
        let exitCode = terminated?["exitCode"]?.int
        var end = DeploymentEnd(status: .failed, exitCode: exitCode, wasCutOff: false)
        if exitCode == 0 {
            end.status = .succeeded
            return end
        }
        if let cause = disruption(of: pod) ?? initialisation(of: pod) ?? terminated.flatMap(cause) {
            end.cause = cause
            end.wasCutOff = true
        } else if let exitCode, exitCode > 128 {
            end.cause = "its container was killed by signal \(exitCode - 128)"
            end.wasCutOff = true
        } else if exitCode == nil {
            end.cause = "its pod failed\(detail(of: pod["status"]))"
            end.wasCutOff = true
        }
        return ended(end)
    }

    /// Who ended it says why.
    private func ended(_ end: DeploymentEnd) -> DeploymentEnd {
        var end = end
        if let ending = DeploymentEnding(job) {
            if ending.why == DeploymentEnding.cancelled {
                end.status = .cancelled
                end.cause = "it was cancelled by \(ending.by)"
            } else {
                end.cause = ending.why
            }
        } else if JobOutcome(job).failure?.reason == "DeadlineExceeded" {
            end.cause = timeout
        }
        return end
    }

    private var timeout: String {
        let limit = job["spec"]?["activeDeadlineSeconds"]?.int.map { " of \($0) s" } ?? ""
        return "its time limit\(limit) was over, waiting for its turn included, and the cluster ended it"
    }

    private func cutOff(_ failure: JobOutcome.Condition?) -> DeploymentEnd {
        let cause =
            switch failure?.reason {
            case "DeadlineExceeded": timeout
            case "BackoffLimitExceeded", nil:
                "its pod failed, and is gone\(lastWarning.map { ": \(Self.sentence($0))" } ?? "")"
            case let reason?: "its Job failed (\(reason)): \(Self.sentence(failure?.message ?? ""))"
            }
        return ended(DeploymentEnd(status: .failed, cause: cause, wasCutOff: true))
    }

    /// What the cluster did to the Pod as a whole.
    private func disruption(of pod: JSON) -> String? {
        let status = pod["status"] ?? [:]
        let message = Self.sentence(status["message"]?.string ?? "")
        let condition = status["conditions"]?.array?.first {
            $0["type"]?.string == "DisruptionTarget" && $0["status"]?.string == "True"
        }
        let node = pod["spec"]?["nodeName"]?.string.map { " \($0)" } ?? ""
        switch status["reason"]?.string {
        case "Evicted": return "node\(node) evicted its pod: \(message)"
        case "NodeLost": return "node\(node) was lost: \(message)"
        case "DeadlineExceeded": return "its pod's time limit was over: \(message)"
        case "NodeShutdown", "Shutdown", "Terminated": return "node\(node) was shut down: \(message)"
        case "NodeAffinity", "OutOfcpu", "OutOfmemory", "OutOfpods", "UnexpectedAdmissionError":
            return "node\(node) did not take its pod: \(message)"
        default: break
        }
        let why = Self.sentence(condition?["message"]?.string ?? "")
        return switch condition?["reason"]?.string {
        case "DeletionByTaintManager", "DeletionByPodGC": "node\(node) was lost: \(why)"
        case "EvictionByEvictionAPI": "its pod was evicted from node\(node): \(why)"
        case "PreemptionByScheduler": "its pod gave way to one of a higher priority: \(why)"
        case "TerminationByKubelet": "node\(node) ended its pod: \(why)"
        case let reason?: "its pod was disrupted (\(reason)): \(why)"
        case nil: nil
        }
    }

    private func initialisation(of pod: JSON) -> String? {
        let failed = pod["status"]?["initContainerStatuses"]?.array?.first {
            ($0["state"]?["terminated"]?["exitCode"]?.int ?? 0) != 0
        }
        return failed.map { status in
            let exitCode = status["state"]?["terminated"]?["exitCode"]?.int ?? 0
            return "init container \(status["name"]?.string ?? "") ended with exit status \(exitCode)"
        }
    }

    private func cause(_ terminated: JSON) -> String? {
        let message = Self.sentence(terminated["message"]?.string ?? "")
        switch terminated["reason"]?.string {
        case "OOMKilled":
            let limit = memoryLimit.map { " of \($0)" } ?? ""
            return
                "it needed more memory than its limit\(limit) and was killed; raise resources.limits.memory of container "
                + "'\(Self.container)' in the runner's pod_template"
        case "StartError", "ContainerCannotRun", "RunContainerError":
            return "its container could not be started: \(message)"
        case "ContainerStatusUnknown": return "what became of its container is not known: \(message)"
        default: return nil
        }
    }

    private var memoryLimit: String? {
        let containers = job["spec"]?["template"]?["spec"]?["containers"]?.array ?? []
        return containers.first { $0["name"]?.string == Self.container }?["resources"]?["limits"]?["memory"]?.string
    }

    // MARK: Before it runs

    private func notStarted(_ pod: JSON) -> DeploymentPhase {
        let age = pod.creationTime.map { now - $0 } ?? 0
        let isLate = age > Self.patience
        let scheduled = pod["status"]?["conditions"]?.array?.first { $0["type"]?.string == "PodScheduled" }
        guard pod["spec"]?["nodeName"]?.string != nil else {
            let why = Self.sentence(
                warning("FailedScheduling") ?? scheduled?["message"]?.string ?? "no node was found for it")
            guard isLate else { return .waiting(scheduled?["status"]?.string == "False" ? why : nil) }
            return failed("no node took its pod within 5 minutes: \(why)")
        }
        if let (reason, message) = waitingImage(pod) {
            guard Self.pullFailures.contains(reason) else { return .waiting(message) }
            return failed(message)
        }
        let waiting = status("waiting", of: pod)
        let why = Self.sentence(waiting?["message"]?.string ?? lastWarning ?? "")
        guard isLate else { return .waiting(lastWarning.map(Self.sentence)) }
        let reason = waiting?["reason"]?.string ?? "ContainerCreating"
        return failed("its pod did not start within 5 minutes (\(reason))\(why.isEmpty ? "" : ": \(why)")")
    }

    private func waitingImage(_ pod: JSON) -> (reason: String, message: String)? {
        let statuses =
            (pod["status"]?["initContainerStatuses"]?.array ?? [])
            + (pod["status"]?["containerStatuses"]?.array ?? [])
        for status in statuses {
            guard let waiting = status["state"]?["waiting"], let reason = waiting["reason"]?.string,
                reason == "ErrImagePull" || Self.pullFailures.contains(reason)
            else { continue }
            // The event has the registry's own answer, where the state may only say that it is not tried again yet.
            let event = warning("Failed", where: { $0.hasPrefix("Failed to pull image") })
            let why = Self.sentence(event ?? waiting["message"]?.string ?? reason)
            return (reason, "the image \(status["image"]?.string ?? "") cannot be pulled: \(why)")
        }
        return nil
    }

    private var withoutPod: DeploymentPhase {
        guard let why = warning("FailedCreate").map(Self.sentence) else { return .waiting(nil) }
        let age = job.creationTime.map { now - $0 } ?? 0
        return age > Self.patience ? failed("its Job could make no pod: \(why)") : .waiting(why)
    }

    private func failed(_ cause: String) -> DeploymentPhase {
        var end = ended(DeploymentEnd(status: .failed, cause: cause, wasCutOff: false))
        end.isJobAlive = true
        return .ended(end)
    }

    // MARK: Events

    private var warnings: [JSON] { events.filter { $0["type"]?.string == "Warning" } }

    private var lastWarning: String? {
        // That the Job has failed is known.
        warnings.last { !["BackoffLimitExceeded", "DeadlineExceeded"].contains($0["reason"]?.string) }.map { event in
            "\(event["reason"]?.string ?? ""): \(event["message"]?.string ?? "")"
        }
    }

    private func warning(_ reason: String, where isWanted: (String) -> Bool = { _ in true }) -> String? {
        warnings.last { $0["reason"]?.string == reason && isWanted($0["message"]?.string ?? "") }?["message"]?.string
    }

    private func detail(of status: JSON?) -> String {
        let text = [status?["reason"]?.string, status?["message"]?.string].compactMap(\.self).joined(separator: ": ")
        return text.isEmpty ? "" : " (\(Self.sentence(text)))"
    }

    /// One line, not too long, without the stop at its end.
    private static func sentence(_ text: String) -> String {
        let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
        let words = line.split(separator: " ").joined(separator: " ")
        let short = words.count > 400 ? "\(words.prefix(400))…" : words
        return short.hasSuffix(".") ? String(short.dropLast()) : short
    }
}
