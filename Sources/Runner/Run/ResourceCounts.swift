internal import OrderedJSON

/// How many resources a run changed, or, of a plan, how many it would.
public struct ResourceCounts: Sendable, Hashable {
    /// Created, or to be created.
    public var added: Int
    /// Changed in place, or to be changed.
    public var changed: Int
    /// Destroyed, or to be destroyed.
    public var destroyed: Int

    public init(added: Int = 0, changed: Int = 0, destroyed: Int = 0) {
        self.added = added
        self.changed = changed
        self.destroyed = destroyed
    }

    /// For people.
    ///
    /// - Parameter isPlan: whether nothing of it was done yet.
    public func text(isPlan: Bool) -> String {
        isPlan
            ? "\(added) to add, \(changed) to change, \(destroyed) to destroy"
            : "\(added) added, \(changed) changed, \(destroyed) destroyed"
    }
}

/// What an engine's output says at its end about the resources, read line by line.
struct EngineSummary: Sendable {
    /// As the summary of what was done says; nil as long as there is none.
    private(set) var applied: ResourceCounts?
    /// As the summary of the plan says; engines leave it out where no resource is to be changed.
    private(set) var planned: ResourceCounts?

    /// - Parameter line: with or without colours.
    mutating func read(_ line: [UInt8]) {
        // Nothing else is looked at closely: an engine may print megabytes. What follows the summary are outputs, which may
        // look like one.
        guard line.prefix(40).contains(where: { "ADP".utf8.contains($0) }) else { return }
        let text = String(decoding: line, as: UTF8.self).withoutColours
        if let match = text.prefixMatch(of: #/(?:Apply|Destroy) complete! Resources: (.*) destroyed/#) {
            applied = applied ?? ResourceCounts(list: match.1)
        } else if let match = text.prefixMatch(of: #/Plan: (.*) to destroy/#) {
            planned = planned ?? ResourceCounts(list: match.1)
        }
    }

    /// - Parameter line: of the engine's JSON.
    mutating func read(_ line: JSON) {
        guard line["type"] == "change_summary", let changes = line["changes"] else { return }
        let counts = ResourceCounts(
            added: changes["add"]?.int ?? 0, changed: changes["change"]?.int ?? 0,
            destroyed: changes["remove"]?.int ?? 0)
        if changes["operation"] == "plan" { planned = counts } else { applied = counts }
    }

    /// - Parameters:
    ///   - operation: what was run.
    ///   - succeeded: whether it came to its end.
    /// - Returns: nil where the engine did not say.
    func counts(of operation: RunRequest.Operation, succeeded: Bool) -> ResourceCounts? {
        switch operation {
        case .plan: planned ?? (succeeded ? ResourceCounts() : nil)
        case .apply, .destroy, .refresh: applied
        }
    }
}

extension ResourceCounts {
    /// - Parameter list: such as `1 imported, 2 added, 0 changed, 1`, or `1 to add, 2 to change, 1`.
    fileprivate init(list: Substring) {
        self.init()
        for part in list.split(separator: ",") {
            let number = Int(part.filter(\.isNumber)) ?? 0
            if part.contains("add") {
                added = number
            } else if part.contains("change") {
                changed = number
            } else if !part.contains(where: \.isLetter) {
                destroyed = number
            }
        }
    }
}

extension String {
    /// Without the sequences that colour a terminal.
    var withoutColours: String { replacing(#/\u{1B}\[[0-9;]*m/#, with: "") }
}
