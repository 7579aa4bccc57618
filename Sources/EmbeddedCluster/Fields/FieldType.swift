internal import OrderedJSON

/// What a field of an object holds, and how it is written.
indirect enum FieldType: Sendable {
    case string
    case integer
    case boolean
    /// `2026-11-23T23:30:33Z`
    case time
    /// `2026-11-23T23:30:33.000000Z`
    case microTime
    case base64
    case list(FieldType)
    /// From any key; written in the order of the keys.
    case map(FieldType)
    case object(ObjectType)
    /// Accepted, and not kept.
    case ignored
}

/// An object's fields, in the order in which the API writes them.
struct ObjectType: Sendable {
    /// The name that Kubernetes gives the type, which stands in its messages.
    let name: String
    let fields: [Field]
}

struct Field: Sendable {
    enum Presence: Sendable {
        /// Not written where it is empty, zero or false.
        case unlessEmpty
        /// Written where it was given, whatever it is.
        case whenGiven
        /// Always written; like this where it was not given.
        case always(JSON)
    }

    let name: String
    let type: FieldType
    let presence: Presence

    init(_ name: String, _ type: FieldType, _ presence: Presence = .unlessEmpty) {
        self.name = name
        self.type = type
        self.presence = presence
    }
}

extension FieldType {
    /// The name of the type in Go, for messages.
    var goName: String {
        switch self {
        case .string: "string"
        case .integer: "int64"
        case .boolean: "bool"
        case .time: "v1.Time"
        case .microTime: "v1.MicroTime"
        case .base64: "[]uint8"
        case .list(let element): "[]\(element.goName)"
        case .map(let element): "map[string]\(element.goName)"
        case .object(let type): "v1.\(type.name)"
        case .ignored: "interface {}"
        }
    }
}

extension ObjectType {
    /// Source: Kubernetes API reference, meta/v1 `ObjectMeta`.
    static let metadata = ObjectType(
        name: "ObjectMeta",
        fields: [
            Field("name", .string), Field("generateName", .string), Field("namespace", .string),
            Field("selfLink", .ignored), Field("uid", .string), Field("resourceVersion", .string),
            Field("generation", .integer), Field("creationTimestamp", .time), Field("deletionTimestamp", .time),
            Field("deletionGracePeriodSeconds", .integer, .whenGiven), Field("labels", .map(.string)),
            Field("annotations", .map(.string)), Field("ownerReferences", .list(.object(ownerReference))),
            Field("finalizers", .list(.string)), Field("managedFields", .ignored),
        ])

    private static let ownerReference = ObjectType(
        name: "OwnerReference",
        fields: [
            Field("apiVersion", .string, .always("")), Field("kind", .string, .always("")),
            Field("name", .string, .always("")),
            Field("uid", .string, .always("")), Field("controller", .boolean, .whenGiven),
            Field("blockOwnerDeletion", .boolean, .whenGiven),
        ])
}

extension ObjectType {
    /// The members in the order of the fields.
    func ordered(_ object: JSON) -> JSON {
        .object(JSONObject(fields.compactMap { field in object[field.name].map { (field.name, $0) } }))
    }
}
