public import KubernetesAPI
internal import OrderedJSON

/// The states of one namespace of one cluster, in the engines' own Secrets and Leases.
///
/// Everything works with the documented Role: `secrets`: create, get, list, update; `leases`: create, get, update. All
/// writes are compare-and-swap, so that a writer that lost a race is told so and changes nothing. Cheap to copy.
public struct StateStore: Sendable {
    /// Asks the cluster; every request of the store goes through it.
    public let client: KubernetesClient
    /// Where the Secrets and Leases are.
    public let namespace: String
    /// Who writes, how much is kept and how much is taken.
    public let configuration: StateStoreConfiguration
    /// Told each time that a lock was looked at in vain and is waited for: who holds it, and how long was waited by now.
    public var onLockWait: (@Sendable (HeldLock, Duration) -> Void)?

    public init(client: KubernetesClient, namespace: String, configuration: StateStoreConfiguration) {
        self.client = client
        self.namespace = namespace
        self.configuration = configuration
    }

    func failure(_ code: StateStoreError.Code, _ environment: EnvironmentID, _ explanation: String) -> StateStoreError {
        StateStoreError(code, environment, in: namespace, explanation)
    }

    /// One Secret; nil where there is none.
    func secret(_ name: String) async throws -> JSON? {
        do {
            return try await client.get(.secret, namespace: namespace, name: name)
        } catch let error as KubernetesError where error.code == .notFound {
            return nil
        }
    }

    /// One Secret with the bytes of one value apart; nil where there is none.
    func secret(_ name: String, key: String) async throws -> SecretValue? {
        do {
            return try await client.secret(namespace: namespace, name: name, key: key)
        } catch let error as KubernetesError where error.code == .notFound {
            return nil
        }
    }

    /// One part of a state; nil where there is none.
    func part(_ name: String) async throws -> StatePart? {
        try await secret(name, key: StatePart.dataKey).map(StatePart.init)
    }

    /// The metadata of part 0; nil where there is none.
    func partZeroMetadata(_ names: StateNames) async throws -> JSON? {
        do {
            return try await client.metadata(of: .secret, namespace: namespace, name: names.secret)
        } catch let error as KubernetesError where error.code == .notFound {
            return nil
        }
    }

    /// The metadata of the Secrets that a selector finds, as they were at one moment.
    func secretMetadata(_ selector: [String: String]) async throws -> [JSON] {
        try await client.list(
            .secret, namespace: namespace, labelSelector: Self.selectorText(selector), metadataOnly: true
        ).all()
    }

    static func selectorText(_ labels: [String: String]) -> String {
        labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
    }
}
