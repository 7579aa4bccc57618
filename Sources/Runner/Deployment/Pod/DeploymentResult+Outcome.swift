internal import StateStorage
internal import TerraformState

extension DeploymentResult {
    /// - Parameters:
    ///   - message: what is said of it, masked.
    ///   - lines: the last ones of the log, masked.
    mutating func take(
        _ outcome: Result<RunOutcome, any Error>, _ message: String, _ mask: SecretMask, _ lines: [String]
    ) {
        self.lines = lines
        let outcome = try? outcome.get()
        if let outcome {
            counts = outcome.counts
            serialBefore = outcome.before?.serial
            serialAfter = outcome.after?.serial
            outputs = outcome.outputs.map { ($0.name, $0.value, $0.isSensitive) }
            if case .unsaved(let state, _) = outcome.rescued { unsavedSecrets = state.secrets }
        }
        guard exitStatus != 0 else { return }
        switch outcome?.cause {
        case .engineFailed:
            var text = Self.diagnostic(in: lines)
            // No diagnostic says what became of a state that the engine could not save.
            if let rescue = outcome?.rescued?.message { text = text.map { "\($0)\n\(rescue)" } }
            failure = Failure(code: .diagnostic, message: text ?? message)
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

    /// One line for people.
    var line: String {
        var parts = ["deployment \(deployment) \(failure == nil ? "succeeded" : "failed")"]
        if let counts {
            parts.append(counts.text(isPlan: mode == .planOnly))
        }
        if let failure { parts.append("\(failure.code.rawValue): \(failure.message.prefix { !$0.isNewline })") }
        return parts.joined(separator: "; ")
    }
}
