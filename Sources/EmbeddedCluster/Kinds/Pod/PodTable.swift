internal import OrderedJSON

/// What `kubectl get pods` prints.
///
/// Source: k8s.io/kubernetes/pkg/printers/internalversion.
enum PodTable {
    static let columns = [
        TableColumn(
            name: "Ready", description: "The aggregate readiness state of this pod for accepting traffic.",
            cell: { pod, _ in .string(PodSummary(pod).ready) }),
        TableColumn(
            name: "Status", description: "The aggregate status of the containers in this pod.",
            cell: { pod, _ in .string(PodSummary(pod).reason) }),
        TableColumn(
            name: "Restarts",
            description: """
                The number of times the containers in this pod have been restarted and when the last container in this \
                pod has restarted.
                """, cell: { pod, now in .string(PodSummary(pod).restartText(now)) }),
        .age,
        TableColumn(
            name: "IP",
            description: """
                podIP address allocated to the pod. Routable at least within the cluster. Empty if not yet allocated.
                """,
            priority: 1, cell: { pod, _ in pod["status"].flatMap { $0.elements("podIPs").first?["ip"] } ?? "<none>" }),
        TableColumn(
            name: "Node",
            description: """
                NodeName indicates in which node this pod is scheduled. If empty, this pod is a candidate for \
                scheduling by the scheduler defined in schedulerName. Once this field is set, the kubelet for this node \
                becomes responsible for the lifecycle of this pod. This field should not be used to express a desire \
                for the pod to be scheduled on a specific node. \
                https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#nodename
                """,
            priority: 1, cell: { pod, _ in pod["spec"]?["nodeName"] ?? "<none>" }),
        TableColumn(
            name: "Nominated Node",
            description: """
                nominatedNodeName is set only when this pod preempts other pods on the node, but it cannot be \
                scheduled right away as preemption victims receive their graceful termination periods. This field does \
                not guarantee that the pod will be scheduled on this node. Scheduler may decide to place the pod \
                elsewhere if other nodes become available sooner. Scheduler may also decide to give the resources on \
                this node to a higher priority pod that is created after preemption. As a result, this field may be \
                different than PodSpec.nodeName when the pod is scheduled.
                """,
            priority: 1, cell: { pod, _ in pod["status"]?["nominatedNodeName"] ?? "<none>" }),
        TableColumn(
            name: "Readiness Gates",
            description: """
                If specified, all readiness gates will be evaluated for pod readiness. A pod is ready when all its \
                containers are ready AND all conditions specified in the readiness gates have status equal to "True" \
                More info: https://git.k8s.io/enhancements/keps/sig-network/580-pod-readiness-gates
                """, priority: 1, cell: { pod, _ in .string(readinessGates(pod)) }),
    ]

    private static func readinessGates(_ pod: JSON) -> String {
        let gates = pod["spec"]?.elements("readinessGates") ?? []
        guard !gates.isEmpty else { return "<none>" }
        let conditions = pod["status"]?.elements("conditions") ?? []
        let met = gates.count { gate in
            conditions.contains { $0["type"] == gate["conditionType"] && $0["status"]?.string == "True" }
        }
        return "\(met)/\(gates.count)"
    }
}

/// A Pod's containers in a few words.
private struct PodSummary {
    private(set) var reason: String
    private(set) var ready = ""
    private var restarts = 0
    private var lastRestart: Timestamp?

    init(_ pod: JSON) {
        let (spec, status) = (pod["spec"] ?? [:], pod["status"] ?? [:])
        reason = status["reason"]?.string ?? status["phase"]?.string ?? ""
        let scheduled = status.elements("conditions").first { $0["type"]?.string == "PodScheduled" }
        if scheduled?["reason"]?.string == "SchedulingGated" { reason = "SchedulingGated" }
        var readyCount = 0
        if !summarise(initContainers: status.elements("initContainerStatuses"), spec) {
            restarts = 0
            lastRestart = nil
            readyCount = summarise(containers: status.elements("containerStatuses"), status)
        }
        ready = "\(readyCount)/\(spec.elements("containers").count)"
        if pod["metadata"]?["deletionTimestamp"] != nil {
            reason = status["reason"]?.string == "NodeLost" ? "Unknown" : "Terminating"
        }
    }

    private mutating func count(_ status: JSON) {
        restarts += status["restartCount"]?.int ?? 0
        let finished = status["lastState"]?["terminated"]?["finishedAt"]?.string.flatMap(Timestamp.init(parsing:))
        if let finished { lastRestart = max(lastRestart ?? finished, finished) }
    }

    /// - Returns: whether the containers that come first are not yet done.
    private mutating func summarise(initContainers statuses: [JSON], _ spec: JSON) -> Bool {
        for (index, status) in statuses.enumerated() {
            count(status)
            if let terminated = status["state"]?["terminated"] {
                if terminated["exitCode"]?.int == 0 { continue }
                reason = "Init:\(Self.text(terminated))"
            } else if let waiting = status["state"]?["waiting"]?["reason"]?.string, waiting != "PodInitializing" {
                reason = "Init:\(waiting)"
            } else {
                reason = "Init:\(index)/\(spec.elements("initContainers").count)"
            }
            return true
        }
        return false
    }

    /// - Returns: how many are ready.
    private mutating func summarise(containers statuses: [JSON], _ status: JSON) -> Int {
        var readyCount = 0
        for container in statuses.reversed() {
            count(container)
            if let waiting = container["state"]?["waiting"]?["reason"]?.string {
                reason = waiting
            } else if let terminated = container["state"]?["terminated"] {
                reason = Self.text(terminated)
            } else if container["ready"]?.bool == true, container["state"]?["running"] != nil {
                readyCount += 1
            }
        }
        if reason == "Completed", readyCount > 0 {
            let isReady = status.elements("conditions").contains {
                $0["type"]?.string == "Ready" && $0["status"]?.string == "True"
            }
            reason = isReady ? "Running" : "NotReady"
        }
        return readyCount
    }

    private static func text(_ terminated: JSON) -> String {
        if let reason = terminated["reason"]?.string { return reason }
        if let signal = terminated["signal"]?.int, signal != 0 { return "Signal:\(signal)" }
        return "ExitCode:\(terminated["exitCode"]?.int ?? 0)"
    }

    func restartText(_ now: Timestamp) -> String {
        guard restarts > 0, let lastRestart else { return String(restarts) }
        return "\(restarts) (\(TableColumn.age(seconds: now.seconds - lastRestart.seconds)) ago)"
    }
}
