import KubernetesAPI

@testable import StateStorage

/// A cluster, a store in it, and an environment that has nothing there yet.
struct StoreFixture {
    let cluster = MemoryCluster()
    let store: StateStore
    let environment: EnvironmentID
    let names: StateNames

    init() throws {
        store = try testStore(cluster)
        environment = try freshEnvironment()
        names = StateNames(environment)
    }
}

/// Tests that begin with a ``StoreFixture``.
protocol StoreSuite {
    var fixture: StoreFixture { get }
}

extension StoreSuite {
    var cluster: MemoryCluster { fixture.cluster }
    var store: StateStore { fixture.store }
    var environment: EnvironmentID { fixture.environment }
    var names: StateNames { fixture.names }
}
