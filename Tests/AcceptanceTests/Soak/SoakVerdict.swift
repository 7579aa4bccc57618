/// What a program that ended well has promised by that.
struct SoakClaim: Sendable {
    enum Content: Sendable {
        /// This state was written.
        case wrote(digest: Int)
        /// A state with this marker was written.
        case marked(String)
        /// A state of this serial was written.
        case serial(UInt64)
        /// This is a state that was there, and none from before the program began.
        case read(SoakJournal.StateWrite)
    }

    var environment: String
    /// Which program in which round.
    var program: String
    var content: Content
    /// What the state had when the program began.
    var since: UInt64
}

/// What is wrong with a journal, given what was promised.
enum SoakVerdict {
    static func violations(_ journal: SoakJournal.Entries, _ claims: [SoakClaim]) -> [String] {
        var found: [String] = []
        for (environment, states) in journal.states.sorted(by: { $0.key < $1.key }) {
            found += succession(states).map { "\(environment): \($0)" }
        }
        for (environment, holders) in journal.holders.sorted(by: { $0.key < $1.key }) {
            found += holding(holders, journal.writes[environment] ?? []).map { "\(environment): \($0)" }
        }
        for claim in claims {
            let states = (journal.states[claim.environment] ?? []).compactMap(\.self)
            if let broken = claim.broken(by: states) {
                found.append("\(claim.environment): \(claim.program): \(broken)")
            }
        }
        return found
    }

    /// Serials only grow, and the lineage stays. A version with the same content is not another state.
    private static func succession(_ states: [SoakJournal.StateWrite?]) -> [String] {
        var found: [String] = []
        var last: SoakJournal.StateWrite?
        for (number, state) in states.enumerated() {
            guard let state else {
                found.append("version \(number) of the Secret is no whole state")
                continue
            }
            defer { last = state }
            guard let last, last.digest != state.digest else { continue }
            if state.serial <= last.serial {
                found.append("serial \(last.serial) was replaced by \(state.serial) (\(state.marker ?? "no marker"))")
            }
            if state.lineage != last.lineage { found.append("lineage \(last.lineage) became \(state.lineage)") }
        }
        return found
    }

    /// Between two holders there is nobody, and who has given the lock back does not get it again.
    ///
    /// But for one who did nothing with it and had no successor: an engine that is told that its lock could not be taken, because
    /// something failed after it was, asks again under the same ID.
    private static func holding(_ holdings: [SoakJournal.Holding], _ writes: [UInt64]) -> [String] {
        var found: [String] = []
        var (last, lastHolder): (String?, String?) = (nil, nil)
        var taken: [String: UInt64] = [:]
        for holding in holdings where holding.holder != last {
            defer { last = holding.holder }
            guard let holder = holding.holder else { continue }
            if let last { found.append("the lock went from \(last) straight to \(holder)") }
            if let first = taken[holder] {
                let isUnused = !writes.contains { first < $0 && $0 < holding.version }
                if !isUnused || lastHolder != holder { found.append("the lock was held twice by \(holder)") }
            } else {
                taken[holder] = holding.version
            }
            lastHolder = holder
        }
        return found
    }
}

extension SoakClaim {
    /// - Returns: nil where it was kept.
    fileprivate func broken(by states: [SoakJournal.StateWrite]) -> String? {
        switch content {
        case .wrote(let digest):
            states.contains { $0.digest == digest } ? nil : "the state that it wrote was never there"
        case .marked(let marker):
            states.contains { $0.marker == marker } ? nil : "no state with its marker \(marker) was ever there"
        case .serial(let serial):
            states.contains { $0.serial == serial } ? nil : "serial \(serial), which it wrote, was never there"
        case .read(let state):
            if state.serial < since {
                "it read serial \(state.serial) when \(since) was there already"
            } else {
                states.contains(state) ? nil : "it read a state of serial \(state.serial) that was never there"
            }
        }
    }
}
