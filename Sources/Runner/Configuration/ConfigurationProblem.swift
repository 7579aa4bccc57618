public import OrderedJSON

/// One thing that is wrong with a `runner-config.yaml`: where, what, and what is allowed. Never holds a secret.
public struct ConfigurationProblem: Sendable, Hashable, CustomStringConvertible {
    /// The file, as it was given.
    public let file: String
    /// From 1.
    public let line: Int
    /// From 1, in Unicode scalars.
    public let column: Int
    /// The key, from the root: `runner_configuration.job.namespace`; nil for what concerns the whole file.
    public let key: String?
    /// What is wrong, for people.
    public let problem: String
    /// What may stand there instead, where that can be said.
    public let allowed: String?

    /// `runner-config.yaml:7:5: runner_configuration.job.namespace: is missing; allowed: …`
    public var description: String {
        "\(file):\(line):\(column): \(key.map { "\($0): " } ?? "")\(problem)\(allowed.map { "; allowed: \($0)" } ?? "")"
    }

    /// As `stowage runner validate -o json` prints it.
    public var json: JSON {
        [
            "file": .string(file), "line": .number(JSONNumber(line)), "column": .number(JSONNumber(column)),
            "key": key.map(JSON.string) ?? .null, "problem": .string(problem),
            "allowed": allowed.map(JSON.string) ?? .null,
        ]
    }
}

/// A `runner-config.yaml` that cannot be used, with every problem that it has.
public struct RunnerConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// In the order of the file; at least one.
    public let problems: [ConfigurationProblem]

    public var description: String {
        let file = problems.first?.file ?? "the runner configuration"
        let count = problems.count == 1 ? "a problem" : "\(problems.count) problems"
        return (["\(file) has \(count)"] + problems.map(\.description)).joined(separator: "\n")
    }
}
