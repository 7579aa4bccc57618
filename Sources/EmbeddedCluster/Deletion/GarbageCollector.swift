internal import KubernetesAPI
internal import Logging
internal import OrderedJSON
internal import ServiceLifecycle

/// Sees deletions to their end: dependents follow their owners, owners wait for their dependents, and a namespace goes
/// with all that lies in it.
///
/// It is told by the store what was written, and begins with all there is, so that a crash between two steps is made up
/// for at the next start.
///
/// Source: k8s.io/kubernetes/pkg/controller/garbagecollector; Kubernetes documentation, "Garbage Collection".
struct GarbageCollector: Service {
    let store: Store
    let kinds: StoredKinds
    let logger: Logger

    init(store: Store, kinds: [ServedKind] = ServedKind.all, logger: Logger) {
        self.store = store
        self.kinds = StoredKinds(kinds)
        self.logger = logger
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var pause = Duration.seconds(1)
            while !Task.isCancelled {
                let aftermath = await store.aftermath.next()
                do {
                    try await clean(aftermath)
                    pause = .seconds(1)
                } catch {
                    guard !Task.isCancelled else { return }
                    logger.warning(
                        "deletions were not finished; trying again in \(pause.components.seconds) s",
                        metadata: ["error": "\(error)"])
                    store.aftermath.add(aftermath)
                    // Cancelled: time to end.
                    try? await Task.sleep(for: pause)
                    pause = min(pause * 2, .seconds(60))
                }
            }
        }
    }

    /// Works off what is left to be done, until nothing is.
    func cleanAll() async throws {
        while true {
            let aftermath = store.aftermath.take()
            if aftermath.isEmpty { return }
            try await clean(aftermath)
        }
    }

    private func clean(_ aftermath: Aftermath) async throws {
        if aftermath.isUnknown { try await collect { try await store.ownedObjects(after: $0) } }
        for uid in aftermath.goneOwners { try await collect { try await store.dependents(of: uid, after: $0) } }
        var owned = aftermath.owned.sorted { $0.isBefore($1) }[...]
        while !owned.isEmpty {
            try await collect(Array(owned.prefix(Store.keyPage)))
            owned = owned.dropFirst(Store.keyPage)
        }
        guard aftermath.movesEndings else { return }
        try await forEachPage {
            try await store.endingObjects(after: $0)
        } do: { keys in
            for key in keys { try await finish(key) }
        }
    }

    private func collect(_ page: (ObjectKey?) async throws -> [ObjectKey]) async throws {
        try await forEachPage(page) { try await collect($0) }
    }

    /// Sees to objects whose owners may be gone or going.
    private func collect(_ keys: [ObjectKey]) async throws {
        var changes: [Change] = []
        for key in keys {
            guard let object = try await store.metadata(key) else { continue }
            if let change = try await fate(of: object) { changes.append(change) }
        }
        // Who is changed meanwhile is told of again.
        if !changes.isEmpty { _ = try await store.applyWhatHolds(changes) }
    }

    private func forEachPage(
        _ page: (ObjectKey?) async throws -> [ObjectKey], do body: ([ObjectKey]) async throws -> Void
    ) async throws {
        var last: ObjectKey?
        repeat {
            let keys = try await page(last)
            try await body(keys)
            last = keys.count == Store.keyPage ? keys.last : nil
        } while last != nil && !Task.isCancelled
    }
}

// MARK: - Owners whose deletion waits

extension GarbageCollector {
    /// Takes the deletion of an object as far as it goes.
    private func finish(_ key: ObjectKey) async throws {
        guard let kind = kinds[resource: key.resource], let object = try await store.metadata(key) else { return }
        let metadata = try object.metadataJSON()
        let finalizers = (metadata["finalizers"]?.array ?? []).compactMap(\.string)
        let uid = metadata["uid"]?.string ?? ""
        if finalizers.contains(PropagationPolicy.orphan.finalizer ?? "") {
            if try await release(uid) { try await remove(.orphan, from: key, kind) }
        } else if finalizers.contains(PropagationPolicy.foreground.finalizer ?? "") {
            try await collect { try await store.dependents(of: uid, after: $0) }
            if try await !isBlocked(uid) { try await remove(.foreground, from: key, kind) }
        }
        if key.resource == ResourceKind.namespace.qualifiedResource {
            try await NamespaceDeletion(store: store, kinds: kinds, namespace: key.name).advance()
        }
    }

    /// Dependents forget an owner that leaves them behind.
    ///
    /// - Returns: whether all have; one that was changed meanwhile is told of again.
    private func release(_ uid: String) async throws -> Bool {
        var areReleased = true
        try await forEachPage {
            try await store.dependents(of: uid, after: $0)
        } do: { keys in
            var changes: [Change] = []
            for key in keys {
                guard let object = try await store.object(key) else { continue }
                changes.append(try object.update { $0.removeOwners([uid]) })
            }
            if try await !store.applyWhatHolds(changes).isEmpty { areReleased = false }
        }
        return areReleased
    }

    private func isBlocked(_ uid: String) async throws -> Bool {
        var isBlocked = false
        try await forEachPage {
            try await store.dependents(of: uid, after: $0)
        } do: { keys in
            for key in keys where !isBlocked {
                let metadata = try await store.metadata(key)?.metadataJSON() ?? [:]
                isBlocked = OwnerReference.all(in: metadata).contains { $0.uid == uid && $0.blocksDeletion }
            }
        }
        return isBlocked
    }

    private func remove(_ policy: PropagationPolicy, from key: ObjectKey, _ kind: StoredKind) async throws {
        guard let object = try await store.object(key) else { return }
        var json = try object.json()
        json.removeFinalizer(policy.finalizer ?? "")
        let change: Change =
            kind.isFinished(json)
            ? .delete(key, from: object.revision) : .update(key, from: object.revision, ObjectDraft(json))
        _ = try await store.applyWhatHolds([change])
    }
}
