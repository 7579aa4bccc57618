internal import KubernetesAPI
internal import OrderedJSON

/// The status of a Pod, from what became of its containers.
///
/// Source: k8s.io/kubernetes/pkg/kubelet (`getPhase`, `status.Generate…Condition`).
struct PodStatus: Sendable {
    let pod: JSON
    let initContainers: [ContainerRecord]
    let containers: [ContainerRecord]
    /// Why the Pod failed as a whole.
    let failure: (reason: String, message: String)?
    /// Whether nothing of it runs, nor will.
    let isOver: Bool
    let now: Timestamp

    private var policy: String { pod["spec"]?["restartPolicy"]?.string ?? "Always" }

    var phase: String {
        let isRunning = (initContainers + containers).contains(where: \.isRunning)
        if failure != nil, !isRunning { return "Failed" }
        let hasFailedInitialisation = initContainers.contains { $0.ended.map { $0.exitCode != 0 } ?? false }
        if hasFailedInitialisation, isOver || policy == "Never" { return "Failed" }
        if !isInitialised { return isOver ? "Failed" : "Pending" }
        if containers.contains(where: \.isRunning) { return "Running" }
        let ended = containers.compactMap(\.ended)
        guard ended.count == containers.count else { return isOver ? "Failed" : "Pending" }
        let hasSucceeded = ended.allSatisfy { $0.exitCode == 0 }
        guard isOver || policy != "Always" else { return "Running" }
        if hasSucceeded { return "Succeeded" }
        return isOver || policy == "Never" ? "Failed" : "Running"
    }

    private var isInitialised: Bool {
        initContainers.allSatisfy { record in
            if case .ended(let ended) = record.state { ended.exitCode == 0 } else { false }
        }
    }

    func json() -> JSON {
        let old = pod["status"] ?? [:]
        let (phase, uid) = (phase, pod["metadata"]?["uid"]?.string ?? "")
        var status: JSON = [
            "phase": .string(phase), "conditions": conditions(old.elements("conditions"), phase),
            "hostIP": "127.0.0.1", "hostIPs": [["ip": "127.0.0.1"]], "podIP": "127.0.0.1",
            "podIPs": [["ip": "127.0.0.1"]], "startTime": old["startTime"] ?? .string(now.text),
        ]
        status["observedGeneration"] = pod["metadata"]?["generation"]
        status["qosClass"] = old["qosClass"]
        if let failure, phase == "Failed" {
            status["reason"] = .string(failure.reason)
            status["message"] = .string(failure.message)
        }
        if !initContainers.isEmpty {
            status["initContainerStatuses"] = .array(
                initContainers.map { record in
                    // One that is done has served its purpose.
                    record.json(uid, isReady: record.isDone)
                })
        }
        status["containerStatuses"] = .array(containers.map { $0.json(uid, isReady: $0.isRunning) })
        return status.normalised(as: Self.type)
    }

    private static let type = Schema.type("PodStatus")

    private func conditions(_ old: [JSON], _ phase: String) -> JSON {
        let isFinished = ["Succeeded", "Failed"].contains(phase)
        let unready = containers.filter { !$0.isRunning }.map(\.name)
        let uninitialised = initContainers.filter { !$0.isDone }.map(\.name)
        var notReady: Reason?
        if phase == "Succeeded" {
            notReady = Reason("PodCompleted", "")
        } else if phase == "Failed" {
            notReady = Reason("PodFailed", "")
        } else if !unready.isEmpty {
            notReady = Reason(
                "ContainersNotReady", "containers with unready status: [\(unready.joined(separator: " "))]")
        }
        var notInitialised: Reason?
        if !uninitialised.isEmpty {
            notInitialised = Reason(
                "ContainersNotInitialized",
                "containers with incomplete status: [\(uninitialised.joined(separator: " "))]")
        }
        let wanted: [(type: String, isTrue: Bool, reason: Reason?)] = [
            ("PodReadyToStartContainers", !isFinished, nil),
            (
                "Initialized", notInitialised == nil,
                notInitialised ?? (phase == "Succeeded" ? Reason("PodCompleted", "") : nil)
            ),
            ("Ready", notReady == nil, notReady), ("ContainersReady", notReady == nil, notReady),
            ("PodScheduled", true, nil),
        ]
        let own = wanted.map { condition in
            Self.condition(
                condition.type, condition.isTrue, condition.reason, old, pod["metadata"]?["generation"], now)
        }
        let others = old.filter { condition in !wanted.contains { $0.type == condition["type"]?.string } }
        return .array(own + others)
    }

    struct Reason {
        let reason: String
        let message: String

        init(_ reason: String, _ message: String) {
            self.reason = reason
            self.message = message
        }
    }

    /// A condition keeps the time of its last transition as long as its status stays.
    static func condition(
        _ type: String, _ isTrue: Bool, _ reason: Reason?, _ old: [JSON], _ generation: JSON?, _ now: Timestamp
    ) -> JSON {
        let status: JSON = isTrue ? "True" : "False"
        let before = old.first { $0["type"]?.string == type }
        let since = before?["status"] == status ? before?["lastTransitionTime"] : nil
        var condition: JSON = ["type": .string(type)]
        condition["observedGeneration"] = generation
        condition["status"] = status
        condition["lastTransitionTime"] = since ?? .string(now.text)
        if let reason {
            condition["reason"] = .string(reason.reason)
            if !reason.message.isEmpty { condition["message"] = .string(reason.message) }
        }
        return condition
    }
}

extension ContainerRecord {
    /// Whether it ended well and for good.
    fileprivate var isDone: Bool { if case .ended(let ended) = state { ended.exitCode == 0 } else { false } }
}

extension JSON {
    /// Whether a Pod has come to its end.
    var isFinishedPod: Bool { ["Succeeded", "Failed"].contains(self["status"]?["phase"]?.string) }
}
