internal import KubernetesAPI
internal import OrderedJSON

/// What a watch tells its client, in whichever form.
enum WatchEvent: Sendable {
    case added(StoredObject)
    case modified(StoredObject)
    case deleted(StoredObject)
    /// How far the watch is: an object with nothing but a resourceVersion.
    case bookmark(StoredObject)
    /// Why the watch ends.
    case error(Status)

    /// As the API names it.
    var type: String {
        switch self {
        case .added: "ADDED"
        case .modified: "MODIFIED"
        case .deleted: "DELETED"
        case .bookmark: "BOOKMARK"
        case .error: "ERROR"
        }
    }
}

/// What a watch is about, and what a change means to it.
struct WatchScope: Sendable {
    let kind: StoredKind
    let labels: LabelSelector
    let fields: FieldSelector
    let filter: EventFilter

    /// - Parameter query: where, which name, which labels.
    init(_ kind: StoredKind, _ query: ListQuery, fields: FieldSelector) {
        self.kind = kind
        self.fields = fields
        labels = query.selector
        filter = EventFilter(resource: query.resource, namespace: query.namespace, name: query.name)
    }

    /// Whether it chooses by what can change.
    var needsPrevious: Bool { !labels.requirements.isEmpty || !fields.isExact }

    /// nil for what the client has no reason to hear of. An object that moves out of what was chosen is gone for the
    /// client, one that moves in is new.
    func event(_ event: StoreEvent) throws -> WatchEvent? {
        switch event.kind {
        case .added: return try chooses(event.object, event.labels) ? .added(event.object) : nil
        case .deleted: return try chooses(event.object, event.previousLabels ?? [:]) ? .deleted(event.object) : nil
        case .modified:
            guard needsPrevious, let previous = event.previous else { return .modified(event.object) }
            let isChosen = try chooses(event.object, event.labels)
            switch (try chooses(previous, event.previousLabels ?? [:]), isChosen) {
            case (true, true): return .modified(event.object)
            case (false, true): return .added(event.object)
            case (true, false): return .deleted(try previous.at(event.object.revision))
            case (false, false): return nil
            }
        }
    }

    private func chooses(_ object: StoredObject, _ labels: [String: String]) throws -> Bool {
        guard self.labels.matches(labels) else { return false }
        return try fields.isExact || fields.matches(object.key, object.json(), kind)
    }

    /// - Parameter endsState: whether it says that all that was there has been told.
    func bookmark(at revision: Int64, endsState: Bool = false) -> WatchEvent {
        var metadata: JSON = ["resourceVersion": .string(String(revision))]
        if endsState { metadata["annotations"] = ["k8s.io/initial-events-end": "true"] }
        return .bookmark(
            StoredObject(
                key: kind.key(namespace: "", name: ""), revision: revision, metadata: metadata.bytes,
                content: kind.emptyContent))
    }
}

extension StoredObject {
    /// The object as it is, under another resourceVersion.
    fileprivate func at(_ revision: Int64) throws -> StoredObject {
        var metadata = try metadataJSON()
        metadata["resourceVersion"] = .string(String(revision))
        return StoredObject(key: key, revision: revision, metadata: metadata.bytes, content: content)
    }
}
