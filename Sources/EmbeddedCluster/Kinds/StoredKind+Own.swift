internal import OrderedJSON

extension StoredKind {
    /// An object that the cluster makes itself.
    ///
    /// - Parameters:
    ///   - content: what is given of it.
    ///   - manager: the part of Kubernetes that makes it there, and owns its fields.
    func own(_ content: JSON, namespace: String = "", name: String, by manager: String, now: Timestamp) -> JSON {
        var object = content
        var metadata = content["metadata"] ?? [:]
        metadata["name"] = .string(name)
        if !namespace.isEmpty { metadata["namespace"] = .string(namespace) }
        metadata["uid"] = .string(randomUID())
        metadata["resourceVersion"] = ""
        metadata["creationTimestamp"] = .string(now.text)
        object["metadata"] = Schema.metadata.ordered(metadata)
        setDefaults(&object)
        let owners = FieldTracker(kind, type, now: now).created(object, by: manager)
        prepareNew(&object)
        owners.note(in: &object)
        return type.ordered(object)
    }
}
