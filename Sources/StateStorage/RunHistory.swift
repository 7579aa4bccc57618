internal import KubernetesAPI
internal import TerraformState

/// What a run's engine is about to overwrite, and whether the history has it.
///
/// The engine writes by itself, so what is there is kept before it starts. Whatever somebody else writes after that, while the
/// engine waits for the lock, say, or at any time without a lock, is kept when the engine sets out to write over it: each of
/// its writes carries the resourceVersion of what it replaces.
public actor RunHistory {
    private let store: StateStore
    private let names: StateNames
    private let reason: String
    /// The state that was there when the run began, where the run may write and it was kept.
    private var kept: StateVersion?
    /// The version of part 0 that may be overwritten: the history has it, or the run's own engine wrote it.
    private var covered: String?
    /// The version of part 0 when the run began.
    private let first: String?
    /// The state that the run begins with; nil where there is none.
    public nonisolated let before: StateMark?
    /// Whether the run's own engine has written a state.
    public private(set) var hasWritten = false

    /// Sees to it that the state can be read, and that the engines will read the same, and keeps it where the run may write.
    ///
    /// A write of ours that died half-way is finished first, since engines would read neither the old state nor the new one.
    ///
    /// - Parameters:
    ///   - reason: what is run, for the history.
    ///   - willWrite: whether the run is to change the state.
    /// - Throws: `StateStoreError` where engines would fail at the state, or take another for it and overwrite it,
    ///   and with code `moved` where it is elsewhere now;
    ///   `KubernetesError` where it cannot be reached or kept. Nothing was changed then.
    public init(_ environment: EnvironmentID, _ store: StateStore, reason: String, willWrite: Bool) async throws {
        self.store = store
        names = StateNames(environment)
        self.reason = reason
        let reading = try await store.readSettled(names)
        first = reading.base
        try await store.checkPresence(reading, names)
        guard try await !store.isBlank(reading, names) else {
            covered = reading.base
            before = nil
            return
        }
        let file = try reading.file()
        before = file.map { StateMark($0) }
        if let file, willWrite {
            kept = try await store.keep(file, names, reason: reason)
            covered = reading.base
        }
    }

    /// Keeps what the engine is about to overwrite, unless the history has it.
    ///
    /// - Parameter base: the resourceVersion of part 0 that the engine's write carries; nil where it carries none.
    /// - Throws: `StateStoreError`; `KubernetesError`. The write must not be made then.
    public func willOverwrite(_ base: String?) async throws {
        guard base == nil || base != covered else { return }
        let reading = try await store.readSettled(names)
        if try await !store.isBlank(reading, names), let file = try reading.file() {
            try await store.keep(file, names, reason: reason)
        }
        covered = reading.base
    }

    /// The state that is there now; nil where there is none.
    ///
    /// - Throws: `StateStoreError`; `KubernetesError`.
    public func current() async throws -> StateMark? {
        try await store.pull(names.environment).map { StateMark($0.file) }
    }

    /// Notes that the engine wrote part 0.
    ///
    /// - Parameter version: the resourceVersion that it got.
    public func didWrite(_ version: String?) {
        hasWritten = true
        covered = version ?? covered
    }

    /// Keeps what was written during the run, so that the history has the state as it was before and as it is after it.
    ///
    /// - Returns: both; nil where nothing was written, or nothing is there.
    /// - Throws: `StateStoreError`; `KubernetesError`.
    public func keepWritten() async throws -> (before: StateVersion?, after: StateVersion)? {
        let reading = try await store.readSettled(names)
        guard reading.base != first, let file = try reading.file() else { return nil }
        return (kept, try await store.keep(file, names, reason: reason))
    }

    /// Takes a part away that the state does not need any more, where the Role does not let the engine delete it.
    ///
    /// - Returns: false where the Secret is no further part of the state.
    public func retire(_ name: String) async throws -> Bool {
        guard let index = names.partIndex(name), index > 0 else { return false }
        do {
            let part = try await store.client.metadata(of: .secret, namespace: store.namespace, name: name)
            try await store.retire(part, names)
        } catch let error as KubernetesError where error.code == .notFound {
            // Gone already.
        }
        return true
    }
}

extension StateStore {
    /// Whether there is nothing to lose: no state, or a Secret that a first write never filled, which engines take for no
    /// state. Where the history knows a state, that Secret was emptied by something else, and is not blank but damaged.
    fileprivate func isBlank(_ reading: StateReading, _ names: StateNames) async throws -> Bool {
        guard reading.isUnfilled else { return reading.content == nil }
        return try await keptHistory(names).versions.isEmpty
    }
}
