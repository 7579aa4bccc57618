internal import OrderedJSON

/// What a request says of who owns the fields of the object that it writes.
enum FieldOwnership: Sendable {
    /// What the object's `managedFields` say; where they say nothing, it is as it was.
    case given
    /// Nobody shall own anything.
    case reset
    /// The owners are these: an apply has found them.
    case applied(ManagedFields)

    /// - Parameter metadata: as the client sent it: an empty list is something else than none.
    init(_ metadata: JSON?) {
        self = ManagedFields.isReset(metadata?["managedFields"]) ? .reset : .given
    }

    /// The owners after the object was changed.
    func owners(
        of object: JSON, before old: JSON, by manager: String, _ tracker: FieldTracker
    ) -> ManagedFields {
        switch self {
        case .applied(let owners): return owners
        case .reset: return tracker.tracked(ManagedFields(), from: old, to: object, by: manager)
        case .given:
            var owners = ManagedFields(old["metadata"]?["managedFields"]) ?? ManagedFields()
            if tracker.subresource.isEmpty, let given = ManagedFields(object["metadata"]?["managedFields"]),
                !given.isEmpty
            {
                owners = given
            }
            return tracker.tracked(owners, from: old, to: object, by: manager)
        }
    }

    /// The owners of an object that is new.
    func owners(of object: JSON, by manager: String, _ tracker: FieldTracker) -> ManagedFields {
        if case .applied(let owners) = self { return owners }
        let given = ManagedFields(object["metadata"]?["managedFields"]) ?? ManagedFields()
        return tracker.created(object, given, by: manager)
    }
}
