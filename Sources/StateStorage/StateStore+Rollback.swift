internal import TerraformState

extension StateStore {
    /// Goes back to a version of the history.
    ///
    /// Takes the lock. What is there becomes a version itself. The state that is written is that of the version, of the same
    /// lineage, under the serial after the one that is there: only its digits are changed, so that engines take it for the
    /// next state.
    ///
    /// - Parameter timeout: how long to wait for the lock.
    /// - Throws: `LockHeldError`; `StateStoreError.Code.encrypted` for a state that OpenTofu encrypted, whose serial cannot
    ///   be changed without its key: forced, it is written back whole, under its old serial; `StateRefusal` where the version
    ///   is of another lineage, unless that is forced.
    @discardableResult
    public func rollback(
        _ environment: EnvironmentID, to number: Int, forced: Set<Objection> = [], waitingUpTo timeout: Duration = .zero
    ) async throws -> PushResult {
        let info = lockInfo(operation: "stowage state rollback", reason: "to version \(number)")
        return try await withLock(environment, info, waitingUpTo: timeout) { lockID in
            async let version = state(of: number, environment)
            var options = PushOptions()
            options.lockID = lockID
            options.reason = "rollback to version \(number)"
            // Whoever goes back to a state without resources asked for that one.
            options.forced = forced.union([.emptied])
            do {
                options.replacing = try await pull(environment, lockID: lockID)
            } catch let error as StateStoreError
                where [.damaged, .notState].contains(error.code) && forced.contains(.damaged)
            {
                // Nothing there to take the serial from: the version is the state again as it was.
                return try await push(try await version, to: environment, options)
            }
            guard let current = options.replacing?.file else {
                return try await push(try await version, to: environment, options)
            }
            let old = try await version
            guard !old.isEncrypted else {
                let isForced = !forced.isDisjoint(with: [.lowerSerial, .sameSerial])
                guard old.serial > current.serial || isForced else {
                    throw failure(
                        .encrypted, environment,
                        "OpenTofu encrypted version \(number), and its serial cannot be changed without the key; pass --force "
                            + "\((old.serial == current.serial ? Objection.sameSerial : .lowerSerial).rawValue) to write it back whole, "
                            + "under its old serial \(old.serial) (there: \(current.serial)): tofu reads it and goes on from it, "
                            + "but does not see that plans it saved since are stale")
                }
                return try await push(old, to: environment, options)
            }
            guard !current.isEncrypted else {
                throw failure(
                    .encrypted, environment,
                    "OpenTofu encrypted the state, and version \(number) is not, so tofu may refuse to read it; let tofu write "
                        + "it, which encrypts it: stowage state pull \(environment) --version \(number) > old.tfstate, then tofu "
                        + "state push -force old.tfstate")
            }
            guard current.serial < UInt64.max else {
                throw failure(.notState, environment, "the serial \(current.serial) is the last one there is")
            }
            return try await push(try old.withSerial(current.serial + 1), to: environment, options)
        }
    }
}
