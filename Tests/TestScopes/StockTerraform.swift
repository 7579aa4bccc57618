/// The backend block of the engines' documentation, for one environment.
public func kubernetesBackend(
    _ environment: String, namespace: String = RunnerCluster.namespace, kubeconfig: String
) -> String {
    """
    terraform {
      backend "kubernetes" {
        secret_suffix = "\(environment)"
        namespace     = "\(namespace)"
        config_path   = "\(kubeconfig)"
      }
    }

    """
}

extension RunnerCluster {
    /// Terraform by itself, in a folder of its own with the documented backend block.
    ///
    /// - Parameters:
    ///   - folder: below the home of the test.
    ///   - kubeconfig: nil for that of the documented ServiceAccount.
    ///   - module: the rest of the configuration.
    public func stockTerraform(
        in folder: String = "stock", for environment: String, namespace: String = RunnerCluster.namespace,
        kubeconfig: String? = nil, module: String = ""
    ) throws -> Program {
        let backend = kubernetesBackend(environment, namespace: namespace, kubeconfig: kubeconfig ?? runnerKubeconfig)
        try write(["backend.tf": backend, "main.tf": module], below: "\(home)/\(folder)")
        guard let terraform = Program.onPath("terraform", home: home, folder: "\(home)/\(folder)") else {
            throw ProgramMissing(name: "terraform")
        }
        return terraform
    }
}

extension Program {
    /// Runs `terraform init`, without which nothing else works.
    public func initialise() async throws {
        let result = try await self("init", "-input=false", "-no-color")
        guard result.status == 0 else { throw ProgramFailure(result: result) }
    }
}

/// A program that a test needs and that is not on PATH.
public struct ProgramMissing: Error, CustomStringConvertible {
    public let name: String

    public init(name: String) { self.name = name }

    public var description: String { "\(name) is not on PATH" }
}
