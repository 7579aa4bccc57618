internal import StateStorage
internal import TerraformState

/// How many resources a run changed.
public struct ResourceCounts: Sendable, Hashable {
    public var added = 0
    public var changed = 0
    public var destroyed = 0

    /// Reads the line by which both engines sum up; nil for any other.
    ///
    /// - Parameter summary: without colours.
    init?(summary: String) {
        guard
            let match = summary.firstMatch(
                of: #/(?:Apply|Destroy) complete! Resources: (.*) destroyed|Plan: (.*) to destroy/#)
        else { return nil }
        for part in (match.1 ?? match.2 ?? "").split(separator: ",") {
            let number = Int(part.filter(\.isNumber)) ?? 0
            if part.contains("add") {
                added = number
            } else if part.contains("change") {
                changed = number
            } else if !part.contains("import") {
                destroyed = number
            }
        }
    }
}

extension DeploymentResult {
    /// - Parameters:
    ///   - message: what is said of it, masked.
    ///   - lines: the last ones of the log, masked.
    mutating func take(
        _ outcome: Result<RunOutcome, any Error>, _ message: String, _ mask: SecretMask, _ lines: [String]
    ) {
        self.lines = lines
        counts = lines.reversed().lazy.compactMap { ResourceCounts(summary: $0) }.first
        guard exitStatus != 0 else { return }
        let cause: RunOutcome.Cause? = if case .success(let outcome) = outcome { outcome.cause } else { nil }
        switch cause {
        case .engineFailed:
            failure = Failure(code: .diagnostic, message: Self.diagnostic(in: lines) ?? message)
        case .engineKilled: failure = Failure(code: .command, message: message)
        default: failure = Failure(code: .runner, message: message)
        }
    }

    /// The engine's first error, without what it draws around it.
    static func diagnostic(in lines: [String]) -> String? {
        lines.first { $0.contains("Error: ") }.map { line in
            String(line[(line.firstRange(of: "Error: ")?.lowerBound ?? line.startIndex)...])
        }
    }

    /// What the state tells after the run.
    mutating func takeState(_ outcome: RunOutcome, _ store: StateStore, _ mode: JobManifest.Mode) async throws {
        guard let state = try await store.pull(environment) else { return }
        serialAfter = state.file.serial
        guard mode != .planOnly, outcome.cause == .succeeded else { return }
        outputs = try state.file.outputs().map { ($0.name, $0.value, $0.isSensitive) }
    }

    /// One line for people.
    var line: String {
        var parts = ["deployment \(deployment) \(failure == nil ? "succeeded" : "failed")"]
        if let counts {
            parts.append("\(counts.added) added, \(counts.changed) changed, \(counts.destroyed) destroyed")
        }
        if let failure { parts.append("\(failure.code.rawValue): \(failure.message.prefix { !$0.isNewline })") }
        return parts.joined(separator: "; ")
    }
}
