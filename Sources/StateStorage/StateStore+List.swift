internal import KubernetesAPI
internal import OrderedJSON

/// An environment that has a state, as its Secrets' metadata tell.
public struct StateListing: Sendable, Hashable {
    public let environment: EnvironmentID
    /// The Secrets that hold the state.
    public let partCount: Int
    /// When one of them was written last, as RFC 3339 writes it; nil where the cluster does not say.
    public let lastWrite: String?
    /// Whether a write of several parts is to be finished.
    public let isPending: Bool
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
                StateNames(environment).isStateSecret(secret.objectName ?? "")
            else { continue }
            let before = found[environment]
            found[environment] = StateListing(
                environment: environment, partCount: (before?.partCount ?? 0) + 1,
                lastWrite: [before?.lastWrite, secret.lastWrite].compactMap(\.self).max(),
                isPending: before?.isPending ?? false
                    || secret.objectAnnotations[OwnSecrets.writeAnnotation] != nil)
        }
        return found.values.sorted { $0.environment.description < $1.environment.description }
    }

    /// What a list shows of one environment beyond its metadata.
    public func summary(_ environment: EnvironmentID) async throws -> StateSummary? {
        guard let snapshot = try await pull(environment) else { return nil }
        return StateSummary(snapshot)
    }

    /// A summary of each of many environments, at most `parallelRequests` states in memory at a time. The failure to read one
    /// state does not end the others.
    public func summaries(
        _ environments: [EnvironmentID]
    ) async throws -> [EnvironmentID: Result<StateSummary?, StateStoreError>] {
        let found = try await inParallel(environments, width: configuration.parallelRequests) { environment in
            do {
                return (environment, Result<StateSummary?, StateStoreError>.success(try await summary(environment)))
            } catch let error as StateStoreError {
                return (environment, .failure(error))
            }
        }
        return Dictionary(found) { first, _ in first }
    }
}

extension JSON {
    /// The last time that somebody is known to have written the object.
    fileprivate var lastWrite: String? {
        let times = (self["metadata"]?["managedFields"]?.array ?? []).compactMap { $0["time"]?.string }
        return times.max() ?? self["metadata"]?["creationTimestamp"]?.string
    }
}
