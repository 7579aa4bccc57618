internal import KubernetesAPI
internal import OrderedJSON
public import TerraformState

/// What a write may do, and what it says about itself.
public struct PushOptions: Sendable {
    /// The state that was read and changed: where another one is there by now, the write is refused. nil compares with
    /// what is there when the write begins.
    public var replacing: StateSnapshot?
    /// The lock that the writer holds.
    public var lockID: String?
    /// The lock as the writer has seen it just now; nil looks at it.
    public var seenLock: HeldLock?
    /// What the writer's last save left, where it saves again and again: it is not read again while it is what is there.
    public var saved: SavedState?
    /// Whether the writer saves again and again under its lock. What is replaced is then kept as a version only where it was
    /// not saved so under the same lock: the history has what the lock found, and the state is what was saved last.
    public var isRepeated = false
    /// Objections that are overridden.
    public var forced: Set<Objection> = []
    /// Whether the new state may be without resources.
    public var isDestroy = false
    /// Why, for the history.
    public var reason = ""

    public init() {}
}

/// What a write did.
public struct PushResult: Sendable, Hashable {
    /// False where what was there already was the same, byte for byte.
    public let isChanged: Bool
    /// The serial of the state that is there now.
    public let serial: UInt64
    /// The serial of the state that was replaced; nil where there was none.
    public let replacedSerial: UInt64?
    /// The version under which the history keeps what was replaced; nil where nothing was.
    public let keptVersion: Int?
    /// How many Secrets it takes.
    public let partCount: Int
    /// What the next save may begin from; nil where that has to be read.
    public let saved: SavedState?
}

extension StateStore {
    /// Replaces an environment's state, or writes its first one.
    ///
    /// Guarantees: what was there is in the history first. The write is compared with the versions of the Secrets that were
    /// read. Wherever the process dies, the state is afterwards the old or the new one, and the next reader of this kind
    /// makes it so for the engines too.
    ///
    /// - Throws: `StateRefusal` where the guard objects; `StateStoreError.Code.changed` where somebody else was faster, and
    ///   `unsettled` where the new state is the state but others keep it from being put in its place; `KubernetesError`.
    @discardableResult
    public func push(_ file: StateFile, to environment: EnvironmentID, _ options: PushOptions = PushOptions())
        async throws -> PushResult
    {
        try await push(NewState(file), to: environment, options)
    }

    /// The same for a state that need not be in memory.
    ///
    /// - Throws: `StateStoreError.Code.changed` also where its bytes are others by now than those that it was made for.
    @discardableResult
    public func push(_ new: NewState, to environment: EnvironmentID, _ options: PushOptions = PushOptions())
        async throws -> PushResult
    {
        guard new.facts.size <= configuration.inflationLimit else { throw tooLarge(environment, "the new state") }
        let names = StateNames(environment)
        if let saved = options.saved, let result = try await push(new, over: saved, names, options) { return result }
        async let holder = lock(environment, options)
        var reading = try await read(names)
        if let expected = options.replacing, expected.versions != reading.parts.map(\.resourceVersion) {
            throw failure(.changed, environment, "the state was changed since it was read; read it again")
        }
        let lock = try await holder
        // While somebody else holds the lock, what is half-done is theirs to finish.
        if lock == nil || lock?.id == options.lockID || options.forced.contains(.locked) {
            reading = try await settled(reading, names)
        }
        let current = (try? reading.file()).map { StateFacts($0) }
        let others = lock.flatMap { $0.id == options.lockID ? nil : $0 }
        var judged: JudgedLock?
        if let others { judged = JudgedLock(lock: others, verdict: await currentVerdict(on: others)) }
        try check(new.facts, reading, current, lock: judged, environment, options)
        if let current, current.sha256 == new.facts.sha256 {
            return PushResult(
                isChanged: false, serial: new.facts.serial, replacedSerial: current.serial, keptVersion: nil,
                partCount: reading.parts.count, saved: nil)
        }
        let outgoing = (try? reading.file()).flatMap { file in
            current.map { OutgoingState(file, $0, reading, largest: configuration.largestInMemory) }
        }
        // A large one is not in memory beside the one that replaces it. That it is damaged must not be forgotten.
        if case .success = reading.content { reading.content = nil }
        async let parts = new.parts(limit: configuration.partLimit)
        var kept: StateVersion?
        if let outgoing, !isRepetition(of: outgoing.facts, reading, options) {
            kept = try await keep(outgoing, names, reason: options.reason)
        }
        guard let payloads = try await parts else {
            throw failure(.changed, environment, "the state to be written was changed while it was read; try again")
        }
        let secret = try await replace(reading, with: payloads, new.facts, names, options)
        return PushResult(
            isChanged: true, serial: new.facts.serial, replacedSerial: current?.serial, keptVersion: kept?.number,
            partCount: payloads.count, saved: secret.map { SavedState(environment, new.facts, $0) })
    }

    /// - Returns: the Secret that the state stands in, without the payload; nil where there are several.
    func replace(
        _ reading: StateReading, with payloads: [[UInt8]], _ new: StateFacts, _ names: StateNames,
        _ options: PushOptions
    ) async throws -> JSON? {
        do {
            return try await replace(
                reading, with: payloads, note: note(new, options), lockID: options.lockID, names)
        } catch let error as KubernetesError where error.isConflict {
            throw failure(
                .changed, names.environment,
                error.mayHaveHappened
                    ? "somebody else changed the state at the same time, and the answer to this write was lost: it may have "
                        + "been the state for a moment; look at what is there now and push again if it is still needed "
                        + "(\(error.cause))"
                    : "somebody else changed the state at the same time; nothing was overwritten (\(error.cause))")
        }
    }

    private func lock(_ environment: EnvironmentID, _ options: PushOptions) async throws -> HeldLock? {
        if let lock = options.seenLock { return lock }
        return try await heldLock(environment)
    }

    private func note(_ new: StateFacts, _ options: PushOptions) -> SaveNote? {
        options.isRepeated ? options.lockID.map { SaveNote(lockID: $0, sha256: new.sha256) } : nil
    }

    /// Whether what is replaced was saved by the same writer under the same lock.
    func isRepetition(of outgoing: StateFacts, _ reading: StateReading, _ options: PushOptions) -> Bool {
        guard let first = reading.parts.first, let note = note(outgoing, options) else { return false }
        return SaveNote(on: first) == note
    }

    func check(
        _ new: StateFacts, _ reading: StateReading, _ current: StateFacts?, lock: JudgedLock?,
        _ environment: EnvironmentID, _ options: PushOptions
    ) throws {
        var objections: Set<Objection> = []
        var damage: String?
        if let current { objections = StateGuard.objections(to: new, over: current, isDestroy: options.isDestroy) }
        if case .failure(let error) = reading.content {
            // Secrets of others cannot be put right by writing over ours.
            if error.code == .copied || error.code == .lostLabels { throw error }
            damage = error.explanation
            objections = [.damaged]
        }
        if lock != nil { objections.insert(.locked) }
        objections.subtract(options.forced)
        guard objections.isEmpty else {
            throw StateRefusal(
                environment: environment, namespace: namespace, objections: objections, current: current, new: new,
                lock: lock, damage: damage)
        }
    }

    /// - Returns: the Secret that the state stands in, without the payload; nil where there are several.
    @discardableResult
    func replace(
        _ reading: StateReading, with payloads: [[UInt8]], note: SaveNote? = nil, lockID: String?,
        _ names: StateNames
    ) async throws -> JSON? {
        // What is damaged may have parts that were not read.
        var isWhole = true
        if case .failure = reading.content { isWhole = false }
        guard payloads.count == 1, reading.parts.count <= 1, isWhole else {
            try await replaceInParts(reading, with: payloads, note: note, lockID: lockID, names)
            return nil
        }
        var secret =
            reading.parts.first?.secret.holding(payloads[0], names)
            ?? reading.newPartZero(names, namespace: namespace, payload: payloads[0])
        // What an engine overwrote since may still name a write of ours.
        secret.object.setAnnotation(OwnSecrets.writeAnnotation, nil)
        secret.object.setAnnotation(SaveNote.annotation, note?.text)
        return try await settleSecret(secret)
    }

    /// - Returns: the Secret without the value, with its metadata as the cluster has it.
    @discardableResult
    func settleSecret(_ secret: SecretValue) async throws -> JSON {
        try await client.settle(secret, namespace: namespace)
    }

    /// - Returns: the Secret as the cluster has it.
    @discardableResult
    func settleSecret(_ secret: JSON) async throws -> JSON {
        try await client.settle(.secret, namespace: namespace, secret) { $0.hasContent(of: secret) }
    }
}
