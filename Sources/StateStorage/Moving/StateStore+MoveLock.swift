internal import KubernetesAPI
internal import OrderedJSON
internal import TerraformState

/// A lock that a move holds: the Lease as it was when it was written, which every further step is compared with.
///
/// As long as the Lease is of this version, nobody else has held the lock since.
struct MoveLock: Sendable {
    let lease: JSON
    let note: MoveNote
    /// Of the move that held it before; nil where nobody did.
    var previous: MoveNote?
}

extension StateStore {
    /// Takes a lock for a move: a free one, or one that an earlier attempt, or the signpost of another move, holds.
    ///
    /// - Parameter note: what to write on it, given the note of the move that holds it; nil for one that must be waited for.
    func takeMoveLock(
        _ names: StateNames, waitingUpTo timeout: Duration, _ note: (MoveNote?) -> MoveNote?
    ) async throws -> MoveLock {
        let start = ContinuousClock.now
        while true {
            let lease = try await lease(names)
            let held = lease.flatMap { HeldLock($0, names.environment) }
            let left = timeout - (ContinuousClock.now - start)
            if let wanted = held == nil ? note(nil) : held?.move.flatMap({ note($0) }) {
                do {
                    var lock = try await write(wanted, on: lease, names)
                    lock.previous = held?.move
                    return lock
                } catch let error as KubernetesError where error.isConflict {
                    // Somebody was faster: look who.
                    try await Task.sleep(for: .milliseconds(20) * Double.random(in: 0..<1))
                    continue
                }
            }
            guard let held else { continue }
            guard left > .zero else {
                throw await heldError(held, waited: timeout > .zero ? ContinuousClock.now - start : .zero)
            }
            try await Task.sleep(for: min(configuration.longestLockPause * Double.random(in: 0.5..<1), left))
        }
    }

    /// - Parameter lease: as it was read; nil where there was none.
    func write(_ note: MoveNote, on lease: JSON?, _ names: StateNames) async throws -> MoveLock {
        let info = LockInfo(
            id: note.lockID, operation: "stowage state move", info: note.explanation, who: note.who,
            version: configuration.programVersion, created: note.time)
        var wanted = lease ?? StateLease.new(names, namespace: namespace)
        wanted.setAnnotation(StateLease.infoAnnotation, info.json.text)
        wanted.setAnnotation(StateLease.moveAnnotation, note.text)
        wanted["spec", "holderIdentity"] = .string(note.lockID)
        let written = try await client.settle(.lease, namespace: namespace, wanted) { MoveNote(on: $0) == note }
        return MoveLock(lease: written, note: note)
    }

    /// Gives a lock back if the note on it is still that one.
    func release(_ note: MoveNote, _ names: StateNames) async throws {
        for _ in 0..<8 {
            guard let lease = try await lease(names), MoveNote(on: lease) == note else { return }
            var free = lease
            free["spec", "holderIdentity"] = nil
            free.setAnnotation(StateLease.infoAnnotation, nil)
            free.setAnnotation(StateLease.moveAnnotation, nil)
            do {
                _ = try await client.settle(.lease, namespace: namespace, free) { MoveNote(on: $0) != note }
                return
            } catch let error as KubernetesError where error.isConflict {
                // Changed since: look again whether it is ours.
            }
        }
    }

    /// Where the state of an environment went; nil where no move took it away.
    func signpost(_ names: StateNames) async throws -> MoveNote? {
        guard let note = try await lease(names).flatMap({ MoveNote(on: $0) }), note.phase == .left else { return nil }
        return note
    }

    /// That an environment has no state here, and what to do about it.
    public func absence(_ environment: EnvironmentID) async throws -> StateStoreError {
        let names = StateNames(environment)
        if let note = try await signpost(names) { return departure(note, environment) }
        return failure(
            .absent, environment, "it has no state here; `stowage state list -n \(namespace)` shows which have one")
    }

    func departure(_ note: MoveNote, _ environment: EnvironmentID) -> StateStoreError {
        failure(
            .moved, environment,
            "its state was moved to \(note.place) (by \(note.who), \(note.time)); use that one, in the backend blocks of "
                + "engines too")
    }

    /// Sees to it that a state that was moved elsewhere is not begun anew here.
    func checkPresence(_ reading: StateReading, _ names: StateNames) async throws {
        guard reading.content == nil else { return }
        if let note = try await signpost(names) { throw departure(note, names.environment) }
        guard reading.vacant != nil else { return }
        throw failure(
            .moved, names.environment,
            "its state was moved elsewhere, and the signpost was taken off its lock; to begin with an empty state here, "
                + "delete what is left: kubectl delete secret \(names.secret) -n \(namespace)")
    }
}
