internal import KubernetesAPI
internal import OrderedJSON
public import TerraformState

/// What a removal did.
public struct RemovalResult: Sendable, Hashable {
    /// Whose state was removed.
    public let environment: EnvironmentID
    /// Of the state that was removed; nil where there was only a history.
    public let serial: UInt64?
    /// How many Secrets were deleted, those of the history included.
    public let secretCount: Int
    /// Whether the lock is gone too; else it is left, free, since the Role does not grant to delete it.
    public let isLockDeleted: Bool
}

/// A reason to refuse a removal. Each can be overridden, by its name only.
public enum RemovalObjection: String, Sendable, Hashable, CaseIterable {
    /// The state still has resources, or it is not known whether it has.
    case resources
    /// The state cannot be read, so that no copy of it can be kept. What a removal that died half-way has left is such a one.
    case damaged
}

/// A removal that was refused; nothing was changed.
public struct RemovalRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    /// Whose state it is.
    public let environment: EnvironmentID
    /// The namespace of the state.
    public let namespace: String
    /// What speaks against it.
    public let objection: RemovalObjection
    /// What is the matter, as a part of a sentence.
    let reason: String

    public var description: String {
        "the state of environment \(environment) in namespace \(namespace) was not removed: \(reason); if it must be "
            + "removed all the same, pass --force \(objection.rawValue)"
    }
}

extension StateStore {
    /// Removes an environment's state, its history, and its lock.
    ///
    /// Needs `delete` on Secrets, which is asked for before anything is changed. Takes the lock. Part 0 goes first, compared
    /// with the version that was read: from there on there is no state, and who finds the rest finds a damaged one, never an
    /// empty one. Where it is interrupted, remove it again.
    ///
    /// - Parameters:
    ///   - forced: objections that are overridden.
    ///   - backup: is given what is about to be deleted, and must have made it durable when it returns. Not called where there
    ///     is nothing that can be read. Of an environment that has only a history, it is the newest version.
    /// - Throws: `RemovalRefusal`; `LockHeldError`; `StateStoreError` with code `absent`, `moved`, or what is wrong with a state
    ///   that cannot be read; `KubernetesError`, with code `forbidden` where the right is missing.
    @discardableResult
    public func remove(
        _ environment: EnvironmentID, forced: Set<RemovalObjection> = [], waitingUpTo timeout: Duration = .zero,
        backup: (StateFile) async throws -> Void
    ) async throws -> RemovalResult {
        let names = StateNames(environment)
        try await checkMayDelete(names)
        let info = lockInfo(operation: "stowage state remove")
        try await lock(environment, info, waitingUpTo: timeout)
        do {
            return try await removeLocked(names, info, forced, backup)
        } catch {
            await Task { try? await unlock(environment, id: info.id) }.value
            throw error
        }
    }

    /// Asks the cluster to check a deletion that is not carried out.
    private func checkMayDelete(_ names: StateNames) async throws {
        do {
            try await client.delete(.secret, namespace: namespace, name: names.secret, dryRun: true)
        } catch let error as KubernetesError where error.code == .notFound {
            // There is no such Secret: the right to it is there.
        } catch let error as KubernetesError where error.code == .forbidden {
            throw failure(
                .missingRight, names.environment,
                "it was not removed, since that needs a right that the documented Role does not have: add "
                    + #"{apiGroups: [""], resources: ["secrets"], verbs: ["delete"]} to its rules, and, for the lock, "#
                    + #"{apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["delete"]} (\#(error.cause))"#
            )
        }
    }

    private func removeLocked(
        _ names: StateNames, _ info: LockInfo, _ forced: Set<RemovalObjection>,
        _ backup: (StateFile) async throws -> Void
    ) async throws -> RemovalResult {
        let environment = names.environment
        let reading = try await settled(try await read(names), names)
        let versions = try await keptHistory(names).versions
        if reading.content == nil, versions.isEmpty, try await leftovers(names, withRetired: true).isEmpty {
            throw try await absence(environment)
        }
        var file: StateFile?
        switch reading.content {
        case .success(let found): file = found
        case .failure(let error): try refuse(names, .damaged, error.explanation, forced)
        case nil:
            do {
                if let newest = versions.first { file = try await state(of: newest.version.number, environment) }
            } catch let error as StateStoreError where error.code == .historyDamaged {
                try refuse(names, .damaged, error.explanation, forced)
            }
        }
        let serial = reading.content == nil ? nil : file?.serial
        if let file {
            let resources = try? file.counts().resources
            if resources != 0 {
                let reason =
                    resources.map {
                        "it still has \($0) resource(s), which nothing would know of any more; destroy them first "
                            + "(stowage run destroy)"
                    } ?? "OpenTofu encrypted it, so it is not known whether it still has resources"
                try refuse(names, .resources, reason, forced)
            }
            try await backup(file)
        }
        let count = try await deleteAll(reading, names, info)
        return RemovalResult(
            environment: environment, serial: serial, secretCount: count,
            isLockDeleted: try await deleteLock(names, info))
    }

    private func refuse(
        _ names: StateNames, _ objection: RemovalObjection, _ reason: String, _ forced: Set<RemovalObjection>
    ) throws {
        guard !forced.contains(objection) else { return }
        throw RemovalRefusal(
            environment: names.environment, namespace: namespace, objection: objection, reason: reason)
    }

    /// - Returns: how many Secrets were deleted.
    private func deleteAll(_ reading: StateReading, _ names: StateNames, _ info: LockInfo) async throws -> Int {
        var count = 0
        if let first = reading.parts.first?.secret {
            try await client.deleteSettled(.secret, namespace: namespace, first)
            count = 1
        }
        for _ in 0..<5 {
            let rest = try await leftovers(names, withRetired: true)
            guard !rest.isEmpty else { return count }
            // Checked after the list: what was listed is then of this state, and no newer one.
            guard try await heldLock(names.environment)?.id == info.id else {
                throw failure(
                    .changed, names.environment, "somebody took its lock while it was removed; remove it again")
            }
            guard !rest.contains(where: { $0.objectName == names.secret }) else {
                throw failure(
                    .changed, names.environment,
                    "somebody who does not heed the lock wrote a state while it was removed; look at it, and remove it again"
                )
            }
            _ = try await inParallel(rest, width: configuration.parallelRequests) { metadata in
                try await client.deleteSettled(.secret, namespace: namespace, metadata)
            }
            count += rest.count
        }
        throw failure(.unsettled, names.environment, "others write its Secrets all the time; remove it again")
    }

    /// - Returns: false where the Role does not grant it: it is then given back.
    private func deleteLock(_ names: StateNames, _ info: LockInfo) async throws -> Bool {
        guard let lease = try await lease(names), HeldLock(lease, names.environment)?.id == info.id else {
            return false
        }
        do {
            // That of its runs first: without its lock nobody looks for it.
            if let run = try await self.lease(names.runLease) {
                try await client.deleteSettled(.lease, namespace: namespace, run)
            }
            try await client.deleteSettled(.lease, namespace: namespace, lease)
            return true
        } catch let error as KubernetesError where error.code == .forbidden {
            try await unlock(names.environment, id: info.id)
            return false
        }
    }
}

extension KubernetesClient {
    /// Deletes an object if it is still the one that was read, and finds out whether it happened when the answer does not
    /// tell.
    ///
    /// - Throws: `KubernetesError`; with code `conflict` where it was changed since.
    func deleteSettled(_ kind: ResourceKind, namespace: String, _ object: JSON) async throws {
        let name = object.objectName ?? ""
        for attempt in 1...5 {
            do {
                return try await delete(
                    kind, namespace: namespace, name: name, resourceVersion: object.resourceVersion,
                    uid: object["metadata"]?["uid"]?.string)
            } catch let error as KubernetesError {
                if error.code == .notFound { return }
                guard [.unreachable, .server, .tooManyRequests, .conflict].contains(error.code), attempt < 5 else {
                    throw error
                }
                do {
                    let found = try await metadata(of: kind, namespace: namespace, name: name)
                    // Not what was to be deleted: that is somebody else's.
                    guard found.resourceVersion == object.resourceVersion else { throw error }
                } catch let failure as KubernetesError where failure.code == .notFound {
                    return
                }
            }
            try await Task.sleep(for: .milliseconds(40 << attempt) * Double.random(in: 0..<1))
        }
    }
}
