internal import KubernetesAPI
internal import OrderedJSON

/// The annotation in which kubectl's client-side apply keeps what it applied. Whoever goes over to server-side apply
/// takes those fields along.
enum LastApplied {
    static let annotation = "kubectl.kubernetes.io/last-applied-configuration"
    /// The manager that does so, unless a user says otherwise.
    static let manager = "kubectl"

    /// The fields that were applied and are still as they were then.
    static func fields(_ live: JSON, _ kind: ResourceKind, _ shape: FieldShape) -> FieldSet {
        guard let text = live["metadata"]?["annotations"]?[annotation]?.string,
            var config = (try? JSON(parsing: text))?.object, config["apiVersion"]?.string == kind.apiVersion
        else { return FieldSet() }
        for name in ["kind", "apiVersion"] { config[name] = nil }
        let object = JSON.object(config)
        let comparison = FieldComparison(object, FieldTracker.withoutOwners(live), shape)
        return FieldSet(of: object, shape).subtracting(comparison.changed).subtracting(comparison.removed)
    }

    /// Keeps the annotation of an object that has one up to date.
    ///
    /// - Parameter config: as it was applied, with its kind.
    static func update(_ object: inout JSON, _ config: JSONObject) {
        guard object["metadata"]?["annotations"]?[annotation] != nil else { return }
        var applied = JSON.object(config)
        applied.edit("metadata") { metadata in
            metadata.edit("annotations") { $0[annotation] = nil }
            if metadata["annotations"]?.object?.isEmpty == true { metadata["annotations"] = nil }
        }
        object.edit("metadata") { metadata in
            metadata.edit("annotations") { $0[annotation] = .string("\(applied.sorted.text)\n") }
        }
    }
}

extension JSON {
    /// Changes a member that is there.
    fileprivate mutating func edit(_ name: String, _ change: (inout JSON) -> Void) {
        guard var member = self[name] else { return }
        change(&member)
        self[name] = member
    }

    /// With the members of objects in the order of their names.
    fileprivate var sorted: JSON {
        switch self {
        case .array(let elements): .array(elements.map(\.sorted))
        case .object(let members):
            .object(JSONObject(members.sorted { $0.key < $1.key }.map { ($0.key, $0.value.sorted) }))
        default: self
        }
    }
}
