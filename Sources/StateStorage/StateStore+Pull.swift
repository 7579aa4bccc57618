internal import KubernetesAPI
internal import OrderedJSON

extension StateStore {
    /// Reads an environment's state, as it was at one moment, with its checksum, parts and version verified.
    ///
    /// A write of ours that died half-way is read through: past its commit point the new state is the state. It is also
    /// finished, where the caller may write, so that engines can read the state again.
    ///
    /// - Returns: nil where the environment has no state.
    /// - Throws: `StateStoreError` for a state that cannot be read whole; `KubernetesError`.
    public func pull(_ environment: EnvironmentID) async throws -> StateSnapshot? {
        let names = StateNames(environment)
        let reading = try await read(names)
        guard let pending = reading.pending else { return try StateSnapshot(reading, environment) }
        do {
            try await complete(pending, reading, names)
        } catch is KubernetesError {
            // Whoever may only read has what was asked for all the same.
            return try StateSnapshot(reading, environment)
        } catch is StateStoreError {
            // Somebody else has written since.
            return try StateSnapshot(try await read(names), environment)
        }
        return try StateSnapshot(try await read(names), environment)
    }

    /// Reads for a write: a half-done one is finished first, or the failure to do so is thrown.
    func readSettled(_ names: StateNames) async throws -> StateReading {
        for _ in 0..<3 {
            let reading = try await read(names)
            guard let pending = reading.pending else { return reading }
            try await complete(pending, reading, names)
        }
        throw failure(.unsettled, names.environment, "others write this state all the time; try again")
    }
}
