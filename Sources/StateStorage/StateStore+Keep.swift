internal import KubernetesAPI
internal import OrderedJSON
internal import TerraformState

/// Remembering states: what is about to be replaced becomes a version first.
extension StateStore {
    static let versionKey = "state"
    private static let keepingAttempts = 16

    /// Remembers a state that is about to be replaced; one that the history has as its newest is not kept twice.
    ///
    /// Whatever the history's Secrets are like by now, the state is kept or the failure is thrown: slots that hold what we did
    /// not write stay as they are, and others are used.
    ///
    /// - Returns: the version that it is.
    @discardableResult
    func keep(_ file: StateFile, _ names: StateNames, reason: String) async throws -> StateVersion {
        try await keep(OutgoingState(file), names, reason: reason)
    }

    /// The same for a state that need not be in memory.
    func keep(_ outgoing: OutgoingState, _ names: StateNames, reason: String) async throws -> StateVersion {
        var prepared: StoredVersion?
        var blocked: Set<Int> = []
        for attempt in 0..<Self.keepingAttempts {
            let kept = try await keptHistory(names)
            if let newest = kept.versions.first, newest.version.sha256 == outgoing.facts.sha256,
                let version = try await refreshed(newest, in: kept, names, reason: reason)
            {
                try await clear(kept, keeping: version.keptLength, names)
                return version
            }
            let stored = prepared ?? stored(outgoing, names)
            prepared = stored
            var version = StateVersion(
                number: (kept.versions.first?.version.number ?? 0) + 1, outgoing.facts, who: configuration.writer,
                why: reason, storedSize: stored.size)
            version.encoding = stored.encoding
            version.historyLength = configuration.historyLength ?? kept.versions.first?.version.historyLength
            guard let (slot, metadata) = kept.nextSlot(keeping: version.keptLength, blocked: blocked, names) else {
                throw failure(
                    .historyDamaged, names.environment,
                    "the history's Secrets that the Role names hold what was not written by Stowage; remove them "
                        + "(kubectl delete secret \(names.history(slot: 0)), and so on)")
            }
            do {
                let written = try await write(
                    version, stored, to: names.history(slot: slot), over: metadata, kept, names)
                try await tidy(kept, written, outgoing, names)
                return version
            } catch let error as KubernetesError where error.isConflict || error.code == .notFound {
                // Another writer was faster. A name that is taken and not one of the history's is not asked for again.
                if metadata == nil { blocked.insert(slot) }
            } catch let error as KubernetesError where error.code == .invalid && metadata != nil {
                // Somebody made the Secret immutable, say.
                blocked.insert(slot)
            }
            try await Task.sleep(for: .milliseconds(min(attempt, 6) * 5) * Double.random(in: 0..<1))
        }
        throw failure(.unsettled, names.environment, "others write the history all the time; try again")
    }

    /// The newest version, which is the state that is to be kept, with who replaces it, and why.
    ///
    /// - Returns: nil where what is kept does not give the state again.
    private func refreshed(
        _ newest: KeptVersion, in kept: KeptHistory, _ names: StateNames, reason: String
    ) async throws -> StateVersion? {
        do {
            _ = try await restored(newest, in: kept, names)
        } catch is StateStoreError {
            return nil
        }
        var version = newest.version
        version.who = configuration.writer
        version.why = reason
        version.time = Timestamp.now()
        version.historyLength = configuration.historyLength ?? version.historyLength
        await rewrite(newest, as: version, names)
        return version
    }

    /// Changes what is said of a version, not the version. Where that fails, it stays as it was.
    private func rewrite(_ kept: KeptVersion, as version: StateVersion, _ names: StateNames) async {
        do {
            guard var secret = try await secret(kept.name, key: Self.versionKey),
                secret.object.resourceVersion == kept.resourceVersion
            else { return }
            secret.object.setAnnotation(OwnSecrets.versionAnnotation, version.text)
            try await settleSecret(secret)
        } catch {
            // The content is what matters, and it is kept.
        }
    }

    /// Further parts first, so that the Secret that says what the version is comes when all of it is there.
    private func write(
        _ version: StateVersion, _ stored: StoredVersion, to slot: String, over metadata: JSON?, _ kept: KeptHistory,
        _ names: StateNames
    ) async throws -> KeptVersion {
        let claim = VersionPart.claim(slot: slot, resourceVersion: metadata?["resourceVersion"]?.string)
        let (unused, fresh) = (kept.unusedParts(), kept.freshParts(stored.count - 1))
        var version = version
        version.parts = try await inParallel(
            Array(0..<stored.count - 1), width: configuration.parallelParts
        ) { index in
            let payload = try await stored.piece(index + 1)
            if index < unused.count, try await write(payload, to: unused[index].metadata, claim, names) {
                return unused[index].number
            }
            for number in fresh[index] where !kept.isByName || number < StateNames.partsByName {
                if try await write(payload, to: newMetadata(names.historyPart(number)), claim, names) { return number }
            }
            throw failure(
                .tooLarge, names.environment,
                "the Role is limited to names, and leaves no Secrets for a version of \(stored.count)")
        }
        let secret = try await settleSecret(
            historySecret(
                metadata ?? newMetadata(slot), try await stored.piece(0), OwnSecrets.versionAnnotation, version.text,
                names))
        return KeptVersion(version: version, metadata: secret["metadata"] ?? [:])
    }

    /// Writes a further part.
    ///
    /// - Returns: false where the Secret is somebody else's by now.
    private func write(_ payload: [UInt8], to metadata: JSON, _ claim: String, _ names: StateNames) async throws -> Bool
    {
        do {
            try await settleSecret(
                historySecret(metadata, payload, OwnSecrets.versionPartAnnotation, claim, names))
            return true
        } catch let error as KubernetesError
            where error.isConflict || error.code == .notFound
            || error.code == .invalid && metadata["resourceVersion"] != nil
        {
            return false
        }
    }

    private func newMetadata(_ name: String) -> JSON { ["name": .string(name), "namespace": .string(namespace)] }

    private func historySecret(
        _ metadata: JSON, _ payload: [UInt8]?, _ annotation: String, _ value: String, _ names: StateNames
    ) -> SecretValue {
        var secret: JSON = ["apiVersion": "v1", "kind": "Secret", "metadata": metadata]
        for (key, value) in OwnSecrets.labels(.history, names.environment) { secret.setLabel(key, value) }
        secret.setAnnotation(annotation, value)
        secret["type"] = "Opaque"
        return SecretValue(secret, key: Self.versionKey, bytes: payload)
    }
}

// MARK: - What a new version leaves to do

extension StateStore {
    /// Makes the history small again after a version was added. Whatever of it fails is left to the next write: it costs
    /// space, and no version.
    private func tidy(
        _ kept: KeptHistory, _ written: KeptVersion, _ outgoing: OutgoingState, _ names: StateNames
    ) async throws {
        let newest = kept.versions.first
        var kept = kept
        kept.note(written)
        do {
            if let newest, newest.name != written.name, let shrunk = try await shrunk(newest, to: outgoing, names) {
                kept.note(shrunk)
            }
        } catch is KubernetesError {}
        try await clear(kept, keeping: written.version.keptLength, names)
    }

    /// Empties what is too much, and what writes that died or lost a race left behind.
    private func clear(_ kept: KeptHistory, keeping length: Int, _ names: StateNames) async throws {
        var kept = kept
        do {
            for surplus in kept.surplus(keeping: length, budget: configuration.historyBudget) {
                // One after the other: a version goes before those that it needs.
                try await empty(surplus.metadata, OwnSecrets.versionAnnotation, names)
                kept.noteEmptied(surplus.name)
            }
            try await separate(kept, names)
            _ = try await inParallel(
                kept.unusedParts().filter { $0.claim != nil }, width: configuration.parallelRequests
            ) { try await empty($0.metadata, OwnSecrets.versionPartAnnotation, names) }
        } catch is KubernetesError {}
    }

    /// Rewrites what was the newest version as its difference to the one that now is.
    ///
    /// In one request or not at all: a difference that needs more than one Secret is not worth the risk.
    ///
    /// - Returns: nil where it stays as it is.
    private func shrunk(
        _ kept: KeptVersion, to newer: OutgoingState, _ names: StateNames
    ) async throws -> KeptVersion? {
        guard kept.version.dictionary == nil, kept.version.size <= configuration.inflationLimit else { return nil }
        let (bytes, dictionary): ([UInt8], [UInt8])
        do {
            guard let file = try await file(newer, names) else { return nil }
            dictionary = file.bytes
            bytes = try restored(kept.version, from: try await storedBytes(kept, names), newer: nil, names.environment)
        } catch is StateStoreError {
            // It is damaged, which whoever asks for it is told.
            return nil
        }
        let difference = Zstandard.compress(bytes, dictionary: dictionary)
        guard difference.count < min(kept.version.storedSize, configuration.partLimit) else { return nil }
        var version = kept.version
        version.dictionary = newer.facts.sha256
        version.encoding = .zstandard
        version.storedSize = difference.count
        version.parts = []
        let secret = try await settleSecret(
            historySecret(kept.metadata, difference, OwnSecrets.versionAnnotation, version.text, names))
        return KeptVersion(version: version, metadata: secret["metadata"] ?? [:])
    }

    private func empty(_ metadata: JSON, _ annotation: String, _ names: StateNames) async throws {
        try await settleSecret(historySecret(metadata, nil, annotation, OwnSecrets.nothing, names))
    }

    /// Gives versions that have the number of another one a number of their own. Writers who disagree about the length of the
    /// history can take the same number at the same time, in two slots.
    private func separate(_ kept: KeptHistory, _ names: StateNames) async throws {
        var taken: Set<Int> = []
        var next = (kept.versions.first?.version.number ?? 0) + 1
        for entry in kept.versions.reversed() where !taken.insert(entry.version.number).inserted {
            var version = entry.version
            version.number = next
            next += 1
            await rewrite(entry, as: version, names)
        }
    }
}

extension StateVersion {
    /// How many versions the environment keeps from this one on.
    var keptLength: Int { max(historyLength ?? StateStoreConfiguration.defaultHistoryLength, 1) }
}
