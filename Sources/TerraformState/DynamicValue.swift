internal import OrderedJSON

extension JSON {
    /// The value of an attribute whose type the provider's schema leaves open, which engines write as
    /// `{"value": …, "type": …}`, while paths into it lead on as if only the value stood there. nil for anything else.
    var dynamicValue: JSON? {
        guard case .object(let members) = self, members.count == 2, let value = members["value"],
            members["type"]?.isType == true
        else { return nil }
        return value
    }

    /// As engines write types: `"string"`, `["list", "string"]`, `["object", {"a": "number"}]`.
    private var isType: Bool {
        switch self {
        case .string(let name): ["string", "number", "bool", "dynamic"].contains(name)
        case .array(let parts):
            ["list", "set", "map", "object", "tuple"].contains(parts.first?.string ?? "")
                && (2...3).contains(parts.count)
        default: false
        }
    }
}
