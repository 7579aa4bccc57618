internal import KubernetesAPI
internal import OrderedJSON
public import TerraformState

/// A lock that is held.
public struct HeldLock: Sendable, Hashable {
    public let environment: EnvironmentID
    /// What must be named to give it back.
    public let id: String
    /// What the holder wrote down; nil where that is nothing, or nothing that can be read.
    public let info: LockInfo?
    /// The move of the state that holds it; nil where that is not what it is held for. A move's lock is nobody's to give
    /// back but that move's, which goes on when it is started again, and a signpost stays.
    public let move: MoveNote?

    /// Who holds it, since when, doing what.
    public var summary: String {
        guard let info else { return "lock \(id), which does not say whose it is" }
        let who = info.who.isEmpty ? "somebody" : info.who
        let doing = [info.operation, info.info].filter { !$0.isEmpty }.joined(separator: ", ")
        return
            "\(who)\(info.created.isEmpty ? "" : " since \(info.created)")\(doing.isEmpty ? "" : ": \(doing)") (ID \(id))"
    }

    /// - Parameter lease: nil is returned where nobody holds it.
    init?(_ lease: JSON, _ environment: EnvironmentID) {
        guard let holder = Lease(object: lease).holderIdentity else { return nil }
        self.environment = environment
        id = holder
        info = lease.objectAnnotations[StateLease.infoAnnotation].flatMap { LockInfo(parsing: $0) }
        move = MoveNote(on: lease)
    }
}

enum StateLease {
    static let infoAnnotation = "app.terraform.io/lock-info"

    /// A Lease as the engines create it, held by nobody.
    static func new(_ names: StateNames, namespace: String) -> JSON {
        [
            "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
            "metadata": [
                "name": .string(names.lease), "namespace": .string(namespace), "labels": JSON(sorted: names.labels),
            ],
        ]
    }
}

extension StateStore {
    /// Who holds the lock of an environment; nil where nobody does.
    ///
    /// Works whatever the state is like: absent, torn or encrypted.
    public func heldLock(_ environment: EnvironmentID) async throws -> HeldLock? {
        try await lease(StateNames(environment)).flatMap { HeldLock($0, environment) }
    }

    /// Every lock of the namespace that is held, by environment.
    ///
    /// The documented Role does not grant to list leases: where that is all, the lock of each environment that has a state
    /// is asked for, and one of an environment without a state is not found.
    public func heldLocks() async throws -> [HeldLock] {
        do {
            return try await listedLocks()
        } catch let error as KubernetesError where error.code == .forbidden {
            return try await heldLocks(of: try await list().map(\.environment))
        }
    }

    /// The locks of these environments that are held.
    public func heldLocks(of environments: [EnvironmentID]) async throws -> [HeldLock] {
        try await inParallel(environments, width: configuration.parallelRequests) { try await heldLock($0) }
            .compactMap(\.self)
    }

    func listedLocks() async throws -> [HeldLock] {
        var locks: [HeldLock] = []
        let selector = Self.selectorText([StateNames.everyStateLabel.key: StateNames.everyStateLabel.value])
        for try await lease in client.list(.lease, namespace: namespace, labelSelector: selector, limit: 500) {
            guard let environment = try? EnvironmentID(lease.objectLabels["tfstateSecretSuffix"] ?? ""),
                StateNames(environment).lease == lease.objectName, let lock = HeldLock(lease, environment)
            else { continue }
            locks.append(lock)
        }
        return locks.sorted { $0.environment.description < $1.environment.description }
    }

    /// Lock info of ours.
    public func lockInfo(operation: String, reason: String = "") -> LockInfo {
        LockInfo(
            id: Self.freshUUID(), operation: operation, info: reason, who: configuration.writer,
            version: configuration.programVersion, created: Timestamp.now())
    }

    /// Takes the lock of an environment, as the engines do: among all contenders exactly one has it.
    ///
    /// - Parameter timeout: how long to wait for a lock that somebody else holds; zero tries once. Attempts are spread at
    ///   random, so that contenders do not meet again and again.
    /// - Throws: `LockHeldError` when it is held to the end of the time; `KubernetesError`.
    public func lock(_ environment: EnvironmentID, _ info: LockInfo, waitingUpTo timeout: Duration = .zero) async throws
    {
        let names = StateNames(environment)
        let start = ContinuousClock.now
        var pause = min(Duration.milliseconds(100), configuration.longestLockPause)
        while true {
            guard let holder = try await attemptLock(names, info) else { return }
            let left = timeout - (ContinuousClock.now - start)
            guard left > .zero else {
                throw LockHeldError(
                    lock: holder, namespace: namespace, waited: timeout > .zero ? ContinuousClock.now - start : .zero)
            }
            try await Task.sleep(for: min(pause * Double.random(in: 0.5..<1), left))
            pause = min(pause * 2, configuration.longestLockPause)
        }
    }

    /// Gives a lock back. Whoever holds it, only the lock of that ID is given back.
    ///
    /// - Throws: `StateStoreError.Code.notLocked` where nobody holds it; `LockHeldError` where another lock is held.
    public func unlock(_ environment: EnvironmentID, id: String) async throws {
        let names = StateNames(environment)
        while true {
            guard let lease = try await lease(names), let held = HeldLock(lease, environment) else {
                throw failure(.notLocked, environment, "nobody holds the lock")
            }
            guard held.id == id else { throw LockHeldError(lock: held, namespace: namespace, waited: .zero) }
            var free = lease
            free["spec", "holderIdentity"] = nil
            free.setAnnotation(StateLease.infoAnnotation, nil)
            do {
                _ = try await client.settle(.lease, namespace: namespace, free) {
                    Lease(object: $0).holderIdentity != id
                }
                return
            } catch let error as KubernetesError where error.isConflict {
                // Changed since, by its holder perhaps: look again whose it is.
                try await Task.sleep(for: .milliseconds(20) * Double.random(in: 0..<1))
            }
        }
    }

    /// Holds the lock while the body runs, and gives it back however the body ends.
    ///
    /// - Parameter body: is given the lock's ID, for ``PushOptions/lockID``.
    public func withLock<T: Sendable>(
        _ environment: EnvironmentID, _ info: LockInfo, waitingUpTo timeout: Duration = .zero,
        _ body: (String) async throws -> T
    ) async throws -> T {
        try await lock(environment, info, waitingUpTo: timeout)
        let result: Result<T, any Error>
        do { result = .success(try await body(info.id)) } catch { result = .failure(error) }
        // A task of its own, waited for: a cancelled one could not send the request any more.
        let release = await Task { try await giveBack(environment, id: info.id) }.result
        let value = try result.get()
        try release.get()
        return value
    }

    /// A lock that stays behind keeps everybody out, so one failure is not the end of it.
    private func giveBack(_ environment: EnvironmentID, id: String) async throws {
        for _ in 0..<3 {
            do {
                return try await unlock(environment, id: id)
            } catch is KubernetesError {}
        }
        try await unlock(environment, id: id)
    }

    /// - Returns: who holds the lock instead; nil when it is ours now.
    private func attemptLock(_ names: StateNames, _ info: LockInfo) async throws -> HeldLock? {
        while true {
            let lease = try await lease(names)
            if let lease, let held = HeldLock(lease, names.environment) { return held.id == info.id ? nil : held }
            var wanted = lease ?? StateLease.new(names, namespace: namespace)
            wanted.setAnnotation(StateLease.infoAnnotation, info.json.text)
            wanted["spec", "holderIdentity"] = .string(info.id)
            do {
                _ = try await client.settle(.lease, namespace: namespace, wanted) {
                    Lease(object: $0).holderIdentity == info.id
                }
                return nil
            } catch let error as KubernetesError where error.isConflict {
                // Somebody was faster: look who.
                try await Task.sleep(for: .milliseconds(20) * Double.random(in: 0..<1))
            }
        }
    }

    func lease(_ names: StateNames) async throws -> JSON? {
        do {
            return try await client.get(.lease, namespace: namespace, name: names.lease)
        } catch let error as KubernetesError where error.code == .notFound {
            return nil
        }
    }

    /// A random UUID (version 4), as the engines name their locks.
    static func freshUUID() -> String {
        let high = UInt64.random(in: 0 ... .max) & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
        let low = UInt64.random(in: 0 ... .max) & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        func digits(_ number: UInt64) -> String {
            let text = String(number, radix: 16)
            return String(repeating: "0", count: 16 - text.count) + text
        }
        let (first, second) = (digits(high), digits(low))
        return
            "\(first.prefix(8))-\(first.dropFirst(8).prefix(4))-\(first.suffix(4))-\(second.prefix(4))-\(second.suffix(12))"
    }
}
