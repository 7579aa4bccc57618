internal import KubernetesAPI
internal import OrderedJSON

/// Writes that touch more than one Secret. There is no transaction over several objects, so such a write has a commit point,
/// one compare-and-swap on part 0, and a way forward from it that anybody can go.
///
/// 1. Stage: every new part in a Secret of our own. Until the commit, the old state is the state.
/// 2. Commit: part 0, its payload untouched, gets an annotation that names the staged parts. From here on the new state is
///    the state: who finds the annotation reads the staged parts.
/// 3. Fill the parts from the staged ones, retire surplus ones, and last write part 0, without the annotation.
///
/// A part is only ever replaced in a version that was read while the write was known to be pending, so that whoever wakes up
/// late finds another version there. A part that is new is created outside of the engines' selector first, for the same
/// reason: it has a version to compare with, and does no harm where it is not needed any more.
extension StateStore {
    /// - Parameters:
    ///   - note: what stands on part 0 of the new state.
    ///   - lockID: the lock that the writer holds.
    func replaceInParts(
        _ reading: StateReading, with payloads: [[UInt8]], note: SaveNote?, lockID: String?, _ names: StateNames
    ) async throws {
        let staged = try await stage(payloads, base: reading.base, names)
        let prefix = names.staged("").count
        let first = reading.parts.first
        let write = PendingWrite(
            identifier: OwnSecrets.freshIdentifier(), over: sha256(first?.payload ?? payloads[0]),
            payload: sha256(payloads),
            staged: staged.map { String(($0.objectName ?? "").dropFirst(prefix)) }, lock: lockID)
        // A state that was not there gets its part 0 with the commit: an engine then sees a damaged state, never an empty one.
        var secret =
            first.map { part in
                part.payload.isEmpty
                    ? SecretValue(part.secret, key: StatePart.dataKey, bytes: nil)
                    : part.secret.holding(part.payload, names)
            } ?? reading.newPartZero(names, namespace: namespace, payload: payloads[0])
        secret.object.setAnnotation(OwnSecrets.writeAnnotation, write.text)
        // It names the new state, and is true when that is in its place.
        secret.object.setAnnotation(SaveNote.annotation, note?.text)
        let committed = try await settleSecret(secret)
        do {
            try await fill(write, payloads, over: [committed] + reading.parts.dropFirst().map(\.secret), names)
        } catch let error as KubernetesError where error.isConflict {
            throw failure(
                .unsettled, names.environment,
                "the new state is written, but others change its parts all the time; the next reader puts it in its place "
                    + "(\(error.cause))")
        }
        try await release(staged, names)
    }

    /// Finishes a write that is past its commit point, from what it staged.
    ///
    /// - Parameter reading: what was read with the annotation.
    func complete(_ write: PendingWrite, _ reading: StateReading, _ names: StateNames) async throws {
        try await fill(write, reading.pendingPayloads, over: reading.parts.map(\.secret), names)
        try await release(reading.staged, names)
    }

    /// - Parameter parts: part 0 with the annotation, and others in the versions that they had before it was put there.
    private func fill(
        _ write: PendingWrite, _ payloads: [[UInt8]], over parts: [JSON], _ names: StateNames
    ) async throws {
        let first = parts[0]
        let places = try await inParallel(
            Array(payloads.indices.dropFirst()), width: configuration.parallelParts
        ) { index in
            if parts.indices.contains(index) { return StatePart(secret: parts[index]) }
            return try await place(index, names)
        }
        if payloads.count > parts.count, try await !isPending(write, on: first, names) {
            return try await giveWay(write, [], names)
        }
        let filled = try await inParallel(Array(places.enumerated()), width: configuration.parallelParts) {
            try await fill($0 + 1, payloads[$0 + 1], write, over: $1, names)
        }
        let written = filled.compactMap(\.written)
        guard filled.allSatisfy(\.isPending) else { return try await giveWay(write, written, names) }
        guard try await retireParts(from: payloads.count, of: write, on: first, names),
            try await finish(write, payloads[0], over: first, names)
        else { return try await giveWay(write, written, names) }
    }

    /// The Secret that a part goes into which is not known yet: the one of its name, or a new one outside of the engines'
    /// selector.
    private func place(_ index: Int, _ names: StateNames) async throws -> StatePart {
        var secret: JSON = ["apiVersion": "v1", "kind": "Secret"]
        secret["metadata"] = ["name": .string(names.part(index)), "namespace": .string(namespace)]
        for (key, value) in OwnSecrets.labels(.retired, names.environment) { secret.setLabel(key, value) }
        secret["type"] = "Opaque"
        do {
            return StatePart(secret: try await client.create(.secret, namespace: namespace, secret))
        } catch let error as KubernetesError {
            // There, or perhaps there: whatever it is, it is what is written over.
            guard let part = try await part(names.part(index)) else { throw error }
            return part
        }
    }

    private struct Filled {
        /// False when the write is over: somebody finished it, or wrote over it.
        var isPending = true
        /// The part, where it was written here.
        var written: JSON?
    }

    /// Writes one part other than part 0.
    ///
    /// - Parameter place: the Secret, in a version that it had while the write was pending, or before.
    private func fill(
        _ index: Int, _ payload: [UInt8], _ write: PendingWrite, over place: StatePart, _ names: StateNames
    ) async throws -> Filled {
        var place = place
        for attempt in 1...8 {
            if place.payload == payload, place.hasLabels(of: names) { return Filled() }
            do {
                return Filled(written: try await settleSecret(place.secret.holding(payload, names)))
            } catch let error as KubernetesError where error.isConflict || error.code == .notFound {
                guard attempt < 8 else { throw error }
            }
            // Whoever else finishes this write puts the same there.
            place = try await self.place(index, names)
            guard try await pendingPart(of: write, names) != nil else { return Filled(isPending: false) }
        }
        return Filled(isPending: false)
    }

    /// Whether a write is still pending.
    ///
    /// - Parameter first: part 0 as it was read or written with the annotation. In that version it needs no second look.
    func isPending(_ write: PendingWrite, on first: JSON, _ names: StateNames) async throws -> Bool {
        guard let metadata = try await partZeroMetadata(names),
            metadata.objectAnnotations[OwnSecrets.writeAnnotation].flatMap({ PendingWrite(parsing: $0) }) == write
        else { return false }
        if metadata.resourceVersion == first.resourceVersion { return true }
        // An engine that wrote over it kept the annotation.
        return try await pendingPart(of: write, names) != nil
    }

    /// Part 0, if it still names the write and has the payload of the commit.
    private func pendingPart(of write: PendingWrite, _ names: StateNames) async throws -> JSON? {
        guard let part = try await part(names.secret), PendingWrite(on: part) == write else { return nil }
        return part.secret
    }

    /// The last step: part 0, without the annotation.
    ///
    /// - Returns: false when the write is over.
    private func finish(
        _ write: PendingWrite, _ payload: [UInt8], over first: JSON, _ names: StateNames
    ) async throws -> Bool {
        var first = first
        for _ in 0..<8 {
            var wanted = first.holding(payload, names)
            wanted.object.setAnnotation(OwnSecrets.writeAnnotation, nil)
            do {
                try await settleSecret(wanted)
                return true
            } catch let error as KubernetesError where error.isConflict || error.code == .notFound {
                guard let pending = try await pendingPart(of: write, names) else { return false }
                first = pending
            }
        }
        throw failure(
            .unsettled, names.environment, "part 0 is changed all the time; the next reader finishes the write")
    }

    /// A committed write that is no longer pending was finished by somebody else, unless an engine wrote over it. Parts that
    /// were written here since are then too many, and are taken away again.
    private func giveWay(_ write: PendingWrite, _ written: [JSON], _ names: StateNames) async throws {
        let reading = try await read(names)
        if let surplus = reading.surplus {
            for part in written where names.partIndex(part.objectName ?? "") ?? 0 >= surplus {
                try await retire(part, names)
            }
        }
        // Or it was not pending for a moment only: what was staged for it must stay.
        if reading.pending == write {
            throw failure(
                .unsettled, names.environment, "part 0 is changed all the time; the next reader finishes the write")
        }
        let annotation = reading.parts.first?.secret.objectAnnotations[OwnSecrets.writeAnnotation]
        guard reading.pending == nil, annotation?.contains(write.identifier) == true else { return }
        throw failure(
            .changed, names.environment,
            "an engine that does not hold the lock overwrote the state while it was written")
    }
}
