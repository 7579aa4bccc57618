internal import OrderedJSON

/// What the cluster changes in objects that it deletes, or whose owners it deletes.
extension JSON {
    mutating func removeOwners(_ uids: Set<String>) {
        editMetadata("ownerReferences") { references in
            references.filter { !uids.contains($0["uid"]?.string ?? "") }
        }
    }

    /// Owners wait for this object no longer.
    mutating func unblockOwners() {
        editMetadata("ownerReferences") { references in
            references.map { reference in
                var reference = reference
                if reference["blockOwnerDeletion"] != nil { reference["blockOwnerDeletion"] = false }
                return reference
            }
        }
    }

    mutating func removeFinalizer(_ finalizer: String) {
        editMetadata("finalizers") { $0.filter { $0.string != finalizer } }
    }

    /// A list that is left empty is left out.
    private mutating func editMetadata(_ field: String, _ body: ([JSON]) -> [JSON]) {
        var metadata = self["metadata"] ?? [:]
        let elements = body(metadata[field]?.array ?? [])
        metadata[field] = elements.isEmpty ? nil : .array(elements)
        self["metadata"] = metadata
    }
}

extension StoredObject {
    /// The change that makes the object what the edit leaves of it.
    func update(_ edit: (inout JSON) -> Void) throws -> Change {
        var json = try json()
        edit(&json)
        return .update(key, from: revision, ObjectDraft(json))
    }
}

extension ObjectKey {
    /// The order in which the store lists keys.
    func isBefore(_ other: ObjectKey) -> Bool {
        (resource, namespace, name) < (other.resource, other.namespace, other.name)
    }
}
