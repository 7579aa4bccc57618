internal import KubernetesAPI
internal import OrderedJSON

/// A state that was written, without its bytes: what the next save under the same lock begins from, if it is still there.
public struct SavedState: Sendable, Hashable {
    /// Which state it is.
    public let revision: StateRevision
    let facts: StateFacts
    /// The Secret that it stands in, without the payload.
    let secret: JSON

    /// - Parameter secret: as the cluster has it since it was written.
    init(_ environment: EnvironmentID, _ facts: StateFacts, _ secret: JSON) {
        revision = StateRevision(environment: environment, versions: [secret.resourceVersion ?? ""])
        self.facts = facts
        self.secret = secret
    }

    var reading: StateReading {
        StateReading(
            parts: [StatePart(secret: secret)], pending: nil, pendingPayloads: [], content: nil, payloadSize: 0)
    }
}

extension StateStore {
    /// Writes over what the same writer saved under the same lock, without reading it again.
    ///
    /// The cluster is asked whether it is what is there, and the write is compared with that version, as every other.
    ///
    /// - Returns: nil where the state has to be read first.
    func push(
        _ new: NewState, over saved: SavedState, _ names: StateNames, _ options: PushOptions
    ) async throws -> PushResult? {
        let reading = saved.reading
        guard let lock = options.seenLock, lock.id == options.lockID, saved.revision.environment == names.environment,
            isRepetition(of: saved.facts, reading, options), try await isCurrent(saved.revision)
        else { return nil }
        try check(new.facts, reading, saved.facts, lock: nil, names.environment, options)
        if saved.facts.sha256 == new.facts.sha256 {
            return PushResult(
                isChanged: false, serial: new.facts.serial, replacedSerial: saved.facts.serial, keptVersion: nil,
                partCount: 1, saved: saved)
        }
        // One of several parts is written in another way.
        let payloads = try await new.parts(limit: configuration.partLimit)
        guard let payloads, payloads.count == 1 else { return nil }
        let secret = try await replace(reading, with: payloads, new.facts, names, options)
        return PushResult(
            isChanged: true, serial: new.facts.serial, replacedSerial: saved.facts.serial, keptVersion: nil,
            partCount: 1, saved: secret.map { SavedState(names.environment, new.facts, $0) })
    }
}
