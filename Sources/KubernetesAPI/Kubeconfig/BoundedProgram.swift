internal import Subprocess
internal import SystemPackage

/// A program that is asked for one answer: without a terminal, in a session of its own, within bounds of time and output.
struct BoundedProgram: Sendable {
    static let outputLimit = 1 << 20

    /// What it is, for messages: `the credential plug-in 'x' (config:1:1)`.
    let title: String
    /// A path, or a name that is looked up on PATH.
    let command: String
    let arguments: [String]
    /// All of its environment.
    let environment: [String: String]
    let installHint: String?
    var timeLimit: Duration = .seconds(60)

    /// What it wrote to its standard output.
    ///
    /// - Throws: ``CredentialFailure`` with the end of what it complained; `CancellationError`.
    func output() async throws -> [UInt8] {
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [
            .send(signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: .seconds(2))
        ]
        var variables: [Environment.Key: String] = [:]
        for (name, value) in environment {
            if let key = Environment.Key(rawValue: name) { variables[key] = value }
        }
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

    func failure(_ cause: String) -> CredentialFailure { CredentialFailure("\(title) \(cause)") }

    private func failure(_ error: SubprocessError) -> CredentialFailure {
        switch error.code {
        case .executableNotFound, .spawnFailed:
            failure("cannot be started: it is not there or not executable" + (installHint.map { "; \($0)" } ?? ""))
        case .outputLimitExceeded: failure("wrote more than \(Self.outputLimit) bytes")
        default: failure("could not be run: \(error)")
        }
    }

    /// The end of what the program complained, on one line.
    private static func excerpt(_ bytes: [UInt8]) -> String {
        let text = String(decoding: bytes.suffix(400), as: UTF8.self)
            .split { $0.isNewline }.joined(separator: " / ").filter { $0 >= " " }.trimmedASCII
        return text.isEmpty ? "" : ": \(text)"
    }
}
