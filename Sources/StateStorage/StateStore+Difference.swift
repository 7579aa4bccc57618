public import TerraformState

/// Two states of an environment, and what tells them apart.
public struct StateComparison: Sendable, Hashable {
    /// What one of the two is.
    public struct Side: Sendable, Hashable {
        /// The version of the history; nil for the state that is there now.
        public let version: Int?
        /// The serial of that state.
        public let serial: UInt64
        /// The lineage of that state.
        public let lineage: String
        /// The version of the engine that wrote it; nil where it does not say.
        public let engineVersion: String?

        init(_ version: Int?, _ file: StateFile) {
            self.version = version
            serial = file.serial
            lineage = file.lineage
            engineVersion = file.engineVersion
        }
    }

    /// Whose states are compared.
    public let environment: EnvironmentID
    /// The older of the two, or what was asked for first.
    public let before: Side
    /// The newer of the two.
    public let after: Side
    /// Whether the two are the same, byte for byte.
    public let isIdentical: Bool
    /// What is not the same, attribute by attribute.
    public let difference: StateDifference
}

extension StateStore {
    /// What tells two states of an environment apart.
    ///
    /// - Parameters:
    ///   - old: a version of the history; nil for the newest that is not the state that is there now, byte for byte.
    ///   - new: a version; nil for the state that is there now.
    ///   - revealing: shows sensitive values too.
    /// - Throws: `StateStoreError.Code.absent` where there is no state now, `unknownVersion`, and `encrypted` where a state
    ///   cannot be read without OpenTofu's key.
    public func difference(
        _ environment: EnvironmentID, from old: Int? = nil, to new: Int? = nil, revealing: Bool = false
    ) async throws -> StateComparison {
        let after: StateFile
        if let new {
            after = try await state(of: new, environment)
        } else {
            guard let snapshot = try await pull(environment) else { throw try await absence(environment) }
            after = snapshot.file
        }
        var version = old
        if version == nil {
            let digest = sha256(after.bytes)
            version = try await history(environment).first { $0.sha256 != digest }?.number
        }
        guard let version else {
            throw failure(
                .unknownVersion, environment,
                "the history holds no other state than the one that is there, so there is nothing to compare it with")
        }
        let before = try await state(of: version, environment)
        for (file, name) in [(before, "version \(version)"), (after, new.map { "version \($0)" } ?? "the state")]
        where file.isEncrypted {
            throw failure(
                .encrypted, environment,
                "\(name) is encrypted by OpenTofu, so what is in it cannot be compared without the key; let tofu decrypt "
                    + "both (tofu state pull), and compare what it prints")
        }
        return StateComparison(
            environment: environment, before: StateComparison.Side(version, before),
            after: StateComparison.Side(new, after), isIdentical: before.bytes == after.bytes,
            difference: try StateDifference(from: before, to: after, revealing: revealing))
    }
}
