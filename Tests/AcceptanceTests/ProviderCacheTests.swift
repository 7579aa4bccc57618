import KubernetesAPI
import LocalFiles
import TestScopes
import Testing

/// Provider packages are installed once and shared by all runs.
@Suite(.enabled(if: Program.onPath("terraform", home: "/") != nil, "terraform is not on PATH"))
struct ProviderCacheTests {
    /// A zip with an executable `terraform-provider-fake_v1.0.0` that does nothing: enough for `init`.
    private static let package =
        "UEsDBBQAAAAAAAAAIQCjt17aEQAAABEAAAAeAAAAdGVycmFmb3JtLXByb3ZpZGVyLWZha2VfdjEuMC4wIyEvYmluL3NoCmV4aXQg"
        + "MQpQSwECFAMUAAAAAAAAACEAo7de2hEAAAARAAAAHgAAAAAAAAAAAAAA7QEAAAAAdGVycmFmb3JtLXByb3ZpZGVyLWZha2VfdjEu"
        + "MC4wUEsFBgAAAAABAAEATAAAAE0AAAAAAA=="

    private static let module = """
        terraform {
          required_providers {
            fake = {
              source  = "acme/fake"
              version = "1.0.0"
            }
          }
        }
        """

    @Test func whatOneRunInstalledTheNextOneFinds() async throws {
        try await RunnerCluster.with { cluster in
            let mirror = "\(cluster.home)/mirror"
            let folder = "\(mirror)/registry.terraform.io/acme/fake"
            try write(
                [
                    "module/main.tf": Self.module,
                    "rc": "provider_installation {\n  filesystem_mirror {\n    path = \"\(mirror)\"\n  }\n}\n",
                ], below: cluster.home)
            try PrivateFile.createFolder(folder)
            try PrivateFile.write(
                try Base64.decode(Self.package), to: "\(folder)/terraform-provider-fake_1.0.0_linux_amd64.zip")
            var stowage = cluster.stowage
            stowage.environment["TF_CLI_CONFIG_FILE"] = "\(cluster.home)/rc"
            let program = stowage
            // The provider is no real one, so every plan fails; what counts is how it was installed.
            @Sendable func plan(_ environment: String) async throws -> String {
                try await program(
                    "run", "plan", "--environment", environment, "--kubeconfig", cluster.runnerKubeconfig,
                    "\(cluster.home)/module"
                ).output
            }
            async let first = plan("11111111-b337-93a4-ad65-1d565c5e25be")
            async let second = plan("22222222-b337-93a4-ad65-1d565c5e25be")
            for output in try await [first, second] {
                #expect(output.contains("acme/fake v1.0.0"), "\(output)")
            }
            let third = try await plan("33333333-b337-93a4-ad65-1d565c5e25be")
            #expect(third.contains("Using acme/fake v1.0.0 from the shared cache directory"), "\(third)")
        }
    }
}
