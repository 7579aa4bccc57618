internal import TestScopes
internal import Testing

/// The `kubernetes` package of PyPI, which `scripts/setup --tests` installs below `.build`.
@Suite(.enabled(if: exists("\(Clients.pythonPackages)/kubernetes"), "`scripts/setup --tests` installs it"))
struct PythonClientTests {
    @Test func createsListsPatchesWatchesAndDeletes() async throws {
        try await EmptyCluster.with { cluster in
            var python = try #require(Program.onPath("python3", home: cluster.home))
            python.environment["PYTHONPATH"] = Clients.pythonPackages
            let result = try await python("\(Clients.folder)/python_client.py", cluster.kubeconfig)
            #expect(result.output == "ok\n", "\(result)")
        }
    }
}
