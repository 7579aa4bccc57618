internal import KubernetesAPI
internal import LocalFiles
internal import Logging
internal import OrderedJSON

/// Looks after one Pod from its start to its end.
///
/// Source of the behaviour: k8s.io/kubernetes/pkg/kubelet.
actor PodWorker {
    let node: LocalNode
    let key: ObjectKey
    let uid: String
    let folder: PodFolder
    let termination = PodTermination()
    /// The Pod as it was last heard of.
    private(set) var pod: JSON
    var initContainers: [ContainerRecord]
    var containers: [ContainerRecord]
    var failure: (reason: String, message: String)?
    private var isOver = false
    private var isGone = false
    /// The token that the Pod's processes have.
    private var token: String?

    init(_ pod: JSON, _ key: ObjectKey, node: LocalNode) {
        self.pod = pod
        self.key = key
        self.node = node
        uid = pod["metadata"]?["uid"]?.string ?? ""
        folder = PodFolder(node.folder, uid: uid)
        let (spec, status, now) = (pod["spec"] ?? [:], pod["status"] ?? [:], node.clock.now())
        let waiting = spec.elements("initContainers").isEmpty ? "ContainerCreating" : "PodInitializing"
        func records(_ list: String, _ statuses: String) -> [ContainerRecord] {
            spec.elements(list).map { container in
                var record = ContainerRecord(container, waitingFor: waiting)
                let known = status.elements(statuses).first { $0["name"] == container["name"] }
                if let known { record.adopt(known, now: now) }
                return record
            }
        }
        initContainers = records("initContainers", "initContainerStatuses")
        containers = records("containers", "containerStatuses")
        if pod.isFinishedPod {
            isOver = true
            let status = pod["status"] ?? [:]
            if let reason = status["reason"]?.string { failure = (reason, status["message"]?.string ?? "") }
        }
    }

    var spec: JSON { pod["spec"] ?? [:] }
    var restartPolicy: String { spec["restartPolicy"]?.string ?? "Always" }
    private var gracePeriod: Int { spec["terminationGracePeriodSeconds"]?.int ?? 30 }
    private var isDeleted: Bool { pod["metadata"]?["deletionTimestamp"] != nil }

    // MARK: What it is told

    /// The Pod changed.
    func update(_ pod: JSON) async {
        self.pod = pod
        guard let killAt = pod["metadata"]?.time("deletionTimestamp") else { return }
        if isOver { return await removeObject() }
        if !termination.isRequested { await announceStop() }
        termination.request(killAt: killAt)
    }

    /// The Pod is gone from the store: nothing of it may go on.
    func vanish() {
        isGone = true
        termination.request(killAt: node.clock.now())
        if isOver { removeFolder() }
    }

    /// The server ends.
    func stop() {
        guard !isOver else { return }
        fail("Terminated", "Pod was terminated in response to imminent node shutdown.")
        termination.request(killAt: node.clock.now() + .seconds(min(gracePeriod, LocalNode.stopLimit)))
    }

    // MARK: Its life

    func run() async {
        if isOver {
            if isDeleted { await removeObject() }
            return
        }
        if let killAt = pod["metadata"]?.time("deletionTimestamp") { termination.request(killAt: killAt) }
        await withTaskGroup(of: Bool.self) { tasks in
            tasks.addTask {
                await self.live()
                return true
            }
            tasks.addTask {
                await self.keepDeadline()
                return false
            }
            for await isMain in tasks where isMain { tasks.cancelAll() }
        }
        await conclude()
    }

    private func live() async {
        await publish()
        guard !termination.isRequested, await prepare() else { return }
        await withTaskGroup(of: Bool.self) { tasks in
            tasks.addTask {
                await self.runContainers()
                return true
            }
            tasks.addTask {
                await self.renewCredentials()
                return false
            }
            for await isMain in tasks where isMain { tasks.cancelAll() }
        }
    }

    /// Makes the folders; waits for ConfigMaps and Secrets that are not there yet.
    private func prepare() async -> Bool {
        if let (name, kind) = volumes(token: nil).unsupported {
            fail("UnsupportedVolume", "volume \"\(name)\" is of the kind \(kind), which this cluster does not have")
            await event(.warning, reason: "Failed", failure?.message ?? "")
            return false
        }
        await event(
            .normal, reason: "ImageIgnored",
            "containers run as processes of this machine: images and security contexts are not used, and nothing is "
                + "isolated")
        let mounts = (spec.elements("containers") + spec.elements("initContainers")).flatMap {
            $0.elements("volumeMounts")
        }
        if !mounts.isEmpty {
            let names = Set(mounts.compactMap { $0["name"]?.string }).sorted().map(PodVolumes.variable)
            await event(
                .normal, reason: "MountPathIgnored",
                "volumes are not at their mount paths, but where \(names.joined(separator: ", ")) say")
        }
        // What is missing is often about to be made.
        var delay = Self.firstMountDelay
        while !termination.isRequested, !Task.isCancelled {
            let retry = node.clock.now() + delay
            delay = min(delay * 2, Self.retryDelay)
            do {
                let folder = folder
                try await offloading {
                    for path in [folder.home, folder.temporary] { try PrivateFile.createFolder(path) }
                }
                try await issueToken()
                try await volumes(token: token).prepare()
                return true
            } catch {
                let message = (error as? ConfigurationFailure)?.message ?? "\(error)"
                await event(.warning, reason: "FailedMount", message)
                await termination.wait(until: retry, node.clock)
            }
        }
        return false
    }

    static let retryDelay = Duration.seconds(5)
    private static let firstMountDelay = Duration.milliseconds(50)

    func fail(_ reason: String, _ message: String) { if failure == nil { failure = (reason, message) } }

    private func runContainers() async {
        for index in initContainers.indices {
            guard await runContainer(.initial(index)) else { return }
        }
        for index in containers.indices where containers[index].ended == nil {
            containers[index].state = .waiting(reason: "ContainerCreating", message: nil)
        }
        await withTaskGroup(of: Void.self) { tasks in
            for index in containers.indices { tasks.addTask { _ = await self.runContainer(.main(index)) } }
        }
    }

    private func renewCredentials() async {
        while !Task.isCancelled {
            do {
                try await node.clock.sleep(node.clock.now() + PodCredentials.renewal)
                try await issueToken()
                guard token != nil else { return }
                try await volumes(token: token).prepare()
            } catch {
                guard !Task.isCancelled else { return }
                node.logger.warning(
                    "a pod's token was not renewed", metadata: ["pod": "\(key.name)", "error": "\(error)"])
                // Again in a while; the token is good for some time yet.
                try? await node.clock.sleep(node.clock.now() + .seconds(60))
            }
        }
    }

    /// One that is replaced stays good for its time: a process may have read it a moment ago.
    private func issueToken() async throws {
        token = try await PodCredentials(node: node, pod: pod, folder: folder).issue()
    }

    private func keepDeadline() async {
        guard let seconds = spec["activeDeadlineSeconds"]?.int else { return }
        let start = pod["status"]?.time("startTime") ?? node.clock.now()
        guard (try? await node.clock.sleep(start + .seconds(seconds))) != nil else { return }
        fail("DeadlineExceeded", "Pod was active on the node longer than the specified deadline")
        await event(.normal, reason: "DeadlineExceeded", failure?.message ?? "")
        await announceStop()
        termination.request(killAt: node.clock.now() + .seconds(gracePeriod))
    }

    private func announceStop() async {
        for record in initContainers + containers where record.isRunning {
            await event(.normal, container: record.name, reason: "Killing", "Stopping container \(record.name)")
        }
    }

    private func conclude() async {
        isOver = true
        let (folder, uid) = (folder, uid)
        _ = try? await offloading { LeftoverProcesses.end(ofPods: [uid: folder]) }
        if let token { try? await node.store.forget(token: token) }
        if !isGone { await publish() }
        _ = try? await offloading { for path in folder.working { try FolderTree.remove(path) } }
        if isDeleted { await removeObject() }
        if isGone { removeFolder() }
    }

    private func removeObject() async {
        do { try await node.store.remove(key, uid: uid) } catch {
            node.logger.error("a pod was not removed", metadata: ["pod": "\(key.name)", "error": "\(error)"])
        }
        removeFolder()
    }

    private func removeFolder() { try? FolderTree.remove(folder.path) }

    // MARK: What it tells

    func publish() async {
        guard !isGone else { return }
        do {
            try await node.store.change(key, uid: uid) { object in
                object["status"] = PodStatus(
                    pod: object, initContainers: initContainers, containers: containers, failure: failure,
                    isOver: isOver, now: node.clock.now()
                ).json()
            }
        } catch {
            guard !Task.isCancelled else { return }
            node.logger.error("a pod's status was not written", metadata: ["pod": "\(key.name)", "error": "\(error)"])
        }
    }

    func event(
        _ severity: EventRecorder.Severity, container: String? = nil, reason: String, _ message: String
    ) async {
        let isInitial = initContainers.contains { $0.name == container }
        let field = container.map { "spec.\(isInitial ? "initContainers" : "containers"){\($0)}" } ?? ""
        await node.kubelet.record(severity, .pod, pod, field: field, reason: reason, message)
    }

    func volumes(token: String?) -> PodVolumes {
        PodVolumes(
            pod: pod, folder: folder,
            sources: PodSources(
                store: node.store, namespace: key.namespace, certificateAuthority: node.certificateAuthority),
            token: token)
    }
}
