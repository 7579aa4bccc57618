/// Whether whoever took a lock may still be at work, with what tells so. Never a guess: where nothing tells, it is unknown.
public enum LockVerdict: Sendable, Hashable {
    /// The holder is there.
    case alive(String)
    /// The holder is gone for good, and will not give the lock back.
    case orphaned(String)
    /// It cannot be told; the text says why.
    case unknown(String)

    /// One word.
    public var name: String {
        switch self {
        case .alive: "alive"
        case .orphaned: "orphaned"
        case .unknown: "unknown"
        }
    }

    /// What tells so, as a part of a sentence.
    public var evidence: String {
        switch self {
        case .alive(let evidence), .orphaned(let evidence), .unknown(let evidence): evidence
        }
    }

    /// Whether the lock may be given back in its holder's stead.
    public var isOrphaned: Bool {
        if case .orphaned = self { true } else { false }
    }
}

/// A lock that is held, and whether its holder is still there.
public struct JudgedLock: Sendable, Hashable {
    /// The lock, as it was read.
    public let lock: HeldLock
    /// Whether its holder is there.
    public let verdict: LockVerdict

    /// What is known of the holder, and the command to run.
    public var advice: String {
        let environment = lock.environment
        if let move = lock.move {
            let end = move.phase == .left ? "to begin anew here" : "to give it up"
            return "\(verdict.evidence); \(end), take it off with `stowage state unlock \(environment) \(lock.id)`"
        }
        return switch verdict {
        case .alive(let evidence): "\(evidence), so it is at work: wait for it with --lock-timeout 5m"
        case .orphaned(let evidence):
            "\(evidence), so nobody will give it back: do so with `stowage state unlock \(environment) --orphaned`"
        case .unknown(let evidence):
            "\(evidence); if you know that its holder is gone, give it back with "
                + "`stowage state unlock \(environment) \(lock.id)`"
        }
    }
}

extension LockVerdict {
    /// What is allowed for between two clocks of the cluster, and for times that are cut to seconds.
    static let clockTolerance = 10.0

    /// The verdict on a lock that a run of ours took, by the Lease that the run renews.
    ///
    /// - Parameters:
    ///   - lease: the Lease of the environment's run; nil where there is none.
    ///   - taken: when the lock was taken; nil where that is not known.
    ///   - now: by the same clock as the Lease's times; nil where the cluster does not tell.
    init(ofRun note: RunNote, lease: RunLease?, taken: Double?, now: Double?) {
        guard let now else {
            self = .unknown("the cluster does not say what time it is, so the Lease of its run cannot be judged")
            return
        }
        guard let lease, lease.lockID == note.lockID else {
            self.init(
                age: taken.map { now - $0 }, duration: Double(RunLease.duration),
                alive: { "its run took it \($0) ago" },
                orphaned: { "its run took it \($0) ago and never renewed a Lease for it" })
            return
        }
        let age = lease.renewTime.map { now - $0 }
        if lease.run == nil {
            self = .orphaned("its run ended\(age.map { " \(Self.text($0)) ago" } ?? "") and did not give it back")
            return
        }
        self.init(
            age: age, duration: lease.duration, alive: { "its run renewed its Lease \($0) ago" },
            orphaned: { "its run stopped renewing its Lease \($0) ago" })
    }

    private init(
        age: Double?, duration: Double, alive: (String) -> String, orphaned: (String) -> String
    ) {
        guard let age else {
            self = .unknown("its run's Lease does not say when it was renewed")
            return
        }
        switch age {
        case ..<(-Self.clockTolerance): self = .unknown("its run's Lease was renewed at a time that is yet to come")
        case ...(duration + Self.clockTolerance): self = .alive(alive(Self.text(age)))
        default: self = .orphaned(orphaned(Self.text(age)))
        }
    }

    /// A length of time as people say it, in one unit.
    private static func text(_ seconds: Double) -> String {
        let seconds = Int(max(seconds, 0))
        return switch seconds {
        case ..<120: "\(seconds) s"
        case ..<7200: "\(seconds / 60) min"
        case ..<172_800: "\(seconds / 3600) h"
        default: "\(seconds / 86400) d"
        }
    }
}
