internal import KubernetesAPI
internal import OrderedJSON
internal import TerraformState

/// An environment's Secrets as they were at one moment, and what they say together.
struct StateReading: Sendable {
    /// In order. Empty where the environment has no state. Of several, only part 0 has its payload: the others' was
    /// inflated as it came, so that no state is in memory twice.
    let parts: [StatePart]
    /// A write past its commit point, whose staged parts are then what `content` was read from.
    let pending: PendingWrite?
    /// The parts of the pending write.
    let pendingPayloads: [[UInt8]]
    /// The Secrets that it was staged in, as they were read, without their payloads.
    var staged: [JSON] = []
    /// The Secret that part 0 is to be put into, where there is no state but what a move left of one.
    var vacant: JSON?
    /// The state, or why there is none to be had; nil where the environment has no state.
    var content: Result<StateFile, StateStoreError>?
    /// In the Secrets, in bytes.
    let payloadSize: Int
    /// Whether there is a Secret and nothing in it: somebody's first write ended before it filled it.
    var isUnfilled = false

    /// The first part that is too many after a whole state, where there is one.
    var surplus: Int?

    /// What keeps engines from reading what was read here, or might come back.
    enum Leftover {
        /// A write of ours past its commit point.
        case pending(PendingWrite)
        /// Parts that engines do not find, because they were retired.
        case strays([StatePart])
        /// A write that an engine overwrote is still named.
        case overwritten(StatePart)
    }

    var leftover: Leftover? {
        if let pending { return .pending(pending) }
        guard let first = parts.first else { return nil }
        if first.secret.objectAnnotations[OwnSecrets.writeAnnotation] != nil, PendingWrite(on: first) == nil {
            return .overwritten(first)
        }
        let strays = parts.filter(\.isRetired)
        return strays.isEmpty ? nil : .strays(strays)
    }

    /// What part 0 must still be for a write to go ahead; empty where there is none.
    var base: String { parts.first?.resourceVersion ?? vacant?.resourceVersion ?? "" }

    func file() throws -> StateFile? { try content?.get() }

    /// The Secret that a first state begins in.
    func newPartZero(_ names: StateNames, namespace: String, payload: [UInt8]) -> SecretValue {
        vacant?.holding(payload, names)
            ?? StatePart.new(names, index: 0, namespace: namespace, payload: payload)
    }
}

extension StateStore {
    private static let readingAttempts = 8

    /// Reads the state as it was at one moment: every part is of the version that one list saw.
    func read(_ names: StateNames) async throws -> StateReading {
        var verdict = Assembly.moved
        for attempt in 1...Self.readingAttempts {
            async let listing = stateMetadata(names)
            async let first = part(names.secret)
            verdict = try await assemble(first: try await first, listed: try await listing, names)
            switch verdict {
            case .reading(let reading): return reading
            // Only looks like it where the state was created between the two requests.
            case .lostLabels(let reading) where attempt > 2: return reading
            default: break
            }
            try await pause(attempt)
        }
        throw failure(
            .unsettled, names.environment, "the state was changed again and again while it was read; try again")
    }

    /// Longer with each attempt, and of a random length, so that those who met once do not meet again.
    func pause(_ attempt: Int) async throws {
        guard configuration.shortestPause > .zero else { return await Task.yield() }
        try await Task.sleep(for: configuration.shortestPause * (1 << attempt) * Double.random(in: 0..<1))
    }

    private enum Assembly {
        case reading(StateReading)
        case lostLabels(StateReading)
        /// Somebody wrote in between: read again.
        case moved
    }

    private func assemble(first: StatePart?, listed: [JSON], _ names: StateNames) async throws -> Assembly {
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
        guard let first, versions[0] != nil || !first.isVacant else {
            if versions.isEmpty, foreign.isEmpty { return .reading(.none(vacant: first?.secret)) }
            guard versions[0] == nil else { return .moved }
            return .reading(.failed(misplaced(names, present: versions.keys.sorted(), foreign: foreign)))
        }
        guard let version = versions[0] else { return .lostLabels(.failed(lostLabels(names, first), [first])) }
        guard version == first.resourceVersion else { return .moved }
        guard foreign.isEmpty else {
            return .reading(.failed(misplaced(names, present: versions.keys.sorted(), foreign: foreign), [first]))
        }
        if let pending = PendingWrite(on: first) {
            return .reading(try await readThrough(pending, first, versions, names))
        }
        let gap = StateReading.failed(misplaced(names, present: versions.keys.sorted(), foreign: []), [first])
        let count = (versions.keys.max() ?? 0) + 1
        let missing = (0..<count).filter { versions[$0] == nil }
        for index in missing {
            guard let part = try await part(names.part(index)), part.isRetired, !part.payload.isEmpty else {
                return .reading(gap)
            }
            versions[index] = part.resourceVersion
        }
        guard let reading = try await reading(from: first, versions, names) else { return .moved }
        if !missing.isEmpty, case .failure = reading.content { return .reading(gap) }
        return .reading(reading)
    }

    private func readThrough(
        _ pending: PendingWrite, _ first: StatePart, _ versions: [Int: String], _ names: StateNames
    ) async throws -> StateReading {
        let staged = try await inParallel(pending.staged, width: configuration.parallelParts) { identifier in
            let staged = try await secret(names.staged(identifier), key: StagedPart.dataKey)
            return (secret: staged?.object ?? [:], payload: staged?.bytes ?? [])
        }
        let payloads = staged.map(\.payload)
        // Somebody who finished the write a moment ago has emptied the staged parts since part 0 was read.
        guard sha256(payloads) == pending.payload else {
            guard try await partZeroMetadata(names)?.resourceVersion == first.resourceVersion else {
                return try await read(names)
            }
            let explanation =
                "write \(pending.identifier) was committed, but the Secrets \(names.staged(pending.staged[0])) and on do "
                + "not hold what it wrote; go back to a version (stowage state history), or push a state with --force damaged"
            return .failed(failure(.damaged, names.environment, explanation), [first])
        }
        var inflation = PartInflation(configuration)
        for payload in payloads { inflation.append(payload) }
        return StateReading(
            parts: [first], pending: pending, pendingPayloads: payloads, staged: staged.map(\.secret),
            content: content(of: &inflation, names), payloadSize: inflation.payloadSize)
    }
}

extension StateReading {
    fileprivate static func none(vacant: JSON?) -> StateReading {
        StateReading(parts: [], pending: nil, pendingPayloads: [], vacant: vacant, content: nil, payloadSize: 0)
    }

    static func failed(_ error: StateStoreError, _ parts: [StatePart] = []) -> StateReading {
        StateReading(parts: parts, pending: nil, pendingPayloads: [], content: .failure(error), payloadSize: 0)
    }
}
