internal import KubernetesAPI
internal import OrderedJSON

/// Writes that touch more than one Secret. There is no transaction over several objects, so such a write has a commit point,
/// one compare-and-swap on part 0, and a way forward from it that anybody can go.
///
/// 1. Stage: every new part in a Secret of our own. Until the commit, the old state is the state.
/// 2. Commit: part 0, its payload untouched, gets an annotation that names the staged parts. From here on the new state is
///    the state: who finds the annotation reads the staged parts.
/// 3. Fill the parts from the staged ones, retire surplus ones, and last write part 0, without the annotation.
extension StateStore {
    func replaceInParts(_ reading: StateReading, with payloads: [[UInt8]], _ names: StateNames) async throws {
        let staged = try await stage(payloads, base: reading.base, names)
        let prefix = names.staged("").count
        let first = reading.parts.first
        let write = PendingWrite(
            identifier: OwnSecrets.freshIdentifier(), over: sha256(first?.payload ?? payloads[0]),
            payload: sha256(payloads),
            staged: staged.map { String(($0.objectName ?? "").dropFirst(prefix)) })
        // A state that was not there gets its part 0 with the commit: an engine then sees a damaged state, never an empty one.
        var secret =
            first.map { part in
                part.payload.isEmpty
                    ? SecretValue(part.secret, key: StatePart.dataKey, bytes: nil)
                    : part.secret.holding(part.payload, names)
            } ?? reading.newPartZero(names, namespace: namespace, payload: payloads[0])
        secret.object.setAnnotation(OwnSecrets.writeAnnotation, write.text)
        let committed = try await settleSecret(secret)
        try await fill(write, payloads, over: [committed] + reading.parts.dropFirst().map(\.secret), names)
        try await release(staged, names)
    }

    /// Finishes a write that is past its commit point, from what it staged.
    ///
    /// - Parameter reading: what was read with the annotation.
    func complete(_ write: PendingWrite, _ reading: StateReading, _ names: StateNames) async throws {
        try await fill(write, reading.pendingPayloads, over: reading.parts.map(\.secret), names)
        try await release(reading.staged, names)
    }

    private func fill(
        _ write: PendingWrite, _ payloads: [[UInt8]], over parts: [JSON], _ names: StateNames
    ) async throws {
        let filled = try await inParallel(
            Array(payloads.enumerated().dropFirst()), width: configuration.parallelParts
        ) { index, payload in
            let known = parts.indices.contains(index) ? .some(parts[index]) : JSON?.none
            return try await fill(index, payload, write, known: known, names)
        }
        guard filled.allSatisfy(\.self) else { return try await checkSuccession(of: write, names) }
        try await retireParts(from: payloads.count, of: write, names)
        try await finish(write, payloads[0], parts[0], names)
    }

    /// Writes one part other than part 0.
    ///
    /// - Parameter known: the part as it was read before the commit; nil where there was none.
    /// - Returns: false when the write is no longer pending: somebody finished it, or wrote over it.
    private func fill(
        _ index: Int, _ payload: [UInt8], _ write: PendingWrite, known: JSON?, _ names: StateNames
    ) async throws -> Bool {
        var known = known
        for attempt in 0..<8 {
            let wanted =
                known?.holding(payload, names)
                ?? StatePart.new(names, index: index, namespace: namespace, payload: payload)
            do {
                let written = try await settleSecret(wanted)
                if case .some = known { return true }
                return try await confirm(written, of: write, names)
            } catch let error as KubernetesError where error.isConflict || error.code == .notFound {
                // Whoever else finishes this write puts the same there. A retired part is there already, too.
                let part = try await part(names.part(index))
                known = part?.secret
                if let part, part.payload == payload,
                    names.labels.allSatisfy({ part.secret.objectLabels[$0.key] == $0.value })
                {
                    return true
                }
                guard try await pendingPart(of: write, names) != nil else { return false }
                guard attempt < 7 else { throw error }
            }
        }
        return false
    }

    /// Sees to it that a part that was just created is one of the state's. Where others finished the write, made the state
    /// smaller and deleted parts in the meantime, it is one too many, which no compare-and-swap tells.
    ///
    /// - Returns: false when the write is no longer pending.
    private func confirm(_ part: JSON, of write: PendingWrite, _ names: StateNames) async throws -> Bool {
        if try await isNamed(write, names) { return true }
        if case .failure(let error) = try await readSettled(names).content, error.code == .damaged {
            try await retire(part, names)
        }
        return false
    }

    /// Whether part 0 still names the write.
    private func isNamed(_ write: PendingWrite, _ names: StateNames) async throws -> Bool {
        try await partZeroMetadata(names)?.objectAnnotations[OwnSecrets.writeAnnotation] == write.text
    }

    /// Part 0, if it still names the write and has the payload of the commit.
    private func pendingPart(of write: PendingWrite, _ names: StateNames) async throws -> JSON? {
        guard let part = try await part(names.secret), PendingWrite(on: part) == write else { return nil }
        return part.secret
    }

    /// The last step: part 0, without the annotation.
    private func finish(_ write: PendingWrite, _ payload: [UInt8], _ first: JSON, _ names: StateNames) async throws {
        var first = first
        for _ in 0..<8 {
            var wanted = first.holding(payload, names)
            wanted.object.setAnnotation(OwnSecrets.writeAnnotation, nil)
            do {
                try await settleSecret(wanted)
                return
            } catch let error as KubernetesError where error.isConflict || error.code == .notFound {
                guard let pending = try await pendingPart(of: write, names) else {
                    return try await checkSuccession(of: write, names)
                }
                first = pending
            }
        }
        throw failure(
            .unsettled, names.environment, "part 0 is changed all the time; the next reader finishes the write")
    }

    /// A committed write that is no longer pending was finished by somebody else, unless an engine wrote over it.
    private func checkSuccession(of write: PendingWrite, _ names: StateNames) async throws {
        guard
            try await partZeroMetadata(names)?.objectAnnotations[OwnSecrets.writeAnnotation]?
                .contains(write.identifier) == true
        else { return }
        throw failure(
            .changed, names.environment,
            "an engine that does not hold the lock overwrote the state while it was written")
    }

    /// Takes parts that the state does not need any more away from the engines: deleted where that is granted, else emptied
    /// and relabelled. The state is not finished before none is left: engines would read them as part of it.
    private func retireParts(from count: Int, of write: PendingWrite, _ names: StateNames) async throws {
        for _ in 0..<5 {
            let surplus = try await secretMetadata(names.labels).filter {
                names.partIndex($0.objectName ?? "") ?? 0 >= count
            }
            guard let first = surplus.first else { return }
            // Checked after the list: what was listed is then older than any state that others may have written since, whose
            // parts a compare-and-swap with the listed versions leaves alone.
            guard try await isNamed(write, names) else { return }
            let mayDelete = try await delete(first)
            _ = try await inParallel(
                mayDelete ? Array(surplus.dropFirst()) : surplus, width: configuration.parallelRequests
            ) { metadata in
                if mayDelete, try await delete(metadata) { return }
                try await retire(metadata, names)
            }
        }
        throw failure(.unsettled, names.environment, "surplus parts are changed all the time; the next reader goes on")
    }

    /// - Returns: false where the Role does not grant it, or it did not work out.
    func delete(_ object: JSON) async throws -> Bool {
        do {
            try await client.delete(
                .secret, namespace: namespace, name: object.objectName ?? "", resourceVersion: object.resourceVersion)
            return true
        } catch is KubernetesError {
            return false
        }
    }

    /// - Parameter note: of the move that took the content elsewhere; nil where it is no longer needed.
    func retire(_ object: JSON, _ names: StateNames, note: MoveNote? = nil) async throws {
        var secret: JSON = ["apiVersion": "v1", "kind": "Secret"]
        secret["metadata"] = object["metadata"]
        for key in names.labels.keys { secret.setLabel(key, nil) }
        for (key, value) in OwnSecrets.labels(.retired, names.environment) { secret.setLabel(key, value) }
        secret.setAnnotation(OwnSecrets.movedAnnotation, note?.text)
        secret["type"] = "Opaque"
        secret["data"] = [:]
        do {
            try await settleSecret(secret)
        } catch let error as KubernetesError where error.isConflict || error.code == .notFound {
            // Deleted, or changed: the next look tells.
        }
    }
}
