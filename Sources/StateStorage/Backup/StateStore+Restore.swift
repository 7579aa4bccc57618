internal import KubernetesAPI
internal import TerraformState

/// What a restore may do.
public struct RestoreOptions: Sendable {
    /// Objections that are overridden.
    public var forced: Set<Objection> = []
    /// Finds out what would happen, and changes nothing.
    public var isDryRun = false
    /// How long to wait for each lock.
    public var lockTimeout = Duration.zero

    public init() {}
}

/// What became of one environment, or would.
public struct RestoreOutcome: Sendable {
    /// What was done, or would be.
    public enum Action: String, Sendable, Hashable {
        /// There was no state.
        case created
        /// What was there is a version of the history now.
        case replaced
        /// It was there already, perhaps under a higher serial.
        case unchanged
        /// It was not restored; ``RestoreOutcome/error`` says why.
        case refused
    }

    /// Whose state it is.
    public let environment: EnvironmentID
    /// What was done, or would be.
    public let action: Action
    /// Of the state that is there now, or would be; where it was refused, of the one in the backup.
    public let serial: UInt64
    /// nil where nothing was replaced.
    public let replacedSerial: UInt64?
    /// The version under which the history keeps what was replaced.
    public let keptVersion: Int?
    /// Why it was not done; nil where it was, or nothing was to be done.
    public let error: (any Error)?

    init(
        _ environment: EnvironmentID, _ action: Action, serial: UInt64, replacedSerial: UInt64? = nil,
        keptVersion: Int? = nil, error: (any Error)? = nil
    ) {
        self.environment = environment
        self.action = action
        self.serial = serial
        self.replacedSerial = replacedSerial
        self.keptVersion = keptVersion
        self.error = error
    }
}

extension StateStore {
    /// Puts states of a backup back, each under its environment's lock.
    ///
    /// An environment without a state gets the bytes of the backup. One that has the same is left alone, so that a restore
    /// that was interrupted can be repeated. One that has another is guarded like a push, and what is replaced is kept as a
    /// version. What is refused for one environment does not end the others.
    ///
    /// Wherever the process dies, each state is the old or the new one. What was at work then stays locked.
    ///
    /// - Parameters:
    ///   - states: of that backup, see ``VerifiedBackup/states(of:)``.
    ///   - report: is told of each environment as it is done.
    /// - Throws: `KubernetesError` and others that are not about one environment: what was reported is done then.
    public func restore(
        _ states: [BackedUpState], of backup: VerifiedBackup, _ options: RestoreOptions = RestoreOptions(),
        report: (RestoreOutcome) -> Void
    ) async throws {
        let startedAt = backup.manifest.origin.startedAt
        try await inParallel(
            states, capacity: configuration.parallelRequests,
            weight: { 1 + $0.size / (4 << 20) },
            { state in
                let file = try await backup.file(of: state)
                do {
                    return try await restore(file, to: state.environment, startedAt, options)
                } catch  where isOfOneEnvironment(error) {
                    return RestoreOutcome(state.environment, .refused, serial: file.serial, error: error)
                }
            }, consume: { report($0) })
    }

    private func restore(
        _ file: StateFile, to environment: EnvironmentID, _ startedAt: String, _ options: RestoreOptions
    ) async throws -> RestoreOutcome {
        let names = StateNames(environment)
        // What is there already needs no lock.
        let reading = try await read(names)
        if reading.pending == nil, let current = try? reading.file(),
            RestorePlan.plan(file, over: current, forced: options.forced) == .unchanged
        {
            return RestoreOutcome(environment, .unchanged, serial: current.serial)
        }
        guard !options.isDryRun else {
            let holder = options.forced.contains(.locked) ? nil : try await heldLock(environment)
            if let holder { throw await heldError(holder, waited: .zero) }
            let planned = try planned(file, over: reading, environment, options.forced)
            return RestoreOutcome(
                environment, reading.content == nil ? .created : .replaced, serial: planned?.serial ?? file.serial,
                replacedSerial: (try? reading.file())?.serial)
        }
        let info = lockInfo(operation: "stowage state restore", reason: "backup of \(startedAt)")
        if options.forced.contains(.locked) {
            return try await replace(environment, by: file, lockID: nil, info.info, options.forced)
        }
        return try await withLock(environment, info, waitingUpTo: options.lockTimeout) { lockID in
            try await replace(environment, by: file, lockID: lockID, info.info, options.forced)
        }
    }

    private func replace(
        _ environment: EnvironmentID, by file: StateFile, lockID: String?, _ reason: String, _ forced: Set<Objection>
    ) async throws -> RestoreOutcome {
        let names = StateNames(environment)
        let reading = try await settled(try await read(names), names)
        guard let planned = try planned(file, over: reading, environment, forced) else {
            return RestoreOutcome(environment, .unchanged, serial: try reading.file()?.serial ?? file.serial)
        }
        var options = PushOptions()
        options.replacing = try? StateSnapshot(reading, environment)
        options.lockID = lockID
        options.forced = forced
        options.reason = "restore of the \(reason)"
        let result = try await push(planned, to: environment, options)
        return RestoreOutcome(
            environment, reading.content == nil && result.replacedSerial == nil ? .created : .replaced,
            serial: result.serial, replacedSerial: result.replacedSerial, keptVersion: result.keptVersion)
    }

    /// - Returns: what is to be written; nil where it is there already.
    private func planned(
        _ file: StateFile, over reading: StateReading, _ environment: EnvironmentID, _ forced: Set<Objection>
    ) throws -> StateFile? {
        func refusal(_ objections: Set<Objection>, over current: StateFile?, damage: String? = nil) -> StateRefusal {
            StateRefusal(
                environment: environment, namespace: namespace, objections: objections,
                current: current.map { StateFacts($0) }, new: StateFacts(file),
                lock: nil, damage: damage)
        }
        switch reading.content {
        case nil: return file
        case .success(let current):
            switch RestorePlan.plan(file, over: current, forced: forced) {
            case .unchanged: return nil
            case .write(let file): return file
            case .refuse(let objections): throw refusal(objections, over: current)
            }
        case .failure(let error):
            // Secrets of others cannot be put right by writing over ours.
            if error.code == .copied || error.code == .lostLabels { throw error }
            guard forced.contains(.damaged) else {
                throw refusal([.damaged], over: nil, damage: error.explanation)
            }
            return file
        }
    }
}

/// Whether the others may go on after this error.
private func isOfOneEnvironment(_ error: any Error) -> Bool {
    switch error {
    case is StateStoreError, is StateRefusal, is LockHeldError, is StateFileError: true
    case let error as KubernetesError: !error.concernsEverything
    default: false
    }
}
