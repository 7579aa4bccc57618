internal import OrderedJSON
internal import Subprocess
internal import SystemPackage

/// A program that a kubeconfig names to obtain credentials from.
///
/// Source: Kubernetes reference, "client-go credential plugins", `client.authentication.k8s.io` v1 and v1beta1. The program
/// is never given a terminal: it must do without asking.
struct ExecPlugin: CredentialSource {
    static let outputLimit = 1 << 20

    let command: String
    let arguments: [String]
    /// All of the program's environment but `KUBERNETES_EXEC_INFO`.
    let environment: [String: String]
    let apiVersion: String
    let installHint: String?
    /// What the program is told of the cluster; nil when it is told nothing.
    let clusterInfo: JSON?
    /// Where it stands, for messages.
    let place: String
    var timeLimit: Duration = .seconds(60)

    func issue() async throws -> IssuedCredential {
        let output = try await run()
        do throws(CredentialFailure) {
            return try ExecCredential.issued(output, apiVersion: apiVersion)
        } catch {
            throw failure("answered with what cannot be used: \(error.cause)")
        }
    }

    private func run() async throws -> [UInt8] {
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [
            .send(signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: .seconds(2))
        ]
        var variables: [Environment.Key: String] = [:]
        for (name, value) in environment {
            if let key = Environment.Key(rawValue: name) { variables[key] = value }
        }
        variables["KUBERNETES_EXEC_INFO"] = info.text
        let configuration = Configuration(
            executable: command.contains("/") ? .path(FilePath(command)) : .name(command),
            arguments: Arguments(arguments), environment: .custom(variables), platformOptions: options)
        let result: ExecutionResult<Void, BytesOutput, BytesOutput>
        do {
            result = try await withTimeLimit(timeLimit) {
                try await Subprocess.run(
                    configuration, input: .none, output: .bytes(limit: Self.outputLimit),
                    error: .bytes(limit: Self.outputLimit))
            }
        } catch is TimeLimitError {
            throw failure("did not end within \(timeLimit.components.seconds) s; log in by hand and try again")
        } catch let error as SubprocessError {
            if Task.isCancelled { throw CancellationError() }
            throw failure(error)
        }
        switch result.terminationStatus {
        case .exited(0): return result.standardOutput
        case .exited(let status): throw failure("exited with status \(status)\(Self.excerpt(result.standardError))")
        case .signaled(let number):
            throw failure("was ended by signal \(number)\(Self.excerpt(result.standardError))")
        }
    }

    /// The content of `KUBERNETES_EXEC_INFO`.
    var info: JSON {
        var spec: JSON = [:]
        if let clusterInfo { spec["cluster"] = clusterInfo }
        spec["interactive"] = false
        return ["kind": "ExecCredential", "apiVersion": .string(apiVersion), "spec": spec]
    }

    private func failure(_ error: SubprocessError) -> CredentialFailure {
        switch error.code {
        case .executableNotFound, .spawnFailed:
            failure("cannot be started: it is not there or not executable" + (installHint.map { "; \($0)" } ?? ""))
        case .outputLimitExceeded: failure("wrote more than \(Self.outputLimit) bytes")
        default: failure("could not be run: \(error)")
        }
    }

    private func failure(_ cause: String) -> CredentialFailure {
        CredentialFailure("the credential plug-in '\(command)' (\(place)) \(cause)")
    }

    /// The end of what the program complained, on one line.
    private static func excerpt(_ bytes: [UInt8]) -> String {
        let text = String(decoding: bytes.suffix(400), as: UTF8.self)
            .split { $0.isNewline }.joined(separator: " / ").filter { $0 >= " " }.trimmedASCII
        return text.isEmpty ? "" : ": \(text)"
    }
}
