internal import KubernetesAPI
internal import OrderedJSON
public import TerraformState

/// The history: a ring of slots, each one version in a Secret (or more, where it is large).
///
/// The newest version is kept whole, so that it can be had without anything else. When a newer one comes, it is rewritten as
/// its difference to that one: older versions need newer ones, never the other way round, and the oldest can be overwritten.
extension StateStore {
    /// The versions that an environment's history holds, the newest first, without their content.
    public func history(_ environment: EnvironmentID) async throws -> [StateVersion] {
        try await keptVersions(StateNames(environment)).map(\.version)
    }

    /// The state of a version.
    ///
    /// - Throws: `StateStoreError.Code.unknownVersion`; `historyDamaged` where what is kept does not give the state again.
    public func state(of number: Int, _ environment: EnvironmentID) async throws -> StateFile {
        let names = StateNames(environment)
        let kept = try await keptVersions(names)
        guard let wanted = kept.firstIndex(where: { $0.version.number == number }) else {
            let known = kept.map { "\($0.version.number)" }.joined(separator: ", ")
            throw failure(
                .unknownVersion, environment,
                "the history has no version \(number); it has \(known.isEmpty ? "none yet" : known)")
        }
        // From the next newer version that is kept whole, difference by difference.
        let start = kept[...wanted].lastIndex { $0.version.dictionary == nil } ?? wanted
        let stored = try await inParallel(Array(kept[start...wanted]), width: configuration.parallelRequests) {
            try await storedBytes($0, names)
        }
        var newer: [UInt8]?
        for (entry, bytes) in zip(kept[start...wanted], stored) {
            newer = try restored(entry.version, from: bytes, newer: newer, environment)
        }
        return try StateFile(newer ?? [])
    }

    private func restored(
        _ version: StateVersion, from stored: [UInt8], newer: [UInt8]?, _ environment: EnvironmentID
    ) throws -> [UInt8] {
        let damage = failure(
            .historyDamaged, environment,
            "version \(version.number) of the history is damaged: what is kept does not "
                + "give the state of serial \(version.serial) again")
        guard version.size <= configuration.inflationLimit else { throw damage }
        if let dictionary = version.dictionary, newer.map(sha256) != dictionary { throw damage }
        let bytes = Zstandard.decompress(
            stored, size: version.size, dictionary: version.dictionary == nil ? nil : newer)
        guard let bytes, sha256(bytes) == version.sha256 else { throw damage }
        return bytes
    }

    /// Newest first, no more than the configured length.
    func keptVersions(_ names: StateNames) async throws -> [KeptVersion] {
        let kept = try await allVersions(names)
        return Array(kept.prefix(max(configuration.historyLength, 1)))
    }

    private func allVersions(_ names: StateNames) async throws -> [KeptVersion] {
        try await secretMetadata(OwnSecrets.labels(.history, names.environment)).compactMap {
            KeptVersion(metadata: $0)
        }
        .sorted { $0.version.number > $1.version.number }
    }

    private func storedBytes(_ kept: KeptVersion, _ names: StateNames) async throws -> [UInt8] {
        let parts = try await inParallel(
            Array(0..<kept.version.parts), width: configuration.parallelRequests
        ) { part in
            let name = part == 0 ? kept.name : "\(kept.name)-part-\(part)"
            return try await secret(name, key: Self.versionKey)?.bytes ?? []
        }
        return Array(parts.joined())
    }
}

// MARK: - Keeping

extension StateStore {
    static let versionKey = "state"

    /// Remembers a state that is about to be replaced; one that the history has as its newest is not kept twice.
    ///
    /// - Returns: the version that it is.
    func keep(_ file: StateFile, _ names: StateNames, reason: String) async throws -> StateVersion {
        let stored = Zstandard.compress(file.bytes)
        for _ in 0..<8 {
            let all = try await allVersions(names)
            let newest = all.first
            var version = StateVersion(
                number: (newest?.version.number ?? 0) + 1, file: file, who: configuration.writer, why: reason,
                storedSize: stored.count, parts: StatePart.cut(stored, limit: configuration.partLimit).count)
            if let newest, newest.version.sha256 == version.sha256 { return newest.version }
            version.parts = max(version.parts, 1)
            do {
                try await write(version, stored, over: slot(all, names), names)
            } catch let error as KubernetesError where error.isConflict || error.code == .notFound {
                // Another writer took the slot.
                continue
            }
            if let newest { try await shrink(newest, to: file, names) }
            return version
        }
        throw failure(.unsettled, names.environment, "others write the history all the time; try again")
    }

    /// The slot of the next version: the first that is not used yet, or that of the oldest version.
    private func slot(_ all: [KeptVersion], _ names: StateNames) -> (name: String, metadata: JSON?) {
        let used = Set(all.map(\.name))
        for slot in 0..<max(configuration.historyLength, 1) where !used.contains(names.history(slot: slot)) {
            return (names.history(slot: slot), nil)
        }
        return all.last.map { ($0.name, $0.metadata) } ?? (names.history(slot: 0), nil)
    }

    /// Further parts first, so that the Secret that says what the version is comes when all of it is there.
    private func write(
        _ version: StateVersion, _ stored: [UInt8], over slot: (name: String, metadata: JSON?), _ names: StateNames
    ) async throws {
        let payloads = StatePart.cut(stored, limit: configuration.partLimit)
        _ = try await inParallel(
            Array(payloads.enumerated().dropFirst()), width: configuration.parallelRequests
        ) { index, payload in
            let name = "\(slot.name)-part-\(index)"
            let existing = try await secret(name)
            try await settleSecret(
                historySecret(name, metadata: existing?["metadata"], payload: payload, version: nil, names))
        }
        try await settleSecret(
            historySecret(slot.name, metadata: slot.metadata, payload: payloads.first ?? [], version: version, names))
    }

    /// Rewrites what was the newest version as its difference to the one that now is.
    ///
    /// In one request or not at all: a difference that needs more than one Secret is not worth the risk.
    private func shrink(_ kept: KeptVersion, to newer: StateFile, _ names: StateNames) async throws {
        guard kept.version.dictionary == nil else { return }
        do {
            let bytes = try restored(
                kept.version, from: try await storedBytes(kept, names), newer: nil, names.environment)
            let difference = Zstandard.compress(bytes, dictionary: newer.bytes)
            guard difference.count < min(kept.version.storedSize, configuration.partLimit) else { return }
            var version = kept.version
            version.dictionary = sha256(newer.bytes)
            version.storedSize = difference.count
            version.parts = 1
            try await settleSecret(
                historySecret(kept.name, metadata: kept.metadata, payload: difference, version: version, names))
            for part in 1..<max(kept.version.parts, 1) { try await empty("\(kept.name)-part-\(part)", names) }
        } catch is StateStoreError {
            // It is damaged, which whoever asks for it is told.
        } catch is KubernetesError {
            // It stays whole, and costs more.
        }
    }

    private func empty(_ name: String, _ names: StateNames) async throws {
        guard let existing = try await secret(name) else { return }
        try await settleSecret(
            historySecret(name, metadata: existing["metadata"], payload: nil, version: nil, names))
    }

    private func historySecret(
        _ name: String, metadata: JSON?, payload: [UInt8]?, version: StateVersion?, _ names: StateNames
    ) -> SecretValue {
        var secret: JSON = ["apiVersion": "v1", "kind": "Secret"]
        secret["metadata"] = metadata ?? ["name": .string(name), "namespace": .string(namespace)]
        for (key, value) in OwnSecrets.labels(.history, names.environment) { secret.setLabel(key, value) }
        secret.setAnnotation(OwnSecrets.versionAnnotation, version?.text)
        secret["type"] = "Opaque"
        return SecretValue(secret, key: Self.versionKey, bytes: payload)
    }
}
