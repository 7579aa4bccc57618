internal import KubernetesAPI
internal import OrderedJSON

/// An environment that has a state, as its Secrets' metadata tell.
public struct StateListing: Sendable, Hashable {
    /// Whose state it is.
    public let environment: EnvironmentID
    /// The Secrets that hold the state.
    public let partCount: Int
    /// When one of them was written last, as RFC 3339 writes it; nil where the cluster does not say.
    public let lastWrite: String?
    /// Whether a write of several parts is to be finished.
    public let isPending: Bool
    /// The versions of its Secrets, by part.
    let versions: [Int: String]
}

extension StateStore {
    private static let pageSize = 500

    /// The environments that have a state, in the order of their names. No state is transferred.
    public func list() async throws -> [StateListing] {
        for _ in 0..<2 {
            do {
                return try await listOnce()
            } catch let error as KubernetesError where error.code == .expired {
                // The cluster forgot what the list began with: from the start.
            }
        }
        return try await listOnce()
    }

    private func listOnce() async throws -> [StateListing] {
        var found: [EnvironmentID: StateListing] = [:]
        let selector = Self.selectorText([
            StateNames.everyStateLabel.key: StateNames.everyStateLabel.value, "tfstateWorkspace": StateNames.workspace,
        ])
        let secrets = client.list(
            .secret, namespace: namespace, labelSelector: selector, limit: Self.pageSize, metadataOnly: true)
        for try await secret in secrets {
            // A suffix that is no UUID is a state of somebody who does not use environments.
            guard let environment = try? EnvironmentID(secret.objectLabels["tfstateSecretSuffix"] ?? ""),
                let part = StateNames(environment).partIndex(secret.objectName ?? "")
            else { continue }
            let before = found[environment]
            found[environment] = StateListing(
                environment: environment, partCount: (before?.partCount ?? 0) + 1,
                lastWrite: [before?.lastWrite, secret.lastWrite].compactMap(\.self).max(),
                isPending: before?.isPending ?? false
                    || secret.objectAnnotations[OwnSecrets.writeAnnotation] != nil,
                versions: (before?.versions ?? [:]).merging([part: secret.resourceVersion ?? ""]) { $1 })
        }
        return found.values.sorted { $0.environment.description < $1.environment.description }
    }

    /// What a list shows of one environment beyond its metadata.
    public func summary(_ environment: EnvironmentID) async throws -> StateSummary? {
        guard let snapshot = try await pull(environment) else { return nil }
        return StateSummary(snapshot)
    }

    /// What a list shows of each environment beyond its metadata, in their order, as it is read.
    ///
    /// A few states are read at the same time, and large ones one by one, so that memory stays flat. The failure to read one
    /// state does not end the others.
    ///
    /// - Parameter body: is given the lock too, where one is held.
    public func forEachSummary(
        of listings: [StateListing],
        _ body: (StateListing, Result<StateSummary?, StateStoreError>, HeldLock?) throws -> Void
    ) async throws {
        let locks = try await listedLocksIfGranted()
        var rest = listings[...]
        while let first = rest.first {
            let batch = first.partCount > 1 ? rest.prefix(1) : rest.prefix { $0.partCount == 1 }
            rest = rest.dropFirst(batch.count)
            try await inOrder(Array(batch), width: configuration.parallelRequests) { listing in
                let environment = listing.environment
                async let lock = locks == nil ? heldLock(environment) : locks?[environment]
                do {
                    let summary = try await summary(environment)
                    return (listing, Result<StateSummary?, StateStoreError>.success(summary), try await lock)
                } catch let error as StateStoreError {
                    return (listing, .failure(error), try await lock)
                }
            } _: { listing, summary, lock in
                try body(listing, summary, lock)
                return true
            }
        }
    }

    /// The locks that are held; nil where the Role does not grant to list them.
    private func listedLocksIfGranted() async throws -> [EnvironmentID: HeldLock]? {
        do {
            return Dictionary(try await listedLocks().map { ($0.environment, $0) }) { first, _ in first }
        } catch let error as KubernetesError where error.code == .forbidden {
            return nil
        }
    }
}

extension JSON {
    /// The last time that somebody is known to have written the object.
    fileprivate var lastWrite: String? {
        let times = (self["metadata"]?["managedFields"]?.array ?? []).compactMap { $0["time"]?.string }
        return times.max() ?? self["metadata"]?["creationTimestamp"]?.string
    }
}
