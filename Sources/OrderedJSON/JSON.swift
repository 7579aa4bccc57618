/// A JSON value that remembers the order of its members and the spelling of its numbers.
///
/// Objects of a cluster pass through this type whole: what we do not know is kept, and comes out where it went in.
public enum JSON: Sendable, Hashable {
    /// `null`, which is not the same as no member.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A number, spelled as it came.
    case number(JSONNumber)
    /// A text, without its escapes.
    case string(String)
    /// Values in their order.
    case array([JSON])
    /// Members in their order.
    case object(JSONObject)
}

extension JSON {
    /// The text; nil for everything that is no string.
    public var string: String? {
        if case .string(let value) = self { value } else { nil }
    }

    /// nil for everything but `true` and `false`.
    public var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// nil for what is no number, and for numbers that are not spelled as an integer or do not fit.
    public var int: Int? {
        if case .number(let value) = self { value.int } else { nil }
    }

    /// The elements; nil for everything that is no array.
    public var array: [JSON]? {
        if case .array(let value) = self { value } else { nil }
    }

    /// The members; nil for everything that is no object.
    public var object: JSONObject? {
        if case .object(let value) = self { value } else { nil }
    }

    /// Whether it is `null`.
    public var isNull: Bool { self == .null }

    /// The member of that name, or nil where there is none or this is no object.
    ///
    /// Setting a member of something that is no object makes it an object; setting nil removes the member.
    public subscript(key: String) -> JSON? {
        get { object?[key] }
        set {
            var members: JSONObject = [:]
            if case .object(let existing) = self { members = existing }
            // Releases the only other reference, so that the change below is made in place.
            self = .null
            members[key] = newValue
            self = .object(members)
        }
    }

    /// An object of strings, such as labels, annotations or a Secret's data; members that are no strings are left out.
    public var strings: [String: String]? {
        object.map { Dictionary($0.compactMap { key, value in value.string.map { (key, $0) } }) { _, last in last } }
    }

    /// An object of strings, its members in the order of their names, as Kubernetes writes maps.
    public init(sorted strings: [String: String]) {
        self = .object(JSONObject(strings.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
    }
}

/// A number as it was spelled: `1e2`, `100` and a 30-digit integer each stay what they are.
public struct JSONNumber: Sendable, Hashable {
    /// The number in JSON's grammar, as it was spelled.
    public let text: String

    /// - Parameter text: a number in JSON's grammar; not checked here.
    init(unchecked text: String) { self.text = text }

    public init(_ value: Int) { text = String(value) }

    /// nil where it is not spelled as an integer (`1.0`, `1e2`) or does not fit into 64 bits.
    public var int: Int? { Int(text) }
    /// The nearest number of 64 bits; infinite where it is too large.
    public var double: Double? { Double(text) }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int) { self = .number(JSONNumber(value)) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(arrayLiteral elements: JSON...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (String, JSON)...) { self = .object(JSONObject(elements)) }
    public init(nilLiteral: ()) { self = .null }
}
