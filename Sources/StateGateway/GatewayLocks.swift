public import StateStorage
public import TerraformState

/// How the locks that engines ask a gateway for are taken and given back.
///
/// A gateway for everybody renews no Lease, since it never learns that an engine is gone. One that serves a single run knows
/// its engine, and can do more for the lock.
public protocol GatewayLocks: Sendable {
    /// Takes a lock; one that is held under the same ID is taken again.
    ///
    /// - Throws: `LockHeldError` where another holds it; `KubernetesError`.
    func take(_ environment: EnvironmentID, _ info: LockInfo) async throws

    /// Gives a lock back.
    ///
    /// - Throws: `StateStoreError.Code.notLocked` where nobody holds it; `LockHeldError` where another lock is held.
    func giveBack(_ environment: EnvironmentID, id: String) async throws

    /// Sees to it that a lock is still held, before a state is written under it.
    ///
    /// - Throws: `LockLostError`; `KubernetesError`.
    func confirm(_ environment: EnvironmentID, id: String) async throws
}

/// Locks that outlive the gateway: in the store, and nowhere else.
struct StoreLocks: GatewayLocks {
    let store: StateStore

    func take(_ environment: EnvironmentID, _ info: LockInfo) async throws { try await store.lock(environment, info) }

    func giveBack(_ environment: EnvironmentID, id: String) async throws {
        try await store.unlock(environment, id: id)
    }

    /// The write itself looks who holds the lock.
    func confirm(_ environment: EnvironmentID, id: String) async throws {}
}
