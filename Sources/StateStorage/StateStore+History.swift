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
        try await keptHistory(StateNames(environment)).versions.map(\.version)
    }

    /// The state of a version.
    ///
    /// - Throws: `StateStoreError.Code.unknownVersion`; `historyDamaged` where what is kept does not give the state again;
    ///   `tooLarge`.
    public func state(of number: Int, _ environment: EnvironmentID) async throws -> StateFile {
        let names = StateNames(environment)
        var kept = try await keptHistory(names)
        while true {
            do {
                return try StateFile(try await restored(try version(number, in: kept, names), in: kept, names))
            } catch let error as StateStoreError where error.code == .historyDamaged {
                // Others may have written the history while it was read.
                let now = try await keptHistory(names)
                if now.isUnchanged(since: kept) { throw error }
                kept = now
            }
        }
    }

    private func version(_ number: Int, in kept: KeptHistory, _ names: StateNames) throws -> KeptVersion {
        let found = kept.versions.filter { $0.version.number == number }
        guard let first = found.first else {
            let known = kept.versions.map { "\($0.version.number)" }.joined(separator: ", ")
            throw failure(
                .unknownVersion, names.environment,
                "the history has no version \(number); it has \(known.isEmpty ? "none yet" : known)")
        }
        guard found.allSatisfy({ $0.version.sha256 == first.version.sha256 }) else {
            let secrets = found.map(\.name).sorted().joined(separator: " and ")
            throw failure(
                .historyDamaged, names.environment,
                "the number \(number) stands on two versions (Secrets \(secrets)); the next write gives one another number"
            )
        }
        return first
    }

    /// The bytes of a version, verified.
    func restored(_ wanted: KeptVersion, in kept: KeptHistory, _ names: StateNames) async throws -> [UInt8] {
        guard let chain = kept.chain(from: wanted) else {
            throw failure(
                .historyDamaged, names.environment,
                "version \(wanted.version.number) of the history cannot be restored: it is kept as its difference to a state "
                    + "that the history does not have any more")
        }
        if let large = chain.map(\.version.size).max(), large > configuration.inflationLimit {
            throw tooLarge(names.environment, "version \(wanted.version.number) of the history")
        }
        let stored = try await inParallel(chain, width: configuration.parallelRequests) {
            try await storedBytes($0, names)
        }
        var newer: [UInt8]?
        for (entry, bytes) in zip(chain, stored) {
            newer = try restored(entry.version, from: bytes, newer: newer, names.environment)
        }
        return newer ?? []
    }

    /// The bytes of one version from those that are stored for it.
    ///
    /// - Parameter newer: the state that it is kept as the difference to.
    func restored(
        _ version: StateVersion, from stored: [UInt8], newer: [UInt8]?, _ environment: EnvironmentID
    ) throws -> [UInt8] {
        let bytes =
            switch version.encoding {
            case .gzip: try? Gzip.decompress(stored, limit: version.size)
            case .zstandard:
                Zstandard.decompress(
                    stored, size: version.size, dictionary: version.dictionary == nil ? nil : newer)
            }
        guard let bytes, sha256(bytes) == version.sha256 else {
            throw failure(
                .historyDamaged, environment,
                "version \(version.number) of the history is damaged: what is kept does not "
                    + "give the state of serial \(version.serial) again")
        }
        return bytes
    }

    func tooLarge(_ environment: EnvironmentID, _ what: String) -> StateStoreError {
        failure(
            .tooLarge, environment,
            "\(what) inflates to more than \(configuration.inflationLimit) bytes; if that is right, pass --max-state-size "
                + "with more")
    }

    func storedBytes(_ kept: KeptVersion, _ names: StateNames) async throws -> [UInt8] {
        let secrets = [kept.name] + kept.version.parts.map { names.historyPart($0) }
        let payloads = try await inParallel(secrets, width: configuration.parallelParts) { name in
            do {
                return try await secret(name, key: Self.versionKey)?.bytes ?? []
            } catch let error as KubernetesError where error.code == .badResponse {
                // No base64: somebody edited it by hand.
                return []
            }
        }
        return payloads.count == 1 ? payloads[0] : Array(payloads.joined())
    }
}
