import KubernetesAPI
import LocalFiles
import OrderedJSON
import StateStorage
import TestScopes
import Testing

/// One environment whose state is changed again and again, each time with one request disturbed. Each time begins with what the
/// one before it has left.
struct DisturbedEnvironment: Sendable {
    static let otherNamespace = "elsewhere"

    let cluster: RunnerCluster
    /// The kubeconfig of the documented ServiceAccount.
    private let access: String
    let environment: EnvironmentID
    let series: FaultSeries
    let states: KnownStates
    let store: StateStore
    let proxy: FaultProxy
    let folder: String
    /// Terraform in a folder of each namespace that the state can be in.
    private var engines: [String: Program] = [:]

    var serial = 0
    /// What is in the state of each serial.
    var variants: [Int: Int] = [:]
    var namespace = RunnerCluster.namespace

    /// - Returns: how many requests were disturbed.
    static func run(
        _ series: FaultSeries, _ environment: EnvironmentID, _ cluster: RunnerCluster, engineVersion: String
    ) async throws -> Int {
        // The token of the cluster's own kubeconfig is good for an hour.
        let access = "\(cluster.home)/\(environment).kubeconfig"
        try await cluster.writeKubeconfig(ofServiceAccount: "humanitec-runner", to: access)
        return try await cluster.asUser(of: access) { client in
            try await FaultProxy.with(client) { proxy, port in
                var bench = DisturbedEnvironment(series, environment, cluster, access, engineVersion, client, proxy)
                try write(["proxied": FaultProxy.kubeconfig(port: port)], below: bench.folder)
                try await bench.prepare()
                return try await bench.disturbAll()
            }
        }
    }

    private init(
        _ series: FaultSeries, _ environment: EnvironmentID, _ cluster: RunnerCluster, _ access: String,
        _ engineVersion: String,
        _ client: KubernetesClient, _ proxy: FaultProxy
    ) {
        self.cluster = cluster
        self.access = access
        self.environment = environment
        self.series = series
        self.proxy = proxy
        states = KnownStates(engineVersion: engineVersion, parts: series.parts)
        store = StateStore(
            client: client, namespace: RunnerCluster.namespace,
            configuration: StateStoreConfiguration(writer: "tester@host", programVersion: "0.0.0"))
        folder = "\(cluster.home)/\(environment)"
    }

    func state(_ serial: Int) -> String { states.text(serial: serial, variant: variants[serial] ?? 0) }

    private func stowage(_ arguments: [String], _ victim: Victim? = nil) async throws -> ProgramResult {
        var stowage = cluster.stowage
        stowage.folder = folder
        let arguments = ["state"] + arguments + ["--kubeconfig", "\(folder)/proxied", "-n", namespace]
        guard let victim else { return try await stowage.run(arguments) }
        return try await stowage.whileRunning(arguments) { victim.is($0) }
    }

    // MARK: - What is there before

    /// Two states after each other, and a backup of each.
    private mutating func prepare() async throws {
        for (serial, variant) in [(1, 1), (2, 2)] {
            (self.serial, variants[serial]) = (serial, variant)
            try PrivateFile.write(state(serial), to: "\(folder)/new")
            let push = try await stowage(["push", "\(environment)", "new", "-o", "json"])
            try #require(push.status == 0, "\(series): \(push)")
            #expect(try JSON(parsing: push.output)["parts"]?.int == series.parts, "\(series)")
            guard series.operation == .restore else { continue }
            let backup = try await stowage(["backup", "\(environment)", "\(variant).tar"])
            try #require(backup.status == 0, "\(series): \(backup)")
        }
        let namespaces = [namespace] + (series.operation == .move ? [Self.otherNamespace] : [])
        for name in namespaces {
            let terraform = try cluster.stockTerraform(
                in: "\(environment)/\(name)", for: "\(environment)", namespace: name, kubeconfig: access)
            // An engine that looks where nothing is would write an empty state there.
            if name == namespace { try await terraform.initialise() }
            engines[name] = terraform
        }
    }

    // MARK: - One request after another

    private mutating func disturbAll() async throws -> Int {
        var (position, count) = (series.first, 0)
        while true {
            let context = "\(series), request \(position)"
            let isPast =
                switch series.operation {
                case .move: try await disturbMove(position, context)
                case .save: try await disturbSave(position, context)
                case .push, .rollback, .restore: try await disturbWrite(position, context)
                }
            if isPast { break }
            position += series.stride
            count += 1
        }
        #expect(position > 3, "\(series): there were no requests to disturb")
        return count
    }

    /// Runs a command with one request of it disturbed.
    private func run(_ arguments: [String], _ position: Int, _ context: String) async throws
        -> (result: ProgramResult, isPast: Bool)
    {
        let victim = Victim()
        proxy.plan(series.disturbance.fault(victim), at: position)
        let result = try await stowage(arguments, victim)
        let isPast = proxy.count <= position
        proxy.heal()
        let known: Set<Int32> = series.disturbance.isDeath && !isPast ? [128 + 9] : [0, 65, 69, 75]
        #expect(known.contains(result.status), "\(context): \(result)")
        // A request that the cluster had no time for is sent again.
        if isPast || series.disturbance == .tooManyRequests { #expect(result.status == 0, "\(context): \(result)") }
        return (result, isPast)
    }

    func pull(from namespace: String) async throws -> ProgramResult {
        try await cluster.stowage.run([
            "state", "pull", "\(environment)", "--kubeconfig", access, "-n", namespace,
        ])
    }

    func checkEngine(_ state: String, _ context: String) async throws {
        let engine = try #require(engines[namespace])
        let pulled = try await engine("state", "pull")
        // It ends what it prints with a line of its own.
        let isSame = pulled.status == 0 && pulled.output == state + "\n"
        #expect(isSame, "\(context): Terraform reads another state; \(pulled.errors)")
    }

    // MARK: - Writes

    /// - Returns: what to run, and what is in the state when it is done.
    private func nextWrite() async throws -> (arguments: [String], variant: Int) {
        switch series.operation {
        case .rollback:
            let versions = try await store.history(environment)
            let version = try #require(versions.first { Int($0.serial) != serial })
            return (["rollback", "\(environment)", "\(version.number)"], try #require(variants[Int(version.serial)]))
        case .restore:
            let variant = variants[serial] == 1 ? 2 : 1
            return (["restore", "\(variant).tar", "--force", "lower-serial"], variant)
        case .push, .move, .save:
            let variant = serial + 1
            try PrivateFile.write(states.text(serial: serial + 1, variant: variant), to: "\(folder)/new")
            return (["push", "\(environment)", "new"], variant)
        }
    }

    private mutating func disturbWrite(_ position: Int, _ context: String) async throws -> Bool {
        let (arguments, variant) = try await nextWrite()
        let (old, new) = (state(serial), states.text(serial: serial + 1, variant: variant))
        let (result, isPast) = try await run(arguments, position, context)
        let found = try await pull(from: namespace)
        let (isOld, isNew) = (found.output == old, found.output == new)
        #expect(found.status == 0, "\(context): \(found.errors)")
        let isEither = isOld || isNew
        #expect(isEither, "\(context): neither the old state nor the new one")
        if result.status == 0 { #expect(isNew, "\(context): it was said to be done") }
        if isNew { (serial, variants[serial + 1]) = (serial + 1, variant) }
        if let lock = try await store.heldLock(environment) {
            #expect(series.disturbance.isDeath, "\(context): the lock was left behind by \(lock.summary)")
            try await store.unlock(environment, id: lock.id)
        }
        try await checkEngine(state(serial), context)
        return isPast
    }

    // MARK: - Moves

    private mutating func disturbMove(_ position: Int, _ context: String) async throws -> Bool {
        let other = namespace == RunnerCluster.namespace ? Self.otherNamespace : RunnerCluster.namespace
        let arguments = ["move", "\(environment)", "--to-namespace", other]
        let (result, isPast) = try await run(arguments, position, context)
        let state = state(serial)
        let here = try await pull(from: namespace)
        if here.status == 0 {
            let isWhole = here.output == state && result.status != 0
            #expect(isWhole, "\(context): exit \(result.status), and it is here")
        } else {
            #expect(here.errors.contains("moved to namespace \(other)"), "\(context): \(here.errors)")
        }
        if !isPast {
            let again = try await stowage(arguments)
            #expect(again.status == 0, "\(context), started again: \(again)")
        }
        let there = try await pull(from: other)
        let isThere = there.status == 0 && there.output == state
        #expect(isThere, "\(context): \(there.errors)")
        namespace = other
        if let engine = engines[other], !exists("\(folder)/\(other)/.terraform") { try await engine.initialise() }
        try await checkEngine(state, context)
        return isPast
    }
}
