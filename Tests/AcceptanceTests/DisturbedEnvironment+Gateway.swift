import CLibrary
import KubernetesAPI
import StateGateway
import StateStorage
import Synchronization
import TerraformState
import TestScopes
import Testing

/// What an engine saves through a gateway whose requests to the cluster are disturbed.
extension DisturbedEnvironment {
    private static let lockID = "a-lock"

    mutating func disturbSave(_ position: Int, _ context: String) async throws -> Bool {
        let variant = serial + 1
        let (old, new) = (state(serial), states.text(serial: serial + 1, variant: variant))
        let lock = try #require(LockInfo(parsing: gatewayLockInfo(Self.lockID)))
        try await store.lock(environment, lock)
        let victim = Victim()
        let (fault, proxy) = (series.disturbance.fault(victim), proxy)
        let (status, failure) = try await save(new, victim) { proxy.plan(fault, at: position) }
        let isPast = proxy.count <= position
        proxy.heal()
        let known: Set<Int?> = series.disturbance.isDeath && !isPast ? [nil] : [200, 409, 500, 502, 503]
        #expect(known.contains(status), "\(context): \(String(describing: status)), \(failure ?? "")")
        if isPast || series.disturbance == .tooManyRequests { #expect(status == 200, "\(context)") }

        let found = try await pull(from: namespace)
        let (isOld, isNew) = (found.output == old, found.output == new)
        #expect(found.status == 0, "\(context): \(found.errors)")
        let isEither = isOld || isNew
        #expect(isEither, "\(context): neither the old state nor the new one")
        if status == 200 { #expect(isNew, "\(context): it was said to be done") }
        #expect(try await store.heldLock(environment)?.id == Self.lockID, "\(context)")

        // The engine sends it again.
        let again = try await save(new, Victim()) {}
        #expect(again.status == 200, "\(context), sent again: \(again)")
        (serial, variants[serial + 1]) = (serial + 1, variant)
        try await store.unlock(environment, id: Self.lockID)
        try await checkEngine(new, context)
        return isPast
    }

    /// Saves a state through a gateway of its own.
    ///
    /// - Parameter plan: called when it listens.
    /// - Returns: the status, or why there was no answer.
    private func save(
        _ state: String, _ victim: Victim, _ plan: @escaping @Sendable () -> Void
    ) async throws -> (status: Int?, failure: String?) {
        let address = "\(folder)/address"
        try write(["address": ""], below: folder)
        let token = try await GatewayTokens(client: store.client, namespace: store.namespace).create(
            for: environment, scope: .write, lifetime: .seconds(600), creator: "tester@host"
        ).credential
        var shell = Program("/bin/sh", environment: cluster.stowage.environment)
        shell.folder = folder
        let result = Mutex<(status: Int?, failure: String?)>((nil, nil))
        let (cluster, store, environment) = (cluster, store, environment)
        _ = try await shell.whileRunning([
            "-c", #"exec "$0" "$@" > address"#, cluster.stowage.path, "gateway", "--listen", "127.0.0.1:0",
            "--kubeconfig", "\(folder)/proxied", "-n", namespace,
        ]) { process in
            victim.is(process)
            let port = try await Self.port(address)
            plan()
            let gateway = ListeningGateway(cluster: cluster, store: store, port: port)
            do {
                let answer = try await gateway.ask(
                    "POST", token, state, query: "?ID=\(Self.lockID)", environment: "\(environment)")
                result.withLock { $0.status = answer.status }
            } catch {
                result.withLock { $0.failure = "\(error)" }
            }
            kill(process, SIGTERM)
        }
        return result.withLock { $0 }
    }

    private static func port(_ path: String) async throws -> Int {
        while true {
            if let match = try text(of: path).firstMatch(of: #/127\.0\.0\.1:(\d+)/v1/environments\n/#),
                let port = Int(match.1)
            {
                return port
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }
}
