internal import KubernetesAPI
internal import OrderedJSON

extension StateStore {
    /// Reads an environment's state, as it was at one moment, with its checksum, parts and version verified.
    ///
    /// A write of ours that died half-way is read through: past its commit point the new state is the state. It is also
    /// finished, where the caller may write and nobody else holds the lock, so that engines can read the state again.
    ///
    /// - Parameter lockID: the lock that the caller holds.
    /// - Returns: nil where the environment has no state.
    /// - Throws: `StateStoreError` for a state that cannot be read whole, with code `moved` where that is what a move has left
    ///   of it; `KubernetesError`.
    public func pull(_ environment: EnvironmentID, lockID: String? = nil) async throws -> StateSnapshot? {
        do {
            return try await snapshot(environment, lockID)
        } catch let error as StateStoreError where error.code == .damaged {
            // Whose state went elsewhere must not be told to put another one here.
            guard let note = try? await signpost(StateNames(environment)) else { throw error }
            throw departure(note, environment)
        }
    }

    /// Whether a state that was read or written is what a reader would read now, found out without reading it again: the
    /// cluster is asked for the versions of all Secrets with the labels of the state, as they are at this moment.
    public func isCurrent(_ revision: StateRevision) async throws -> Bool {
        let names = StateNames(revision.environment)
        let listed = try await stateMetadata(names)
        guard listed.count == revision.versions.count else { return false }
        return listed.allSatisfy { metadata in
            guard let index = names.partIndex(metadata.objectName ?? ""), revision.versions.indices.contains(index)
            else { return false }
            // A write past its commit point is for a reader that finishes it.
            return revision.versions[index] == metadata.resourceVersion
                && metadata.objectAnnotations[OwnSecrets.writeAnnotation] == nil
        }
    }

    private func snapshot(_ environment: EnvironmentID, _ lockID: String?) async throws -> StateSnapshot? {
        let names = StateNames(environment)
        let reading = try await read(names)
        guard reading.leftover != nil, try await mayTidy(reading, environment, lockID) else {
            return try StateSnapshot(reading, environment)
        }
        do {
            return try StateSnapshot(try await settled(reading, names), environment)
        } catch is KubernetesError {
            // Whoever may only read has what was asked for all the same.
            return try StateSnapshot(try await read(names), environment)
        }
    }

    /// Whether nobody but the caller holds the lock, or the one whose write is to be finished: an engine at work would
    /// stumble over a Secret that was changed.
    private func mayTidy(
        _ reading: StateReading, _ environment: EnvironmentID, _ lockID: String?
    ) async throws -> Bool {
        do {
            guard let lock = try await heldLock(environment) else { return true }
            return lock.id == lockID || lock.id == reading.pending?.lock
        } catch is KubernetesError {
            return false
        }
    }

    /// Reads for an engine that is about to start: what ours left half-done is finished first, or the failure to do so is
    /// thrown.
    func readSettled(_ names: StateNames) async throws -> StateReading {
        let reading = try await read(names)
        guard reading.leftover != nil, try await mayTidy(reading, names.environment, nil) else { return reading }
        return try await settled(reading, names)
    }

    /// Puts right what keeps engines from reading what was read.
    ///
    /// - Returns: what was read then, with nothing left to be done.
    func settled(_ reading: StateReading, _ names: StateNames) async throws -> StateReading {
        var reading = reading
        for attempt in 1...6 {
            do {
                switch reading.leftover {
                case nil: return reading
                case .pending(let write): try await complete(write, reading, names)
                case .strays(let parts): try await adopt(parts, names)
                case .overwritten(let part): try await forgetWrite(on: part, names)
                }
            } catch let error as StateStoreError where error.code == .changed {
                // An engine wrote over it: read what it wrote.
            }
            if attempt > 1 { try await pause(attempt) }
            reading = try await read(names)
        }
        throw failure(.unsettled, names.environment, "others write this state all the time; try again")
    }

    /// Gives parts the labels that engines find them by, if they are still what was read.
    private func adopt(_ parts: [StatePart], _ names: StateNames) async throws {
        _ = try await inParallel(parts, width: configuration.parallelParts) { stray in
            guard let part = try await part(stray.name), part.resourceVersion == stray.resourceVersion else { return }
            try await settledOrOvertaken(part.secret.holding(part.payload, names))
        }
    }

    /// Takes the name of a write off that an engine wrote over: it would be taken for pending if the state that it was
    /// committed on came back.
    private func forgetWrite(on part: StatePart, _ names: StateNames) async throws {
        var secret = SecretValue(
            part.secret, key: StatePart.dataKey, bytes: part.payload.isEmpty ? nil : part.payload)
        secret.object.setAnnotation(OwnSecrets.writeAnnotation, nil)
        try await settledOrOvertaken(secret)
    }

    private func settledOrOvertaken(_ secret: SecretValue) async throws {
        do {
            try await settleSecret(secret)
        } catch let error as KubernetesError where error.isConflict || error.code == .notFound {
            // The next look tells.
        }
    }
}
