internal import OrderedJSON

/// A program that a kubeconfig names to obtain credentials from.
///
/// Source: Kubernetes reference, "client-go credential plugins", `client.authentication.k8s.io` v1 and v1beta1. The program
/// is never given a terminal: it must do without asking.
struct ExecPlugin: CredentialSource {
    let command: String
    let arguments: [String]
    /// All of the program's environment but `KUBERNETES_EXEC_INFO`.
    var environment: [String: String]
    let apiVersion: String
    let installHint: String?
    /// What the program is told of the cluster; nil when it is told nothing.
    let clusterInfo: JSON?
    /// Where it stands, for messages.
    let place: String
    var timeLimit: Duration = .seconds(60)

    func issue() async throws -> IssuedCredential {
        var environment = environment
        environment["KUBERNETES_EXEC_INFO"] = info.text
        let program = BoundedProgram(
            title: "the credential plug-in '\(command)' (\(place))", command: command, arguments: arguments,
            environment: environment, installHint: installHint, timeLimit: timeLimit)
        let output = try await program.output()
        do throws(CredentialFailure) {
            return try ExecCredential.issued(output, apiVersion: apiVersion)
        } catch {
            throw program.failure("answered with what cannot be used: \(error.cause)")
        }
    }

    /// The content of `KUBERNETES_EXEC_INFO`.
    var info: JSON {
        var spec: JSON = [:]
        if let clusterInfo { spec["cluster"] = clusterInfo }
        spec["interactive"] = false
        return ["kind": "ExecCredential", "apiVersion": .string(apiVersion), "spec": spec]
    }
}
