internal import KubernetesAPI
internal import OrderedJSON
internal import Synchronization

/// The uids of ServiceAccounts that were looked up, as long as no ServiceAccount changes.
final class KnownAccounts: Sendable {
    private struct State {
        var stamp: Int64 = 0
        var uids: [ObjectKey: String] = [:]
    }

    private static let limit = 1000

    private let store: Store
    private let state = Mutex(State())

    init(store: Store) { self.store = store }

    /// nil where there is no such account.
    func uid(namespace: String, name: String) async throws -> String? {
        let key = ObjectKey(
            resource: ResourceKind.serviceAccount.qualifiedResource, namespace: namespace, name: name)
        let now = store.latestRevision(of: key.resource)
        let known = state.withLock { state in
            if state.stamp != now { state = State(stamp: now) }
            return state.uids[key]
        }
        if let known { return known }
        guard let uid = try await store.object(key)?.metadataJSON()["uid"]?.string else { return nil }
        state.withLock { state in
            // What was read while something was written may be older than the stamp.
            guard state.stamp == now, store.latestRevision(of: key.resource) == now else { return }
            if state.uids.count >= Self.limit { state.uids = [:] }
            state.uids[key] = uid
        }
        return uid
    }
}
