internal import KubernetesAPI
internal import OrderedJSON
internal import TerraformState

/// An environment's Secrets as they were at one moment, and what they say together.
struct StateReading: Sendable {
    /// In order. Empty where the environment has no state.
    let parts: [StatePart]
    /// A write past its commit point, whose staged parts are then what `content` was read from.
    let pending: PendingWrite?
    /// The payload of the pending write.
    let pendingPayload: [UInt8]
    /// The Secrets that it was staged in, as they were read, without their payloads.
    var staged: [JSON] = []
    /// The state, or why there is none to be had; nil where the environment has no state.
    let content: Result<StateFile, StateStoreError>?
    let payloadSize: Int

    /// What part 0 must still be for a write to go ahead; empty where there is none.
    var base: String { parts.first?.resourceVersion ?? "" }

    func file() throws -> StateFile? { try content?.get() }
}

extension StateStore {
    private static let readingAttempts = 8

    /// Reads the state as it was at one moment: every part is of the version that one list saw.
    func read(_ names: StateNames) async throws -> StateReading {
        var verdict = Assembly.moved
        for attempt in 1...Self.readingAttempts {
            async let listing = secretMetadata(names.labels)
            async let first = secret(names.secret)
            verdict = try await assemble(first: try await first, listed: try await listing, names)
            switch verdict {
            case .reading(let reading): return reading
            // Only looks like it where the state was created between the two requests.
            case .lostLabels(let reading) where attempt > 2: return reading
            default: break
            }
            try await Task.sleep(for: .milliseconds(10 << attempt) * Double.random(in: 0..<1))
        }
        throw failure(
            .unsettled, names.environment, "the state was changed again and again while it was read; try again")
    }

    private enum Assembly {
        case reading(StateReading)
        case lostLabels(StateReading)
        /// Somebody wrote in between: read again.
        case moved
    }

    private func assemble(first: JSON?, listed: [JSON], _ names: StateNames) async throws -> Assembly {
        var versions: [Int: String] = [:]
        var foreign: [String] = []
        for metadata in listed {
            let name = metadata.objectName ?? ""
            if let index = names.partIndex(name) {
                versions[index] = metadata.resourceVersion
            } else {
                foreign.append(name)
            }
        }
        guard let first = try first.map({ try StatePart(secret: $0) }) else {
            if versions.isEmpty, foreign.isEmpty { return .reading(.none) }
            guard versions[0] == nil else { return .moved }
            return .reading(.failed(misplaced(names, present: versions.keys.sorted(), foreign: foreign)))
        }
        guard let version = versions[0] else { return .lostLabels(.failed(lostLabels(names, [first]), [first])) }
        guard version == first.resourceVersion else { return .moved }
        guard foreign.isEmpty else {
            return .reading(.failed(misplaced(names, present: versions.keys.sorted(), foreign: foreign), [first]))
        }
        if let pending = PendingWrite(on: first) {
            return .reading(try await readThrough(pending, first, versions, names))
        }
        guard versions.keys.max() == versions.count - 1 else {
            return .reading(.failed(misplaced(names, present: versions.keys.sorted(), foreign: []), [first]))
        }
        guard let parts = try await parts(after: first, versions, names) else { return .moved }
        return .reading(try await reading(of: parts, names))
    }

    /// The parts, each of the version that was listed; nil where one has changed since.
    private func parts(after first: StatePart, _ versions: [Int: String], _ names: StateNames) async throws
        -> [StatePart]?
    {
        let rest = try await inParallel(
            versions.keys.filter { $0 > 0 }.sorted(), width: configuration.parallelRequests
        ) { index -> StatePart? in
            guard let secret = try await secret(names.part(index)), secret.resourceVersion == versions[index] else {
                return nil
            }
            return try StatePart(secret: secret)
        }
        let parts = rest.compactMap(\.self)
        return parts.count == rest.count ? [first] + parts : nil
    }

    private func readThrough(
        _ pending: PendingWrite, _ first: StatePart, _ versions: [Int: String], _ names: StateNames
    ) async throws -> StateReading {
        let staged = try await inParallel(pending.staged, width: configuration.parallelRequests) { identifier in
            var secret = try await secret(names.staged(identifier)) ?? [:]
            let bytes = try secret["data"]?[StagedPart.dataKey]?.string.map { try Base64.decode($0) } ?? []
            secret["data"] = [:]
            return (secret: secret, payload: bytes)
        }
        let payload = Array(staged.map(\.payload).joined())
        // Somebody who finished the write a moment ago has emptied the staged parts since part 0 was read.
        guard sha256(payload) == pending.payload else {
            guard try await secret(names.secret)?.resourceVersion == first.resourceVersion else {
                return try await read(names)
            }
            let explanation =
                "write \(pending.identifier) was committed, but the Secrets \(names.staged(pending.staged[0])) and on do "
                + "not hold what it wrote; go back to a version (stowage state history), or push a state with --force damaged"
            return .failed(failure(.damaged, names.environment, explanation), [first])
        }
        return StateReading(
            parts: [first], pending: pending, pendingPayload: payload, staged: staged.map(\.secret),
            content: content(of: payload, [first], names),
            payloadSize: payload.count)
    }
}

extension StateReading {
    fileprivate static let none = StateReading(
        parts: [], pending: nil, pendingPayload: [], content: nil, payloadSize: 0)

    static func failed(_ error: StateStoreError, _ parts: [StatePart] = []) -> StateReading {
        StateReading(parts: parts, pending: nil, pendingPayload: [], content: .failure(error), payloadSize: 0)
    }
}
