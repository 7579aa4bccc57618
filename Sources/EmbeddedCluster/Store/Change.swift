/// One step of a write. The steps of a write are made together or not at all.
enum Change: Sendable {
    case create(ObjectKey, ObjectDraft)
    /// - Parameter from: the revision that is replaced; any other there is a conflict.
    case update(ObjectKey, from: Int64, ObjectDraft)
    case delete(ObjectKey, from: Int64)

    var key: ObjectKey {
        switch self {
        case .create(let key, _), .update(let key, _, _), .delete(let key, _): key
        }
    }
}

/// Something that must still be so when a write is made.
struct Requirement: Sendable, Hashable {
    let key: ObjectKey
    let revision: Int64
}

/// Why a write was not made.
enum StoreConflict: Error, Sendable, Hashable {
    case exists(ObjectKey)
    case missing(ObjectKey)
    /// The object is at another revision.
    case changed(ObjectKey, current: Int64)
    /// A requirement does not hold; nothing is said about the object itself.
    case requirement(ObjectKey)
}

/// What happened to an object.
enum EventKind: Int, Sendable {
    case added = 1
    case modified = 2
    case deleted = 3
}

/// One revision of the log.
struct StoreEvent: Sendable, Hashable {
    let kind: EventKind
    /// The object at this revision; the last one, at the revision of its deletion, for one that was deleted.
    let object: StoredObject
    let labels: [String: String]
    /// The object before, at its own revision; nil for one that is new or was deleted, and where it was not asked for.
    let previous: StoredObject?
    /// The labels before, for a selector that the object moved into or out of; nil for one that is new.
    let previousLabels: [String: String]?
}

extension StoreEvent {
    /// About what it takes in memory.
    var size: Int {
        256 + object.metadata.count + object.content.count
            + (previous.map { $0.metadata.count + $0.content.count } ?? 0)
    }
}
