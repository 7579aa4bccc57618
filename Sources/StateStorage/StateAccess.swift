public import KubernetesAPI
internal import OrderedJSON

/// What can be said of an environment's state before an engine touches it, from its Secret's metadata alone.
public enum StateAccess {
    /// Sees to it that the state can be read by whoever `client` is, and that the engines will find it if it is there.
    ///
    /// One request as a rule, in which no body of a state is transferred. A state that has lost one of the labels that the
    /// engines look it up by is refused: they would not find it, start from an empty one and overwrite it. A write of ours
    /// that died half-way is finished first, since engines would read neither the old state nor the new one.
    ///
    /// - Throws: `KubernetesError` where the cluster does not answer or refuses; `StateAccessError` for lost labels;
    ///   `StateStoreError` where a half-done write cannot be finished.
    public static func check(_ environment: EnvironmentID, in namespace: String, client: KubernetesClient) async throws
    {
        let names = StateNames(environment)
        let metadata: JSON
        do {
            metadata = try await client.metadata(of: .secret, namespace: namespace, name: names.secret)
        } catch let error as KubernetesError where error.code == .notFound {
            return
        }
        let labels = metadata.objectLabels
        let lost = names.labels.filter { labels[$0.key] != $0.value }
        guard lost.isEmpty else {
            throw StateAccessError(secret: names.secret, namespace: namespace, lostLabels: lost)
        }
        if metadata.objectAnnotations[OwnSecrets.writeAnnotation] != nil {
            let configuration = StateStoreConfiguration(writer: "", programVersion: "")
            let store = StateStore(client: client, namespace: namespace, configuration: configuration)
            _ = try await store.readSettled(names)
        }
    }
}

/// A state that the engines would not find, and would replace by an empty one.
public struct StateAccessError: Error, Sendable, Hashable, CustomStringConvertible {
    public let secret: String
    public let namespace: String
    public let lostLabels: [String: String]

    public var description: String {
        let labels = lostLabels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
        return
            "Secret \(secret) in namespace \(namespace) holds a state but not the labels that engines find it by, so a "
            + "run would start from an empty state and overwrite it; put them back with: "
            + "kubectl label secret \(secret) -n \(namespace) --overwrite \(labels)"
    }
}
