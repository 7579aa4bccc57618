internal import KubernetesAPI
internal import OrderedJSON
internal import TerraformState

extension Doctor {
    private static let reason = "stowage doctor --fix"

    /// Repairs one finding that is fixable: takes the lock, looks again, keeps the state as a version of the history and
    /// changes what was read by compare-and-swap.
    ///
    /// - Returns: what was done; nil where nothing was to be done any more.
    /// - Throws: `LockHeldError`; `StateStoreError` where it turns out that it cannot be repaired; `KubernetesError`.
    public func fix(_ finding: DoctorFinding) async throws -> String? {
        guard finding.isFixable, let environment = finding.environment else { return nil }
        let info = store.lockInfo(operation: Self.reason, reason: finding.code.rawValue)
        return try await store.withLock(environment, info) { lockID in
            let names = StateNames(environment)
            switch finding.code {
            case .labelsChanged: return try await putLabelsBack(names)
            case .surplusParts: return try await takeSurplusAway(names)
            default: return try await finish(names, lockID)
            }
        }
    }

    /// Finishes what a write of ours left, or what an engine left of it.
    private func finish(_ names: StateNames, _ lockID: String) async throws -> String? {
        let reading = try await store.read(names)
        let done: String
        switch reading.leftover {
        case nil: return nil
        case .pending(let write): done = "finished write \(write.identifier)"
        case .strays(let parts): done = "gave \(parts.count) part(s) the labels that engines find them by"
        case .overwritten: done = "took the name of a write off that an engine overwrote"
        }
        if reading.pending == nil, let file = try? reading.file() {
            _ = try await store.keep(file, names, reason: Self.reason)
        }
        _ = try await store.settled(reading, names)
        return done
    }

    /// Gives Secrets of the state the engines' labels again, if the state is whole with them.
    private func putLabelsBack(_ names: StateNames) async throws -> String? {
        var parts: [StatePart] = []
        var inflation = PartInflation(store.configuration)
        while let part = try await store.part(names.part(parts.count)), parts.isEmpty || inflation.isCutOff {
            inflation.append(part.payload)
            parts.append(part)
        }
        let lost = parts.filter { !$0.hasLabels(of: names) }
        guard !lost.isEmpty else { return nil }
        let file = try store.content(of: &inflation, names).get()
        _ = try await store.keep(file, names, reason: Self.reason)
        // Part 0 last: an engine that finds it shall find all of them.
        for part in lost.reversed() { try await store.settleSecret(part.secret.holding(part.payload, names)) }
        return "put the labels of \(lost.map(\.name).joined(separator: ", ")) back"
    }

    /// Takes parts away that follow a whole state.
    private func takeSurplusAway(_ names: StateNames) async throws -> String? {
        let listed = try await store.secretMetadata(names.labels)
        let reading = try await store.read(names)
        guard let surplus = reading.surplus else { return nil }
        let tooMany = listed.filter { names.partIndex($0.objectName ?? "") ?? 0 >= surplus }
        var inflation = PartInflation(store.configuration)
        for index in 0..<surplus { inflation.append(try await store.part(names.part(index))?.payload ?? []) }
        _ = try await store.keep(try store.content(of: &inflation, names).get(), names, reason: Self.reason)
        _ = try await store.takeAway(tooMany, names)
        return "took \(tooMany.count) part(s) away from \(names.part(surplus)) on"
    }
}
