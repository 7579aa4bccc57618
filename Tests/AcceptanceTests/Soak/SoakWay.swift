import KubernetesAPI
import LocalFiles
import OrderedJSON
import TestScopes

/// A way to the cluster of a soak, on which things go wrong once they are planned.
struct SoakWay: Sendable {
    let proxy: FaultProxy
    /// Asks the cluster itself, as who asks on this way.
    let client: KubernetesClient
    /// With a token that is in a file and changes.
    let kubeconfig: String
    /// With a token that stays, for programs that read it once.
    let lastingKubeconfig: String
    private let access: ProxyAccess
    private let rate: Double

    /// Those of all, and that the cluster's certificate or the client's token becomes another.
    func faults(seed: UInt64) -> FaultSchedule {
        let access = access
        return FaultSchedule(
            seed: seed, rate: rate,
            faults: Fault.all + [
                .before { access.rotateCertificate() }, .beside { try access.rotateToken() },
            ])
    }

    static func with<T: Sendable>(
        _ soak: Soak, _ cluster: RunnerCluster, name: String, _ body: (SoakWay) async throws -> T
    ) async throws -> T {
        try await cluster.asUser(of: Self.directKubeconfig(cluster)) { client in
            let path = "\(cluster.home)/\(name)"
            let access = try ProxyAccess(tokenFile: "\(path).token")
            var configuration = FaultProxy.Configuration()
            configuration.access = access
            if soak.isWithoutComparison { configuration.rewrite = { try await Self.withoutComparison($0, client) } }
            return try await FaultProxy.with(client, configuration) { proxy, port in
                let way = SoakWay(
                    proxy: proxy, client: client, kubeconfig: "\(path).kubeconfig",
                    lastingKubeconfig: "\(path).lasting", access: access, rate: soak.faultRate)
                try PrivateFile.write(access.kubeconfig(port: port), to: way.kubeconfig)
                try PrivateFile.write(access.kubeconfig(port: port, isLasting: true), to: way.lastingKubeconfig)
                return try await body(way)
            }
        }
    }

    /// Ways that last as long as the body, so that a request which is late arrives, however long ago its sender died.
    static func with<T: Sendable>(
        _ soak: Soak, _ cluster: RunnerCluster, names: [String], _ ways: [SoakWay] = [],
        _ body: ([SoakWay]) async throws -> T
    ) async throws -> T {
        guard let name = names.first else { return try await body(ways) }
        return try await with(soak, cluster, name: name) { way in
            try await with(soak, cluster, names: Array(names.dropFirst()), ways + [way], body)
        }
    }

    // MARK: - Without faults

    /// The kubeconfig of the documented ServiceAccount, good for longer than a soak lasts.
    private static func directKubeconfig(_ cluster: RunnerCluster) -> String { "\(cluster.home)/direct.kubeconfig" }

    static func prepare(_ cluster: RunnerCluster) async throws {
        let account = "\(RunnerCluster.namespace)/humanitec-runner"
        let result = try await cluster.stowage(
            "cluster", "kubeconfig", "--dir", cluster.folder, "--service-account", account, "--expiration-seconds",
            "86400")
        guard result.status == 0 else { throw ProgramFailure(result: result) }
        try PrivateFile.write(result.output, to: directKubeconfig(cluster))
    }

    /// An update of whatever is there, instead of an update of what was read.
    private static func withoutComparison(_ request: APIRequest, _ client: KubernetesClient) async throws -> APIRequest
    {
        guard request.verb == .put, let body = request.body, var object = try? JSON(parsing: body) else {
            return request
        }
        let there = try await client.send(APIRequest(.get, String(request.path.prefix { $0 != "?" })))
        let current = try JSON(parsing: try await there.collect(upTo: 64 << 20))
        guard let version = current.resourceVersion else { return request }
        object["metadata"]?["resourceVersion"] = .string(version)
        var changed = request
        changed.body = object.bytes
        return changed
    }
}
