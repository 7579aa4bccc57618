internal import LocalFiles
internal import OrderedJSON
internal import Subprocess
internal import SystemPackage

/// Which engine it is, by its own word.
struct EngineVersion: Sendable, Hashable, CustomStringConvertible {
    /// `terraform` or `tofu`.
    let name: String
    /// Such as `1.11.4`; `1.10.0-beta1`.
    let number: String

    var description: String { "\(name) \(number)" }

    /// Whether its `init` is asked for JSON. Seen with Terraform 1.11; from 1.9 on both engines are taken to print it.
    var initialisesInJSON: Bool {
        let parts = number.split(separator: ".").prefix(2).compactMap { Int($0) }
        guard parts.count == 2 else { return false }
        return parts[0] > 1 || parts[0] == 1 && parts[1] >= 9
    }
}

extension Engine {
    private static let longestAnswer = 1 << 20

    /// Asks it.
    ///
    /// - Parameter folder: where it is started; it looks there for a lock file.
    /// - Throws: ``RunError`` with code `engineMissing` where it does not say.
    func version(environment: EngineEnvironment, in folder: String) async throws -> EngineVersion {
        var variables = environment.variables(for: "version")
        // The option of the answer's form must be the only one.
        variables["TF_CLI_ARGS"] = nil
        variables["TF_CLI_ARGS_version"] = nil
        let result = try await Subprocess.run(
            .path(FilePath(path)), arguments: ["version", "-json"],
            environment: .custom(Dictionary(uniqueKeysWithValues: variables.map { (.init(stringLiteral: $0), $1) })),
            workingDirectory: FilePath(folder), input: .none, output: .string(limit: Self.longestAnswer),
            error: .discarded)
        guard let answer = try? JSON(parsing: result.standardOutput), let number = answer["terraform_version"]?.string
        else {
            throw RunError(
                .engineMissing, "\(path) did not say which version it is (`version -json`), so it may be no engine")
        }
        return EngineVersion(name: readsTofuFiles ? "tofu" : "terraform", number: number)
    }
}
