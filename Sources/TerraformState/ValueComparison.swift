internal import OrderedJSON

/// Collects where two values differ, as deep as both have the same shape.
struct ValueComparison {
    /// Whether what is sensitive is shown.
    let revealing: Bool
    private(set) var values: [StateDifference.Value] = []

    init(revealing: Bool) { self.revealing = revealing }

    /// - Parameter marks: paths from here to what is sensitive, on either side.
    mutating func compare(
        _ old: JSON?, _ new: JSON?, at path: AttributePath, marks: [ArraySlice<JSON>], isSensitive: Bool = false
    ) {
        let (old, new) = (old?.isNull == true ? nil : old, new?.isNull == true ? nil : new)
        guard old != new else { return }
        var isSensitive = isSensitive
        if !isSensitive, marks.contains(where: { Self.covers($0, old, new) }) {
            guard revealing else {
                return note(old.map { _ in StateFile.hidden }, new.map { _ in StateFile.hidden }, path, true)
            }
            isSensitive = true
        }
        if let inner = Self.unwrapped(old, new), inner.before != inner.after {
            let further = Self.marks(marks, below: "value")
            return compare(inner.before, inner.after, at: path, marks: marks + further, isSensitive: isSensitive)
        }
        switch (old, new) {
        case (.object(let before)?, .object(let after)?):
            for name in after.keys + before.keys.filter({ after[$0] == nil }) {
                compare(
                    before[name], after[name], at: path.member(name), marks: Self.marks(marks, below: .string(name)),
                    isSensitive: isSensitive)
            }
        case (.array(let before)?, .array(let after)?):
            compareElements(before, after, at: path, marks: marks, isSensitive: isSensitive)
        default:
            let paths = revealing ? [] : marks.map { JSON.array(Array($0)) }
            note(old?.hiding(paths), new?.hiding(paths), path, isSensitive)
        }
    }

    /// What both lists begin and end with is the same; elements between are compared place by place.
    private mutating func compareElements(
        _ old: [JSON], _ new: [JSON], at path: AttributePath, marks: [ArraySlice<JSON>], isSensitive: Bool
    ) {
        let shorter = min(old.count, new.count)
        let start = zip(old, new).prefix { $0 == $1 }.count
        let tail = min(zip(old.reversed(), new.reversed()).prefix { $0 == $1 }.count, shorter - start)
        for index in start..<max(old.count - tail, new.count - tail) {
            compare(
                index < old.count - tail ? old[index] : nil, index < new.count - tail ? new[index] : nil,
                at: path.index(index), marks: Self.marks(marks, below: .number(JSONNumber(index))),
                isSensitive: isSensitive)
        }
    }

    private mutating func note(_ before: JSON?, _ after: JSON?, _ path: AttributePath, _ isSensitive: Bool) {
        values.append(
            StateDifference.Value(
                path: path, change: StateDifference.Change(before != nil, after != nil), before: before, after: after,
                isSensitive: isSensitive))
    }

    /// What stands in two values of open types, or in one where the other is not there.
    private static func unwrapped(_ old: JSON?, _ new: JSON?) -> (before: JSON?, after: JSON?)? {
        let (before, after) = (old?.dynamicValue, new?.dynamicValue)
        guard (old == nil) == (before == nil), (new == nil) == (after == nil) else { return nil }
        return (before, after)
    }

    private static func marks(_ marks: [ArraySlice<JSON>], below step: JSON) -> [ArraySlice<JSON>] {
        marks.compactMap { $0.first?.stepKey == step ? $0.dropFirst() : nil }
    }

    /// Whether a mark hides all that stands here: it ends here, or does not fit what stands here.
    private static func covers(_ mark: ArraySlice<JSON>, _ old: JSON?, _ new: JSON?) -> Bool {
        guard let step = mark.first else { return true }
        let values = [old, new].compactMap(\.self).map { $0.dynamicValue ?? $0 }
        switch step.stepKey {
        case .string: return values.contains { $0.object == nil }
        case .number(let number):
            let counts = values.map { $0.array?.count ?? -1 }
            guard let index = number.int, index >= 0, let longest = counts.max() else { return true }
            return counts.contains(-1) || index >= longest
        default: return true
        }
    }
}
