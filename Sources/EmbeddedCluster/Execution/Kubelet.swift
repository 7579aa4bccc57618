internal import KubernetesAPI
internal import LocalFiles
internal import Logging
internal import OrderedJSON
internal import Synchronization

/// Gives Pods to this machine, and runs them.
struct Kubelet: Sendable {
    let node: LocalNode
    /// Rung when Pods changed, and when it is time to end.
    let bell: Doorbell

    private var pods: String { ResourceKind.pod.qualifiedResource }

    /// Runs until the server ends, then ends the Pods.
    ///
    /// - Parameter isStopping: whether the server ends.
    func run(isStopping: @Sendable @escaping () -> Bool) async {
        await withDiscardingTaskGroup { tasks in
            var informer = Informer(node.store, pods)
            var workers: [String: PodWorker] = [:]
            var isRecovered = false
            while !isStopping(), !Task.isCancelled {
                do {
                    let differences = try await informer.refresh()
                    if !isRecovered { try await recover(informer.objects.values) }
                    isRecovered = true
                    for difference in differences {
                        await apply(difference, &workers) { worker in tasks.addTask { await worker.run() } }
                    }
                    try await schedule(informer.objects)
                } catch {
                    guard !Task.isCancelled else { break }
                    node.logger.error("pods could not be read or given to the node", metadata: ["error": "\(error)"])
                    try? await node.clock.sleep(node.clock.now() + .seconds(1))
                    continue
                }
                await bell.wait()
            }
            for worker in workers.values { await worker.stop() }
        }
    }

    private func apply(
        _ difference: Informer.Difference, _ workers: inout [String: PodWorker], start: (PodWorker) -> Void
    ) async {
        let uid = difference.old?["metadata"]?["uid"]?.string
        let new = difference.new
        if let uid, uid != new?["metadata"]?["uid"]?.string {
            if let worker = workers.removeValue(forKey: uid) {
                await worker.vanish()
            } else {
                try? FolderTree.remove(PodFolder(node.folder, uid: uid).path)
            }
        }
        guard let new, new["spec"]?["nodeName"]?.string == LocalNode.name,
            let newUID = new["metadata"]?["uid"]?.string
        else { return }
        if let worker = workers[newUID] {
            await worker.update(new)
        } else if !new.isFinishedPod || new["metadata"]?["deletionTimestamp"] != nil {
            let worker = PodWorker(new, difference.key, node: node)
            workers[newUID] = worker
            start(worker)
        }
    }

    /// Ends what a server that was killed left behind.
    private func recover(_ pods: some Sequence<JSON>) async throws {
        let known = Set(pods.compactMap { $0["metadata"]?["uid"]?.string })
        let folder = node.folder
        let count = try await offloading {
            guard PrivateFile.isFolder(folder.podsPath) else { return 0 }
            let uids = try FolderTree.entries(of: folder.podsPath)
            let count = LeftoverProcesses.end(
                ofPods: Dictionary(uniqueKeysWithValues: uids.map { ($0, PodFolder(folder, uid: $0)) }))
            for uid in uids {
                let pod = PodFolder(folder, uid: uid)
                for path in known.contains(uid) ? pod.working : [pod.path] { try FolderTree.remove(path) }
            }
            return count
        }
        if count > 0 {
            node.logger.notice(
                "ended processes of pods that an earlier server left behind", metadata: ["count": "\(count)"])
        }
    }

    // MARK: Scheduling

    /// Gives Pods that wait to this node, as long as it has room.
    private func schedule(_ pods: [ObjectKey: JSON]) async throws {
        var running = pods.values.count { $0["spec"]?["nodeName"] != nil && !$0.isFinishedPod }
        for (key, pod) in pods.sorted(by: { $0.value.creation < $1.value.creation }) {
            let spec = pod["spec"] ?? [:]
            guard spec["nodeName"] == nil, spec["schedulerName"]?.string == "default-scheduler",
                spec.elements("schedulingGates").isEmpty, pod["metadata"]?["deletionTimestamp"] == nil
            else { continue }
            if running >= LocalNode.podLimit {
                try await refuse(pod, key)
                continue
            }
            running += 1
            try await assign(pod, key)
        }
    }

    private func assign(_ pod: JSON, _ key: ObjectKey) async throws {
        let now = node.clock.now()
        try await node.store.change(key, uid: pod["metadata"]?["uid"]?.string ?? "") { pod in
            var spec = pod["spec"] ?? [:]
            spec["nodeName"] = .string(LocalNode.name)
            pod["spec"] = spec.normalised(as: PodDefaults.type)
            Self.setScheduled(&pod, nil, now)
        }
        await node.scheduler.record(
            .normal, .pod, pod, reason: "Scheduled",
            "Successfully assigned \(key.namespace)/\(key.name) to \(LocalNode.name)")
    }

    private func refuse(_ pod: JSON, _ key: ObjectKey) async throws {
        let message = "0/1 nodes are available: 1 Too many pods."
        let known = pod["status"]?.elements("conditions").first { $0["type"]?.string == "PodScheduled" }
        guard known?["message"]?.string != message else { return }
        let now = node.clock.now()
        try await node.store.change(key, uid: pod["metadata"]?["uid"]?.string ?? "") { pod in
            Self.setScheduled(&pod, PodStatus.Reason("Unschedulable", message), now)
        }
        await node.scheduler.record(.warning, .pod, pod, reason: "FailedScheduling", message)
    }

    private static func setScheduled(_ pod: inout JSON, _ refusal: PodStatus.Reason?, _ now: Timestamp) {
        var status = pod["status"] ?? [:]
        let conditions = status.elements("conditions")
        status["conditions"] = .array(
            conditions.filter { $0["type"]?.string != "PodScheduled" } + [
                PodStatus.condition(
                    "PodScheduled", refusal == nil, refusal, conditions, pod["metadata"]?["generation"], now)
            ])
        pod["status"] = status.normalised(as: Schema.type("PodStatus"))
    }
}

extension JSON {
    fileprivate var creation: String { self["metadata"]?["creationTimestamp"]?.string ?? "" }
}
