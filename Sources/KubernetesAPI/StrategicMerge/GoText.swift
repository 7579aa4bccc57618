public import OrderedJSON

extension JSON {
    /// The value as Go's `%v` prints it, for messages.
    public var goText: String {
        switch self {
        case .null: "<nil>"
        case .bool(let value): value ? "true" : "false"
        case .number(let number): number.text
        case .string(let text): text
        case .array(let elements): "[\(elements.map(\.goText).joined(separator: " "))]"
        case .object(let members):
            "map[\(members.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value.goText)" }.joined(separator: " "))]"
        }
    }

    /// What Go calls the type of the value, for messages.
    public var goTypeName: String {
        switch self {
        case .null: "%!s(<nil>)"
        case .bool: "bool"
        case .number(let number): number.int == nil ? "float64" : "int64"
        case .string: "string"
        case .array: "[]interface {}"
        case .object: "map[string]interface {}"
        }
    }
}
