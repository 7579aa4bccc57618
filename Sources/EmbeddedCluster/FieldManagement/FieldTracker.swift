internal import KubernetesAPI
internal import OrderedJSON

/// Keeps who owns which fields of an object, as it is written.
///
/// Source: k8s.io/apimachinery/pkg/util/managedfields; sigs.k8s.io/structured-merge-diff, merge.
struct FieldTracker: Sendable {
    let apiVersion: String
    let shape: FieldShape
    /// An object of the kind of which nothing was given.
    let zero: JSON
    /// Empty for the object itself.
    let subresource: String
    let now: Timestamp

    init(_ kind: ResourceKind, _ type: ObjectType, subresource: String = "", now: Timestamp) {
        apiVersion = kind.apiVersion
        shape = .structure(type)
        zero = type.zero
        self.subresource = subresource
        self.now = now
    }

    /// Nobody owns these: they name the object, or are the server's.
    private static let unowned = FieldSet(fields: [
        ["apiVersion"], ["kind"], ["metadata"], ["metadata", "name"], ["metadata", "namespace"],
        ["metadata", "creationTimestamp"], ["metadata", "selfLink"], ["metadata", "uid"], ["metadata", "clusterName"],
        ["metadata", "generation"], ["metadata", "managedFields"], ["metadata", "resourceVersion"],
    ])

    /// How many managers' updates are told apart.
    private static let updateLimit = 10
}

extension FieldTracker {
    /// The owners of a new object's fields.
    func created(_ object: JSON, _ owners: ManagedFields = ManagedFields(), by manager: String) -> ManagedFields {
        updated(owners, from: zero, to: object, by: manager)
    }

    /// The owners after an update: who writes a field owns it, alone.
    func updated(
        _ owners: ManagedFields, from old: JSON, to new: JSON, by manager: String
    ) -> ManagedFields {
        let comparison = FieldComparison(Self.withoutOwners(old), Self.withoutOwners(new), shape)
        var owners = current(owners)
        take(comparison, from: &owners, except: nil)
        let fields = comparison.changed.subtracting(Self.unowned)
        guard !fields.isEmpty else { return owners }
        let owner = ManagedFields.owner(manager, .update, apiVersion, subresource)
        owners[owner] = ManagedFields.Entry(
            fields: fields.union(owners[owner]?.fields ?? FieldSet()), apiVersion: apiVersion, time: now)
        capUpdates(&owners)
        return owners
    }

    /// Objects that nobody owned anything of stay so, until they are applied.
    func tracked(_ owners: ManagedFields, from old: JSON, to new: JSON, by manager: String) -> ManagedFields {
        owners.isEmpty ? owners : updated(owners, from: old, to: new, by: manager)
    }

    static func withoutOwners(_ object: JSON) -> JSON {
        guard var metadata = object["metadata"], metadata["managedFields"] != nil else { return object }
        metadata["managedFields"] = nil
        var object = object
        object["metadata"] = metadata
        return object
    }

    /// Without what was said of versions that there are not any more.
    private func current(_ owners: ManagedFields) -> ManagedFields {
        var owners = owners
        for (owner, entry) in owners.entries where entry.apiVersion != apiVersion { owners[owner] = nil }
        return owners
    }

    private func take(
        _ comparison: FieldComparison, from owners: inout ManagedFields, except own: ManagedFields.Owner?
    ) {
        guard !comparison.isEmpty else { return }
        let taken = comparison.changed.union(comparison.removed)
        for (owner, var entry) in owners.entries where owner != own {
            entry.fields = entry.fields.subtracting(taken)
            owners[owner] = entry
        }
    }

    /// The oldest updates become one, of `ancient-changes`.
    private func capUpdates(_ owners: inout ManagedFields) {
        let updates = owners.entries.filter { $0.key.operation == .update }
        guard updates.count > Self.updateLimit else { return }
        let oldest = updates.sorted { left, right in
            let (time, other) = (left.value.time?.seconds ?? 0, right.value.time?.seconds ?? 0)
            return time == other ? left.key.manager < right.key.manager : time < other
        }.prefix(updates.count - Self.updateLimit + 1)
        let ancient = ManagedFields.owner("ancient-changes", .update, apiVersion, "")
        var bucket = owners[ancient] ?? ManagedFields.Entry(fields: FieldSet(), apiVersion: apiVersion, time: nil)
        for (owner, entry) in oldest {
            bucket.fields = bucket.fields.union(entry.fields)
            bucket.time = entry.time
            owners[owner] = nil
        }
        owners[ancient] = bucket
    }
}

extension FieldTracker {
    /// An object as it is after an apply, and who owns what then.
    struct Applied: Sendable {
        /// As the merge left it: members that have gone may be null.
        var object: JSON
        let owners: ManagedFields
    }

    /// - Parameters:
    ///   - live: the object that is there, or one of which nothing was given.
    ///   - config: what the manager wants it to say.
    /// - Throws: `FieldConflicts` for fields that others own and that would change, unless it is forced.
    func applied(
        _ owners: ManagedFields, _ live: JSON, _ config: JSON, by manager: String, isForced: Bool
    ) throws(FieldConflicts) -> Applied {
        let live = Self.withoutOwners(live)
        var owners = current(owners)
        if owners.isEmpty { owners = created(live, by: "before-first-apply") }
        let owner = ManagedFields.owner(manager, .apply, apiVersion, subresource)
        let last = owners[owner]
        let fields = FieldSet(of: config, shape)
        var merged = JSON.merged(live, config, shape) ?? config
        if let last { merged = pruned(merged, last.fields, fields.union(allFields(owners, except: owner))) }
        let comparison = FieldComparison(live, merged, shape)
        let conflicts = FieldConflicts(
            owners.entries.filter { $0.key != owner }.mapValues { $0.fields.intersection(comparison.changed) })
        guard isForced || conflicts.isEmpty else { throw conflicts }
        take(comparison, from: &owners, except: owner)
        let owned = fields.subtracting(Self.unowned)
        let isChanged = !comparison.isEmpty || last?.fields != owned
        owners[owner] = ManagedFields.Entry(
            fields: owned, apiVersion: apiVersion, time: isChanged ? now : last?.time)
        return Applied(object: merged, owners: owners)
    }

    private func allFields(_ owners: ManagedFields, except own: ManagedFields.Owner) -> FieldSet {
        owners.entries.reduce(FieldSet()) { $1.key == own ? $0 : $0.union($1.value.fields) }
    }

    /// Without what the manager applied the last time, and neither does now nor is anybody else's.
    private func pruned(_ merged: JSON, _ last: FieldSet, _ owned: FieldSet) -> JSON {
        let all = FieldSet(of: merged, shape).withNamedFields(shape)
        let last = last.withNamedFields(shape)
        let kept = FieldSet(of: merged.removing(last, shape), shape).withNamedFields(shape)
        // What others own comes back, with what leads there.
        let gone = all.subtracting(kept.union(owned.withNamedFields(shape)))
        let left = FieldSet(of: merged.removing(gone, shape), shape).withNamedFields(shape)
        // What nobody owns goes only with something that was the manager's.
        return merged.removing(all.subtracting(left).intersection(last), shape)
    }
}
