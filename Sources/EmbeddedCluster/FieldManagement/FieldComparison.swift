internal import OrderedJSON

/// The fields in which two values differ.
struct FieldComparison: Sendable, Hashable {
    private(set) var added = FieldSet()
    private(set) var modified = FieldSet()
    private(set) var removed = FieldSet()

    /// Fields that are not what they were, or were not there.
    var changed: FieldSet { added.union(modified) }
    var isEmpty: Bool { added.isEmpty && modified.isEmpty && removed.isEmpty }

    init(_ old: JSON, _ new: JSON, _ shape: FieldShape) { self.init(from: old, to: new, shape) }

    /// - Parameters:
    ///   - old: nil where there was nothing.
    ///   - new: nil where there is nothing any more.
    private init(from old: JSON?, to new: JSON?, _ shape: FieldShape) {
        let isBranch = shape.isList ? Self.hasElements(old, new) : !shape.isLeaf && Self.hasMembers(old, new)
        if isBranch {
            if shape.isList {
                compareElements(old?.array ?? [], new?.array ?? [], shape)
            } else {
                compareMembers(old?.object ?? [:], new?.object ?? [:], shape)
            }
        } else if let old, let new, old != new {
            modified.isMember = true
        }
        if old == nil { added.isMember = true } else if new == nil { removed.isMember = true }
    }

    private static func hasElements(_ values: JSON?...) -> Bool { values.contains { $0?.array?.isEmpty == false } }
    private static func hasMembers(_ values: JSON?...) -> Bool { values.contains { $0?.object?.isEmpty == false } }

    private mutating func compareMembers(_ old: JSONObject, _ new: JSONObject, _ shape: FieldShape) {
        for (name, value) in old {
            insert(.field(name), FieldComparison(from: value, to: new[name], shape.member(name)))
        }
        for (name, value) in new where old[name] == nil {
            insert(.field(name), FieldComparison(from: nil, to: value, shape.member(name)))
        }
    }

    private mutating func compareElements(_ old: [JSON], _ new: [JSON], _ shape: FieldShape) {
        let (before, after) = (shape.identified(old), shape.identified(new))
        let later = Dictionary(uniqueKeysWithValues: after.map { ($0.identity, $0.value) })
        let earlier = Set(before.map(\.identity))
        for (identity, value) in before {
            insert(identity, FieldComparison(from: value, to: later[identity], shape.element))
        }
        for (identity, value) in after where !earlier.contains(identity) {
            insert(identity, FieldComparison(from: nil, to: value, shape.element))
        }
    }

    private mutating func insert(_ element: PathElement, _ comparison: FieldComparison) {
        guard !comparison.isEmpty else { return }
        added[element] = comparison.added
        modified[element] = comparison.modified
        removed[element] = comparison.removed
    }
}
