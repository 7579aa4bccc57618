internal import KubernetesAPI
internal import OrderedJSON

extension GarbageCollector {
    /// Owners and their states, as a dependent sees them.
    private struct Owners {
        /// There, so that the dependent has a reason to be.
        var solid: Set<String> = []
        /// Gone, or never there.
        var absent: Set<String> = []
        /// Waiting for its dependents to go.
        var waiting: Set<String> = []
    }

    /// Never owners' business, in Kubernetes as here.
    private static let ignoredResources: Set<String> = ["events", "events.events.k8s.io"]

    /// What is to be done with an object for the sake of its owners; nil: nothing.
    func fate(of object: StoredObject) async throws -> Change? {
        guard let kind = kinds[resource: object.key.resource], !Self.ignoredResources.contains(object.key.resource)
        else { return nil }
        let metadata = try object.metadataJSON()
        let references = OwnerReference.all(in: metadata)
        // One that is being deleted already is left to that.
        guard !references.isEmpty, metadata["deletionTimestamp"] == nil,
            let owners = try await owners(references, of: object.key)
        else { return nil }
        guard owners.solid.isEmpty else {
            let gone = owners.absent.union(owners.waiting)
            return gone.isEmpty ? nil : try await edit(object) { $0.removeOwners(gone) }
        }
        guard !owners.waiting.isEmpty else { return try await deletion(of: object, kind, nil) }
        let (policy, isCircle) = try await dependentsOfWaiting(metadata["uid"]?.string ?? "")
        return try await deletion(of: object, kind, policy, unblocking: isCircle)
    }

    /// - Returns: nil when it cannot be said, so that the object is left as it is.
    private func owners(_ references: [OwnerReference], of key: ObjectKey) async throws -> Owners? {
        var owners = Owners()
        for reference in references {
            // Nothing can be said of a kind that is not served, nor of one in a namespace that is not known.
            guard let kind = kinds[reference.apiVersion, reference.kind],
                kind.kind.scope == .cluster || !key.namespace.isEmpty
            else { return nil }
            let namespace = kind.kind.scope == .cluster ? "" : key.namespace
            let owner = try await store.metadata(kind.key(namespace: namespace, name: reference.name))?.metadataJSON()
            if let owner, owner["uid"]?.string == reference.uid {
                if owner.isDeletedInForeground {
                    owners.waiting.insert(reference.uid)
                } else {
                    owners.solid.insert(reference.uid)
                }
            } else {
                owners.absent.insert(reference.uid)
            }
        }
        return owners
    }

    /// How an object goes whose owner waits for it: after its own dependents, if it has any.
    ///
    /// - Returns: the policy, and whether one of those waits already, so that they would wait for each other.
    private func dependentsOfWaiting(_ uid: String) async throws -> (PropagationPolicy?, isCircle: Bool) {
        let keys = try await store.dependents(of: uid)
        guard !keys.isEmpty else { return (nil, false) }
        for key in keys {
            let metadata = try await store.metadata(key)?.metadataJSON() ?? [:]
            if metadata.isDeletedInForeground { return (.foreground, true) }
        }
        return (.foreground, false)
    }

    /// - Parameter policy: nil: as the object's finalizers say.
    private func deletion(
        of object: StoredObject, _ kind: StoredKind, _ policy: PropagationPolicy?, unblocking: Bool = false
    ) async throws -> Change? {
        guard let whole = try await store.object(object.key), whole.revision == object.revision else { return nil }
        // Nobody chose a policy here, so that the kind's own for those who do not say does not count.
        let finalizers = try object.metadataJSON()["finalizers"]?.array ?? []
        let isChosen = finalizers.contains("orphan") || finalizers.contains("foregroundDeletion")
        var json = try whole.json()
        if unblocking { json.unblockOwners() }
        switch kind.deletionStep(json, policy ?? (isChosen ? nil : .background), now: store.clock.now()) {
        case .remove: return .delete(object.key, from: object.revision)
        case .keep(let kept): return .update(object.key, from: object.revision, ObjectDraft(kept))
        }
    }

    private func edit(_ object: StoredObject, _ body: (inout JSON) -> Void) async throws -> Change? {
        guard let whole = try await store.object(object.key), whole.revision == object.revision else { return nil }
        return try whole.update(body)
    }
}

extension JSON {
    /// Of metadata: whether its object waits for its dependents to go.
    fileprivate var isDeletedInForeground: Bool {
        self["deletionTimestamp"] != nil && self["finalizers"]?.array?.contains("foregroundDeletion") == true
    }
}
