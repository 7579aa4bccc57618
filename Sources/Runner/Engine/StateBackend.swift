/// By which backend an engine comes to its state. The state stays in the same Secrets, so that runs may alternate.
public enum StateBackend: String, Sendable, Hashable, CaseIterable {
    /// The engine's `kubernetes` backend, through the run's relay.
    case kubernetes
    /// The engine's `http` backend, and a gateway of the run's own: Stowage reads and writes the Secrets.
    case gateway
}
