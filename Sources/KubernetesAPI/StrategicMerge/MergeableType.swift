/// What a strategic merge patch has to know of a type: which of its lists are merged, and by what.
public protocol MergeableType: Sendable {
    /// nil for what is no object, and for members that it does not have.
    func mergedMember(_ name: String) -> MergedMember<Self>?

    /// The type of a list's elements; nil for what is no list.
    var mergedElement: Self? { get }
}

/// What a member of an object holds, and how it is merged.
public struct MergedMember<Type: Sendable>: Sendable {
    /// nil where there is nothing to know of it.
    public let type: Type?
    /// The member by which elements of the list are merged rather than replaced; empty: as a set of plain values. nil: the
    /// list is replaced.
    public let patchKey: String?

    public init(type: Type?, patchKey: String? = nil) {
        self.type = type
        self.patchKey = patchKey
    }
}
