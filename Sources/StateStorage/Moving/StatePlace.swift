internal import KubernetesAPI

/// Where states are kept: a namespace of a cluster.
public struct StatePlace: Sendable, Hashable, CustomStringConvertible {
    /// The namespace of the states.
    public let namespace: String
    /// The address of the cluster.
    public let server: String

    public init(namespace: String, server: String) {
        self.namespace = namespace
        self.server = server
    }

    public var description: String { "namespace \(namespace) of cluster \(server)" }
}

extension StateStore {
    /// Where this store's states are.
    public var place: StatePlace { StatePlace(namespace: namespace, server: client.connection.server) }
}
