internal import OrderedJSON

/// What a field of an object holds, and how it is written.
indirect enum FieldType: Sendable {
    case string
    case int32
    case int64
    case boolean
    /// `2026-11-23T23:30:33Z`
    case time
    /// `2026-11-23T23:30:33.000000Z`
    case microTime
    /// Base64 in JSON.
    case bytes
    /// `1Gi`, `500m`
    case quantity
    /// A number or a string.
    case intOrString
    /// Any JSON.
    case any
    case list(FieldType)
    /// From any key; written in the order of the keys.
    case map(FieldType)
    case object(ObjectType)
}

/// An object's fields, in the order in which the API writes them as JSON.
///
/// One of these says all there is to know of a type: how it is read and written as JSON and as protobuf, how two of
/// them are merged, and what OpenAPI tells of it.
final class ObjectType: Sendable {
    /// The name that Kubernetes gives the type, which stands in its messages.
    let name: String
    /// `io.k8s.api.core.v1`, the namespace of `name` in OpenAPI.
    let package: String
    /// What `kubectl explain` says of it.
    let description: String
    let fields: [Field]
    let message: MessageLayout
    private let positions: [String: Int]

    init(name: String, package: String = "", description: String = "", fields: [Field]) {
        self.name = name
        self.package = package
        self.description = description
        self.fields = fields
        message = MessageLayout(fields)
        positions = Dictionary(uniqueKeysWithValues: fields.enumerated().map { ($1.name, $0) })
    }

    subscript(field name: String) -> Field? { positions[name].map { fields[$0] } }
}

struct Field: Sendable {
    enum Presence: Sendable, Hashable {
        /// Not written where it is empty, zero or false.
        case unlessEmpty
        /// Written where it was given, whatever it is: a pointer in Go.
        case whenGiven
        /// Always written; as the type's zero where it was not given.
        case always
        /// Always written; as null where it was not given.
        case alwaysOrNull
    }

    let name: String
    /// The numbers that lead to the field in protobuf; more than one where JSON has the fields of an embedded message
    /// among those of the message around it.
    let path: [Int]
    let type: FieldType
    let presence: Presence
    let merging: Merging
    let description: String

    /// Whether protobuf leaves it out where it was not given.
    var isPointer: Bool { presence == .whenGiven || presence == .alwaysOrNull }
}

/// How two values of a field become one.
struct Merging: Sendable, Hashable {
    /// In a strategic merge patch: the elements of the list are merged rather than replaced; by this member, or, where it
    /// is empty, as a set of plain values. nil: the list is replaced.
    var patchKey: String?
    /// In a strategic merge patch `$retainKeys` may say which members stay.
    var retainsKeys = false
    /// In an apply: the members that tell the elements of the list apart.
    var mapKeys: [String] = []
    /// In an apply: the list is a set of plain values.
    var isSet = false
    /// In an apply: the value has one owner as a whole.
    var isAtomic = false
}

extension FieldType {
    /// The name of the type in Go, for messages.
    var goName: String {
        switch self {
        case .string: "string"
        case .int32: "int32"
        case .int64: "int64"
        case .boolean: "bool"
        case .time: "v1.Time"
        case .microTime: "v1.MicroTime"
        case .bytes: "[]uint8"
        case .quantity: "resource.Quantity"
        case .intOrString: "intstr.IntOrString"
        case .any: "interface {}"
        case .list(let element): "[]\(element.goName)"
        case .map(let element): "map[string]\(element.goName)"
        case .object(let type): "v1.\(type.name)"
        }
    }

    /// What Go has where nothing was given and the field is no pointer.
    var zero: JSON {
        switch self {
        case .string: ""
        case .quantity: "0"
        case .int32, .int64, .intOrString: 0
        case .boolean: false
        case .time, .microTime, .bytes, .any, .list, .map: .null
        case .object(let type): type.zero
        }
    }
}

extension ObjectType {
    /// An object of which nothing was given.
    var zero: JSON {
        .object(
            JSONObject(
                fields.compactMap { field in
                    switch field.presence {
                    case .always: (field.name, field.type.zero)
                    case .alwaysOrNull: (field.name, .null)
                    case .unlessEmpty, .whenGiven: nil
                    }
                }))
    }

    /// The members in the order of the fields.
    func ordered(_ object: JSON) -> JSON {
        .object(JSONObject(fields.compactMap { field in object[field.name].map { (field.name, $0) } }))
    }
}
