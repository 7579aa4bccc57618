internal import KubernetesAPI

/// Where a list goes on: after this object, in the order of namespace and name.
struct ListPosition: Sendable, Hashable {
    let namespace: String
    let name: String
}

/// What a list is to hold.
struct ListQuery: Sendable {
    let resource: String
    /// nil for all namespaces, and for resources of the whole cluster.
    var namespace: String?
    var name: String?
    var selector = LabelSelector.everything
    var after: ListPosition?
    var limit: Int?
    /// The list as it was at this revision; nil for now.
    var revision: Int64?
    /// Whether the bodies are left in the store.
    var metadataOnly = false
}

/// The first part of a list.
struct ListStart: Sendable {
    /// The revision that the whole list is of.
    let revision: Int64
    /// The part that was read; the rest is read with `Store.more`.
    let objects: [StoredObject]
    /// Where to read on within the limit; nil when `objects` is all.
    let unread: ListPosition?
    /// Where the next page starts; nil when there is none.
    let continuation: ListPosition?
    /// How many objects come after the limit; nil with a selector, and when there are none.
    let remaining: Int?
}

/// Why a list cannot be made as asked.
enum ListFailure: Error, Sendable, Hashable {
    /// The revision is no longer kept.
    case compacted(Int64, oldest: Int64)
    /// The revision is yet to come.
    case future(Int64, current: Int64)
}
