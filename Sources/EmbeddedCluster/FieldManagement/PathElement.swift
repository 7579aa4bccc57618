internal import OrderedJSON

/// One step of the way from an object to one of its fields.
///
/// Source: sigs.k8s.io/structured-merge-diff, fieldpath.
enum PathElement: Sendable, Hashable {
    struct KeyMember: Sendable, Hashable {
        let name: String
        let value: JSON
    }

    /// A member of an object.
    case field(String)
    /// The element of a list that has these members, in the order of their names.
    case key([KeyMember])
    /// The element of a list that is this value.
    case value(JSON)
    /// The element of a list at this place.
    case index(Int)
}

extension PathElement {
    /// Why a text is no path element.
    struct Failure: Error {}

    /// nil for a sort of element that is not known.
    ///
    /// - Parameter text: as `text` writes it.
    init?(parsing text: String) throws(Failure) {
        let content = text.dropFirst(2)
        switch text.prefix(2) {
        case "f:": self = .field(String(content))
        case "k:":
            guard let members = (try? JSON(parsing: String(content)))?.object else { throw Failure() }
            self = .key(
                members.sorted { $0.key < $1.key }.map { KeyMember(name: $0.key, value: $0.value) })
        case "v:":
            guard let value = try? JSON(parsing: String(content)) else { throw Failure() }
            self = .value(value)
        case "i:":
            guard let index = Int(content) else { throw Failure() }
            self = .index(index)
        default:
            guard text.dropFirst().first == ":" else { throw Failure() }
            return nil
        }
    }

    /// As in `fieldsV1`.
    var text: String {
        switch self {
        case .field(let name): "f:\(name)"
        case .key(let members): "k:\(JSON.object(JSONObject(members.map { ($0.name, $0.value) })).text)"
        case .value(let value): "v:\(value.text)"
        case .index(let index): "i:\(index)"
        }
    }
}

extension PathElement: CustomStringConvertible {
    /// As in messages: `.data`, `[name="a"]`, `[="a"]`, `[0]`.
    var description: String {
        switch self {
        case .field(let name): ".\(name)"
        case .key(let members): "[\(members.map { "\($0.name)=\($0.value.text)" }.joined(separator: ","))]"
        case .value(let value): "[=\(value.text)]"
        case .index(let index): "[\(index)]"
        }
    }
}

extension PathElement: Comparable {
    private var rank: Int {
        switch self {
        case .field: 0
        case .key: 1
        case .value: 2
        case .index: 3
        }
    }

    static func < (left: PathElement, right: PathElement) -> Bool {
        switch (left, right) {
        case (.field(let left), .field(let right)): left < right
        case (.value(let left), .value(let right)): isOrdered(left, right)
        case (.index(let left), .index(let right)): left < right
        case (.key(let left), .key(let right)):
            left.lexicographicallyPrecedes(right) {
                $0.name == $1.name ? isOrdered($0.value, $1.value) : $0.name < $1.name
            }
        default: left.rank < right.rank
        }
    }

    /// Numbers, then strings, then truth values.
    private static func isOrdered(_ left: JSON, _ right: JSON) -> Bool {
        switch (left, right) {
        case (.number(let left), .number(let right)): (left.double ?? 0) < (right.double ?? 0)
        case (.number, _): true
        case (_, .number): false
        case (.string(let left), .string(let right)): left < right
        case (.string, _): true
        case (_, .string): false
        default: left.text < right.text
        }
    }
}
