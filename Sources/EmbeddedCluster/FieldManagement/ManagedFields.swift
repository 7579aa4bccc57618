internal import OrderedJSON

/// Who owns which fields of an object, as `metadata.managedFields` says it.
///
/// Source: k8s.io/apimachinery/pkg/util/managedfields.
struct ManagedFields: Sendable, Hashable {
    enum Operation: String, Sendable {
        case apply = "Apply"
        case update = "Update"
    }

    /// What makes two entries one.
    struct Owner: Sendable, Hashable {
        let manager: String
        let operation: Operation
        /// Empty for an apply: who applies has one opinion, whatever the version.
        let apiVersion: String
        let subresource: String
    }

    struct Entry: Sendable, Hashable {
        var fields: FieldSet
        var apiVersion: String
        /// When the owner last took a field.
        var time: Timestamp?
    }

    private(set) var entries: [Owner: Entry] = [:]

    init() {}

    var isEmpty: Bool { entries.isEmpty }

    /// The fields of an owner; an owner of none is none.
    subscript(owner: Owner) -> Entry? {
        get { entries[owner] }
        set { entries[owner] = newValue?.fields.isEmpty == true ? nil : newValue }
    }

    static func owner(_ manager: String, _ operation: Operation, _ apiVersion: String, _ subresource: String) -> Owner {
        Owner(
            manager: manager, operation: operation, apiVersion: operation == .apply ? "" : apiVersion,
            subresource: subresource)
    }
}

extension ManagedFields {
    /// nil for what is no `managedFields`.
    init?(_ json: JSON?) {
        guard let json else { return }
        guard let list = json.array else { return nil }
        for item in list {
            guard item["fieldsType"]?.string == "FieldsV1",
                let operation = Operation(rawValue: item["operation"]?.string ?? ""),
                let fields = try? FieldSet(json: item["fieldsV1"] ?? [:])
            else { return nil }
            let apiVersion = item["apiVersion"]?.string ?? ""
            let owner = Self.owner(
                item["manager"]?.string ?? "", operation, apiVersion, item["subresource"]?.string ?? "")
            self[owner] = Entry(
                fields: fields, apiVersion: apiVersion,
                time: item["time"]?.string.flatMap { Timestamp(parsing: $0) })
        }
    }

    /// nil where nobody owns anything.
    var json: JSON? {
        guard !isEmpty else { return nil }
        return .array(ordered.map { Self.json($0, $1) })
    }

    /// Writes them into the metadata of an object, in place of what stood there.
    func note(in object: inout JSON) {
        var metadata = object["metadata"] ?? [:]
        metadata["managedFields"] = json
        object["metadata"] = Schema.metadata.ordered(metadata)
    }

    /// Applies first, then by time and name.
    private var ordered: [(Owner, Entry)] {
        entries.map { ($0, $1) }.sorted { left, right in
            let (owner, other) = (left.0, right.0)
            if owner.operation != other.operation { return owner.operation.rawValue < other.operation.rawValue }
            let (time, otherTime) = (left.1.time?.seconds ?? 0, right.1.time?.seconds ?? 0)
            if time != otherTime { return time < otherTime }
            if owner.manager != other.manager { return owner.manager < other.manager }
            if left.1.apiVersion != right.1.apiVersion { return left.1.apiVersion < right.1.apiVersion }
            return owner.subresource < other.subresource
        }
    }

    private static func json(_ owner: Owner, _ entry: Entry) -> JSON {
        var json: JSON = [
            "manager": .string(owner.manager), "operation": .string(owner.operation.rawValue),
            "apiVersion": .string(entry.apiVersion),
        ]
        if let time = entry.time { json["time"] = .string(time.text) }
        json["fieldsType"] = "FieldsV1"
        json["fieldsV1"] = entry.fields.json
        if !owner.subresource.isEmpty { json["subresource"] = .string(owner.subresource) }
        return json
    }

    /// Whether the lists say the same but for the times.
    static func areEqualButForTimes(_ left: JSON?, _ right: JSON?) -> Bool {
        func withoutTimes(_ json: JSON?) -> [JSON]? {
            json?.array?.map { entry in
                var entry = entry
                entry["time"] = nil
                return entry
            }
        }
        return withoutTimes(left) == withoutTimes(right)
    }

    /// Whether a client wants nobody to own anything: an empty list, or one of an empty entry.
    static func isReset(_ json: JSON?) -> Bool {
        guard let list = json?.array else { return false }
        return list.isEmpty || (list.count == 1 && list[0].object?.isEmpty == true)
    }
}
