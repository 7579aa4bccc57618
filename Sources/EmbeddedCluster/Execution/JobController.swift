internal import KubernetesAPI
internal import Logging
internal import OrderedJSON

/// Makes the Pods of Jobs, counts how they end, and says when a Job is done.
///
/// Source: k8s.io/kubernetes/pkg/controller/job; k8s.io/kubernetes/pkg/controller/ttlafterfinished.
struct JobController: Sendable {
    let store: Store
    let recorder: EventRecorder
    let logger: Logger
    /// Rung when Jobs or Pods changed, and when it is time to end.
    let bell: Doorbell

    private static let retryDelay = Duration.seconds(10)

    init(store: Store, logger: Logger, bell: Doorbell) {
        self.store = store
        self.logger = logger
        self.bell = bell
        recorder = EventRecorder(store, component: "job-controller", logger: logger)
    }

    func run(isStopping: @Sendable () -> Bool) async {
        var state = State(jobs: Informer(store, ResourceKind.job.qualifiedResource), pods: Informer(store, "pods"))
        while !isStopping(), !Task.isCancelled {
            do {
                try await look(&state)
            } catch {
                guard !Task.isCancelled else { return }
                logger.error("jobs could not be read", metadata: ["error": "\(error)"])
                try? await store.clock.sleep(store.clock.now() + .seconds(1))
                continue
            }
            await bell.wait(until: state.due.values.min(), store.clock)
        }
    }

    private struct State {
        var jobs: Informer
        var pods: Informer
        /// The Pods of each Job, by its uid.
        var podsOfJob: [String: Set<ObjectKey>] = [:]
        /// What was counted for each Job, by its uid.
        var tallies: [String: JobPods.Tally] = [:]
        /// When to look at a Job again.
        var due: [ObjectKey: Timestamp] = [:]
    }

    private func look(_ state: inout State) async throws {
        let now = store.clock.now()
        var keys = Set(state.due.filter { $0.value <= now }.keys)
        // Pods first, so that those of a Job that is new are known.
        let pods = try await state.pods.refresh()
        for difference in try await state.jobs.refresh() {
            keys.insert(difference.key)
            if let gone = difference.old?["metadata"]?["uid"]?.string,
                difference.new?["metadata"]?["uid"]?.string != gone
            {
                state.tallies[gone] = nil
            }
        }
        for difference in pods {
            for pod in [difference.old, difference.new].compactMap(\.self) {
                guard let owner = Self.owner(pod) else { continue }
                keys.insert(store.key(.job, pod.objectNamespace ?? "", owner.name))
                if difference.new == nil {
                    state.podsOfJob[owner.uid]?.remove(difference.key)
                } else {
                    state.podsOfJob[owner.uid, default: []].insert(difference.key)
                }
            }
        }
        for key in keys {
            state.due[key] = nil
            guard let job = state.jobs.objects[key] else { continue }
            do {
                state.due[key] = try await synchronise(job, key, &state)
            } catch {
                guard !Task.isCancelled else { return }
                logger.error("a job was not looked after", metadata: ["job": "\(key.name)", "error": "\(error)"])
                state.due[key] = now + Self.retryDelay
            }
        }
        state.podsOfJob = state.podsOfJob.filter { !$0.value.isEmpty }
        try await collect(state)
    }

    private static func owner(_ pod: JSON) -> (name: String, uid: String)? {
        let references = pod["metadata"]?.elements("ownerReferences") ?? []
        let owner = references.first { $0["controller"]?.bool == true && $0["kind"]?.string == "Job" }
        guard let name = owner?["name"]?.string, let uid = owner?["uid"]?.string else { return nil }
        return (name, uid)
    }

    /// - Returns: when to look again.
    private func synchronise(_ job: JSON, _ key: ObjectKey, _ state: inout State) async throws -> Timestamp? {
        let uid = job["metadata"]?["uid"]?.string ?? ""
        guard job["metadata"]?["deletionTimestamp"] == nil,
            ["kubernetes.io/job-controller", nil].contains(job["spec"]?["managedBy"]?.string)
        else { return nil }
        let owned = (state.podsOfJob[uid] ?? []).compactMap { state.pods.objects[$0] }
            .sorted {
                ($0["metadata"]?["creationTimestamp"]?.string ?? "")
                    < ($1["metadata"]?["creationTimestamp"]?.string ?? "")
            }
        let pods = JobPods(job, owned, tally: state.tallies[uid])
        state.tallies[uid] = pods.tally
        let plan = JobPlan(job, pods, now: store.clock.now())
        if plan.isExpired {
            try await store.remove(key, uid: uid)
            return nil
        }
        var again = plan.next
        for pod in plan.podsToDelete { try await delete(pod, of: job) }
        for _ in 0..<plan.podsToCreate {
            guard try await createPod(of: job) == nil else { continue }
            again = store.clock.now() + Self.retryDelay
            break
        }
        try await store.change(key, uid: uid) { $0["status"] = plan.status }
        for happening in plan.happenings {
            await recorder.record(
                happening.isWarning ? .warning : .normal, .job, job, reason: happening.reason, happening.message)
        }
        return again
    }

    // MARK: Pods

    /// Pods go with their Job.
    private func collect(_ state: State) async throws {
        let jobs = Set(state.jobs.objects.values.compactMap { $0["metadata"]?["uid"]?.string })
        for (uid, keys) in state.podsOfJob where !jobs.contains(uid) {
            for key in keys {
                guard let pod = state.pods.objects[key], pod["metadata"]?["deletionTimestamp"] == nil else { continue }
                try await store.deleteGracefully(pod, key)
            }
        }
    }

    /// - Returns: nil when it was refused.
    private func createPod(of job: JSON) async throws -> ObjectKey? {
        let name = job.objectName ?? ""
        let template = job["spec"]?["template"] ?? [:]
        guard case .stored(let kind) = ServedKind.pod else { return nil }
        let podName = randomName(prefix: "\(name.prefix(57))-")
        var metadata: JSON = ["name": .string(podName), "generateName": .string("\(name)-")]
        metadata["namespace"] = job["metadata"]?["namespace"]
        metadata["uid"] = .string(randomUID())
        metadata["resourceVersion"] = ""
        metadata["creationTimestamp"] = .string(store.clock.now().text)
        metadata["labels"] = template["metadata"]?["labels"]
        metadata["annotations"] = template["metadata"]?["annotations"]
        metadata["ownerReferences"] = [
            [
                "apiVersion": "batch/v1", "kind": "Job", "name": .string(name),
                "uid": job["metadata"]?["uid"] ?? "", "controller": true, "blockOwnerDeletion": true,
            ]
        ]
        var pod: JSON = ["metadata": Schema.metadata.ordered(metadata), "spec": template["spec"] ?? [:]]
        kind.setDefaults(&pod)
        kind.prepareNew(&pod)
        do {
            try await ServedKind.requireServiceAccount(pod, store)
        } catch let refusal as Status {
            await recorder.record(
                .warning, .job, job, reason: "FailedCreate", "Error creating: \(refusal.message)")
            return nil
        }
        let key = store.key(.pod, job.objectNamespace ?? "", podName)
        let owner = store.key(.job, job.objectNamespace ?? "", name)
        // A Job that is gone by now gets no more Pods.
        guard let current = try await store.object(owner),
            try current.metadataJSON()["uid"] == job["metadata"]?["uid"]
        else { return nil }
        try await store.apply(
            [.create(key, ObjectDraft(pod))], requiring: [Requirement(key: owner, revision: current.revision)])
        await recorder.record(.normal, .job, job, reason: "SuccessfulCreate", "Created pod: \(podName)")
        return key
    }

    private func delete(_ pod: JSON, of job: JSON) async throws {
        let name = pod.objectName ?? ""
        try await store.deleteGracefully(pod, store.key(.pod, pod.objectNamespace ?? "", name))
        await recorder.record(.normal, .job, job, reason: "SuccessfulDelete", "Deleted pod: \(name)")
    }

}

extension Store {
    fileprivate func key(_ kind: ResourceKind, _ namespace: String, _ name: String) -> ObjectKey {
        ObjectKey(resource: kind.qualifiedResource, namespace: namespace, name: name)
    }

    /// Deletes a Pod as a client does who says no more: its processes get their time.
    func deleteGracefully(_ pod: JSON, _ key: ObjectKey, asked: Int? = nil) async throws {
        let uid = pod["metadata"]?["uid"]?.string ?? ""
        let now = clock.now()
        let seconds = PodDeletion.gracePeriod(of: pod, asked: asked)
        guard seconds > 0 else { return try await remove(key, uid: uid) }
        try await change(key, uid: uid) { pod in
            guard pod["metadata"]?["deletionTimestamp"] == nil else { return }
            pod.markDeleted(after: seconds, now)
        }
    }
}
