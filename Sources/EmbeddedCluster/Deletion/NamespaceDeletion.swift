internal import KubernetesAPI
internal import OrderedJSON

/// The end of a namespace: what lies in it is deleted, and then the namespace goes.
///
/// Nothing new comes into a namespace whose deletion has begun, since creation requires that it has not.
///
/// Source: k8s.io/kubernetes/pkg/controller/namespace/deletion.
struct NamespaceDeletion: Sendable {
    static let finalizer = "kubernetes"

    let store: Store
    let kinds: StoredKinds
    let namespace: String

    /// Goes as far as it can now.
    func advance() async throws {
        let key = ObjectKey(resource: ResourceKind.namespace.qualifiedResource, namespace: "", name: namespace)
        guard let object = try await store.object(key), case .stored(let kind) = ServedKind.namespace else { return }
        var json = try object.json()
        guard json["metadata"]?["deletionTimestamp"] != nil, json.holds(Self.finalizer) else { return }
        let remains = try await deleteContents()
        if remains.isEmpty {
            json.release(Self.finalizer)
        } else {
            let conditions = remains.conditions(now: store.clock.now())
            guard let changed = conditions.changed(from: json) else { return }
            json = changed
        }
        let change: Change =
            kind.isFinished(json)
            ? .delete(key, from: object.revision) : .update(key, from: object.revision, ObjectDraft(json))
        // Whoever changed it meanwhile made that known, so that this is done again.
        _ = try await store.applyWhatHolds([change])
    }

    /// - Returns: what cannot go yet.
    private func deleteContents() async throws -> NamespaceRemains {
        var remains = NamespaceRemains()
        var last: ObjectKey?
        repeat {
            let keys = try await store.contents(of: namespace, after: last)
            var changes: [Change] = []
            for key in keys {
                guard let object = try await store.object(key) else { continue }
                let (change, kept) = try step(object)
                if let change { changes.append(change) }
                if let kept { remains.add(key, kept) }
            }
            if !changes.isEmpty {
                for key in try await store.applyWhatHolds(changes) { remains.add(key, [:]) }
            }
            last = keys.count == Store.keyPage ? keys.last : nil
        } while last != nil && !Task.isCancelled
        if Task.isCancelled { throw CancellationError() }
        return remains
    }

    /// - Returns: what is to be written; and the object as it stays, nil when it goes.
    private func step(_ object: StoredObject) throws -> (change: Change?, kept: JSON?) {
        let json = try object.json()
        // What an older or newer program kept, and this one knows nothing of, holds nothing.
        guard let kind = kinds[resource: object.key.resource] else {
            return (.delete(object.key, from: object.revision), nil)
        }
        guard case .keep(let kept) = kind.deletionStep(json, .background, now: store.clock.now()) else {
            return (.delete(object.key, from: object.revision), nil)
        }
        return (kept == json ? nil : .update(object.key, from: object.revision, ObjectDraft(kept)), kept)
    }
}

extension JSON {
    /// Of a Namespace: whether its spec has the finalizer.
    fileprivate func holds(_ finalizer: String) -> Bool {
        self["spec"]?["finalizers"]?.array?.contains(.string(finalizer)) ?? false
    }

    fileprivate mutating func release(_ finalizer: String) {
        var spec = self["spec"] ?? [:]
        let rest = (spec["finalizers"]?.array ?? []).filter { $0.string != finalizer }
        spec["finalizers"] = rest.isEmpty ? nil : .array(rest)
        self["spec"] = spec
    }
}
