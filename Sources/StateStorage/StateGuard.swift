internal import TerraformState

/// A reason to refuse a write. Each can be overridden, by its name only.
public enum Objection: String, Sendable, Hashable, CaseIterable, Comparable {
    /// The new state is of another lineage: another succession of states.
    case lineage
    /// The new state is older than the one that is there.
    case lowerSerial = "lower-serial"
    /// The new state has the serial of the one that is there, and other content.
    case sameSerial = "same-serial"
    /// The new state has lost all resources, and this is no destroy.
    case emptied
    /// Somebody else holds the lock.
    case locked
    /// What is there cannot be read, so that nothing can be said about what would be lost.
    case damaged

    public static func < (left: Objection, right: Objection) -> Bool { left.rawValue < right.rawValue }
}

/// Decides what speaks against replacing one state by another. Knows no cluster.
public enum StateGuard {
    /// - Parameters:
    ///   - isDestroy: the new state may be without resources.
    public static func objections(to new: StateFacts, over current: StateFacts, isDestroy: Bool) -> Set<Objection> {
        guard new.sha256 != current.sha256 else { return [] }
        var objections: Set<Objection> = []
        if new.lineage != current.lineage { objections.insert(.lineage) }
        if new.serial < current.serial { objections.insert(.lowerSerial) }
        if new.serial == current.serial { objections.insert(.sameSerial) }
        if !isDestroy, let before = current.counts, let after = new.counts,
            before.resources > 0, after.resources == 0
        {
            objections.insert(.emptied)
        }
        return objections
    }
}

/// A write that the guard refused; nothing was changed.
public struct StateRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    /// Whose state it is.
    public let environment: EnvironmentID
    /// The namespace of the state.
    public let namespace: String
    /// What speaks against the write and was not overridden.
    public let objections: Set<Objection>
    /// What is there; nil where there is no state, or none that can be read.
    public let current: StateFacts?
    /// What was to be written.
    public let new: StateFacts
    /// Who holds the lock, where that is an objection, and whether its holder is there.
    public let lock: JudgedLock?
    /// What is wrong with the state that is there, where that is an objection.
    public let damage: String?

    public var description: String {
        let reasons = objections.sorted().map(explanation)
        let force = objections.sorted().map { "--force \($0.rawValue)" }.joined(separator: " ")
        return "the state of environment \(environment) in namespace \(namespace) was not replaced: "
            + reasons.joined(separator: "; ") + comparison + "; if it must be replaced all the same, pass \(force)"
    }

    private var comparison: String {
        guard let current, !objections.isDisjoint(with: [.lineage, .lowerSerial, .sameSerial, .emptied]) else {
            return ""
        }
        return " (there: serial \(current.serial), lineage \(current.lineage); "
            + "new: serial \(new.serial), lineage \(new.lineage))"
    }

    private func explanation(_ objection: Objection) -> String {
        switch objection {
        case .lineage: "the new state has another lineage, so it does not descend from the one that is there"
        case .lowerSerial: "the new state has a lower serial, so it is older than the one that is there"
        case .sameSerial: "the new state has the serial of the one that is there, but other content"
        case .emptied: "the new state has no resources left, and the one that is there has"
        case .locked: "the lock is held by \(lock.map { "\($0.lock.summary); \($0.advice)" } ?? "somebody else")"
        case .damaged: "the state that is there cannot be read, so it is not known what would be lost: \(damage ?? "")"
        }
    }
}
