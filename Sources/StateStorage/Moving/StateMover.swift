internal import KubernetesAPI
internal import OrderedJSON
internal import TerraformState

/// Moves one environment's state from one place to another.
///
/// 1. Take the source's lock, with a note that says where the state goes; then the destination's.
/// 2. Copy the history and the state, and compare both with the source.
/// 3. Commit: one compare-and-swap turns the note on the source's lock into a signpost. Until then the source is the truth,
///    from here on the destination is.
/// 4. Retire what the source has left, and give the destination's lock back. The source's lock stays held: engines that look
///    there stop, and say where the state is.
///
/// Both locks are held from before the copy to after the commit, so that no engine writes in between. Whoever starts the
/// same move again takes the locks over from the notes and goes on. Every write is compared with a version that was read while
/// the lock was held, so that a mover that slept through all of this changes nothing when it wakes.
struct StateMover: Sendable {
    let source: StateStore
    let destination: StateStore
    let names: StateNames
    /// Of this attempt.
    private let identifier = OwnSecrets.freshIdentifier()

    init(from source: StateStore, to destination: StateStore, _ names: StateNames) {
        self.source = source
        self.destination = destination
        self.names = names
    }

    private var environment: EnvironmentID { names.environment }

    func move(waitingUpTo timeout: Duration) async throws -> MoveResult {
        guard source.place != destination.place else { throw samePlace() }
        if let note = try await source.signpost(names) {
            guard note.place == destination.place else { throw source.departure(note, environment) }
            return try await goOn(from: note)
        }
        let departure = try await source.takeMoveLock(names, waitingUpTo: timeout) { held in
            guard held == nil || held?.phase == .leaving && held?.place == destination.place else { return nil }
            return note(.leaving, to: destination.place, by: source)
        }
        let copy: (summary: MoveResult, arrival: MoveLock, signpost: MoveLock)
        do {
            let copied = try await copyAll(waitingUpTo: timeout)
            copy = (copied.summary, copied.arrival, try await commit(departure, copied.arrival))
        } catch {
            // The note says whether the commit was made; if it was, it is not this one any more, and the lock stays.
            await cleaningUp { try await source.release(departure.note, names) }
            throw error
        }
        try await finish(copy.signpost.note, arrival: copy.arrival.note)
        return copy.summary
    }

    private func note(_ phase: MoveNote.Phase, to place: StatePlace, by store: StateStore) -> MoveNote {
        MoveNote(
            move: identifier, lockID: StateStore.freshUUID(), phase: phase, place: place,
            who: store.configuration.writer)
    }

    /// A task of its own, waited for: a cancelled one could not send requests any more.
    private func cleaningUp(_ body: @escaping @Sendable () async throws -> Void) async {
        await Task { try? await body() }.value
    }

    // MARK: - After the commit

    /// The state is at the destination already: what is left to do is done.
    private func goOn(from signpost: MoveNote) async throws -> MoveResult {
        guard let there = try await destination.readSettled(names).file() else {
            throw destination.failure(
                .absent, environment,
                "it has no state here, although a signpost in \(source.place) says that it was moved here; what may be "
                    + "left there was not touched")
        }
        let arrival = try await destination.lease(names).flatMap { MoveNote(on: $0) }
        try await finish(signpost, arrival: arrival?.move == signpost.move ? arrival : nil)
        return MoveResult(
            environment: environment, isChanged: false, serial: there.serial, partCount: nil, versionCount: nil)
    }

    private func finish(_ signpost: MoveNote, arrival: MoveNote?) async throws {
        do {
            try await source.retireLeftovers(signpost, names)
        } catch {
            // The state can be used where it is all the same.
            if let arrival { await cleaningUp { try await destination.release(arrival, names) } }
            throw error
        }
        if let arrival { try await destination.release(arrival, names) }
    }

    // MARK: - Before the commit

    private func copyAll(waitingUpTo timeout: Duration) async throws -> (summary: MoveResult, arrival: MoveLock) {
        let reading = try await source.settled(try await source.read(names), names)
        guard let file = try reading.file() else { throw try await source.absence(environment) }
        var arrival = try await arrive(waitingUpTo: timeout)
        do {
            let there = try await destination.settled(try await destination.read(names), names)
            let known = try await destination.secretMetadata([OwnSecrets.environmentLabel: "\(environment)"])
            let parts = try await source.secrets(of: reading, names).map { SecretCopy(part: $0, names) }
            if arrival.note.phase == .asking {
                try await checkVacancy(there, parts)
                arrival = try await destination.write(arrival.note.turned(.arriving), on: arrival.lease, names)
            } else {
                // What was read since the lock was taken is older than what others have put there since they took it.
                let lease = try await destination.lease(names)
                guard lease?.resourceVersion == arrival.lease.resourceVersion else { throw changedThere() }
                try checkAge(of: there, against: file)
            }
            if case .failure(let error) = there.content, error.code != .damaged { throw error }
            let history = try await copyHistory(over: known)
            try await copyState(parts, over: there, arrival)
            try await verify(reading, parts, history)
            return (
                MoveResult(
                    environment: environment, isChanged: true, serial: file.serial, partCount: parts.count,
                    versionCount: history.count(where: \.isVersion)), arrival
            )
        } catch {
            // Nothing of ours is there yet. An unfinished copy stays locked, so that no engine goes on from it.
            if arrival.note.phase == .asking {
                let note = arrival.note
                await cleaningUp { try await destination.release(note, names) }
            } else {
                await putBackSignpost(arrival)
            }
            throw error
        }
    }

    /// Compared with the version of the Lease that this attempt wrote: nobody has held the lock since.
    private func commit(_ departure: MoveLock, _ arrival: MoveLock) async throws -> MoveLock {
        do {
            return try await source.write(departure.note.turned(.left), on: departure.lease, names)
        } catch let error as KubernetesError where error.isConflict {
            // It is known that it was not made, which no other failure tells.
            await putBackSignpost(arrival)
            throw error
        }
    }

    /// Where a signpost stood when this attempt came: an unfinished copy behind it is nobody's either.
    private func putBackSignpost(_ arrival: MoveLock) async {
        guard let signpost = arrival.previous, signpost.phase == .left else { return }
        await cleaningUp { _ = try await destination.write(signpost, on: arrival.lease, names) }
    }

    private func arrive(waitingUpTo timeout: Duration) async throws -> MoveLock {
        do {
            return try await destination.takeMoveLock(names, waitingUpTo: timeout) { held in
                let phase: MoveNote.Phase
                switch held?.phase {
                case nil: phase = .asking
                // From here it went elsewhere, and back it comes: what it left is nobody's.
                case .left: phase = .arriving
                case .asking where held?.place == source.place: phase = .asking
                case .arriving where held?.place == source.place: phase = .arriving
                default: return nil
                }
                return note(phase, to: source.place, by: destination)
            }
        } catch let error as LockHeldError where error.lock.move?.move == identifier {
            // Two addresses, one cluster.
            throw samePlace()
        }
    }

    private func samePlace() -> StateStoreError {
        source.failure(.samePlace, environment, "this is where it is to be moved to; name another namespace or cluster")
    }

    /// What a move has left behind its signpost, or copied and not finished, is older than what is copied over it. Anything
    /// else was put there since, and against the lock.
    private func checkAge(of there: StateReading, against file: StateFile) throws {
        guard case .success(let older) = there.content else { return }
        guard StateGuard.objections(to: StateFacts(file), over: StateFacts(older), isDestroy: true).isEmpty else {
            throw occupied(older)
        }
    }

    private func checkVacancy(_ there: StateReading, _ parts: [SecretCopy]) async throws {
        if let file = try there.file(), try await copies(of: there) != parts { throw occupied(file) }
        let versions = try await destination.keptHistory(names).versions
        for name in versions.map(\.name) {
            let (theirs, ours) = (try await destination.secret(name), try await source.secret(name))
            guard let theirs, let ours, SecretCopy(of: theirs) == SecretCopy(of: ours) else {
                throw destination.failure(
                    .occupied, environment,
                    "a history of this environment is kept here already (Secret \(name)); look at it with `stowage state "
                        + "history`, and remove it with `stowage state remove` before another state is moved here")
            }
        }
    }

    private func occupied(_ file: StateFile) -> StateStoreError {
        destination.failure(
            .occupied, environment,
            "there is another state here already (serial \(file.serial), lineage \(file.lineage)); look at it with `stowage "
                + "state show`, and remove it with `stowage state remove` if it is not needed")
    }

    private func copies(of reading: StateReading) async throws -> [SecretCopy] {
        try await destination.secrets(of: reading, names).map { SecretCopy(of: $0) }
    }

    private func copyState(_ parts: [SecretCopy], over there: StateReading, _ arrival: MoveLock) async throws {
        let payloads = parts.map(\.payload)
        var isSame = false
        if case .success = there.content { isSame = try await copies(of: there).map(\.payload) == payloads }
        if !isSame {
            try await destination.replace(
                there, with: try payloads.map { try Base64.decode($0) }, lockID: arrival.note.lockID, names)
        }
        // The payload is there. What else the Secrets say follows, which changes nothing for engines.
        let copied = try await destination.settled(try await destination.read(names), names)
        let secrets = try await destination.secrets(of: copied, names)
        guard secrets.map({ SecretCopy(of: $0).payload }) == payloads else { throw changedThere() }
        for (secret, part) in zip(secrets, parts) where SecretCopy(of: secret) != part {
            try await destination.settleSecret(part.secret(over: secret["metadata"]))
        }
    }

    /// Copies every Secret of the history, and takes away what a copy before this one has too many.
    ///
    /// - Parameter found: the metadata of the destination's Secrets, read while its lock was held.
    private func copyHistory(over found: [JSON]) async throws -> [SecretCopy] {
        let listed = try await source.secretMetadata(OwnSecrets.labels(.history, environment))
        let known = Dictionary(found.map { ($0.objectName ?? "", $0) }) { first, _ in first }
        let copies = try await inParallel(listed, width: source.configuration.parallelParts) { metadata in
            let name = metadata.objectName ?? ""
            guard let secret = try await source.secret(name) else { throw changedHere() }
            let copy = SecretCopy(of: secret)
            if known[name] != nil, try await destination.secret(name).map({ SecretCopy(of: $0) }) == copy {
                return copy.withoutData
            }
            let new: JSON = ["name": .string(name), "namespace": .string(destination.namespace)]
            try await destination.settleSecret(copy.secret(over: known[name]?["metadata"] ?? new))
            return copy.withoutData
        }
        let names = Set(copies.map(\.name))
        let history = OwnSecrets.labels(.history, environment)
        for (name, metadata) in known where !names.contains(name) {
            guard history.allSatisfy({ metadata.objectLabels[$0.key] == $0.value }) else { continue }
            try await destination.retire(metadata, self.names, note: nil)
        }
        return copies
    }

    /// Reads both places again.
    private func verify(_ reading: StateReading, _ parts: [SecretCopy], _ history: [SecretCopy]) async throws {
        let here = try await source.read(names)
        guard here.parts.map(\.resourceVersion) == reading.parts.map(\.resourceVersion) else { throw changedHere() }
        let there = try await destination.read(names)
        _ = try there.file()
        guard there.pending == nil, try await copies(of: there) == parts else { throw changedThere() }
        try await verifyHistory(history)
    }

    private func verifyHistory(_ copies: [SecretCopy]) async throws {
        let labels = OwnSecrets.labels(.history, environment)
        async let here = source.secretMetadata(labels)
        async let there = destination.secretMetadata(labels)
        let versions = try await here.map { "\($0.objectName ?? "") \($0.resourceVersion ?? "")" }
        guard Set(versions) == Set(copies.map { "\($0.name) \($0.version ?? "")" }) else { throw changedHere() }
        guard Set(try await there.compactMap(\.objectName)) == Set(copies.map(\.name)) else { throw changedThere() }
        _ = try await inParallel(copies, width: destination.configuration.parallelParts) { copy in
            let found = try await destination.secret(copy.name).map { SecretCopy(of: $0).withoutData }
            guard let found, found.digest == copy.digest else { throw changedThere() }
        }
    }

    private func changedHere() -> StateStoreError {
        source.failure(
            .changed, environment, "somebody who does not heed the lock changed it while it was copied; move it again")
    }

    private func changedThere() -> StateStoreError {
        destination.failure(
            .changed, environment,
            "somebody who does not heed the lock changed the copy while it was made; move it again")
    }
}

extension StateStore {
    /// The Secrets of a state as they were read, whole.
    func secrets(of reading: StateReading, _ names: StateNames) async throws -> [JSON] {
        try await inParallel(reading.parts, width: configuration.parallelParts) { part in
            guard let secret = try await secret(part.name), secret.resourceVersion == part.resourceVersion else {
                throw failure(.changed, names.environment, "it was changed while it was read; try again")
            }
            return secret
        }
    }
}
