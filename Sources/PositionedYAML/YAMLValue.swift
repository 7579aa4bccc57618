public import OrderedJSON

/// A place in a text: line and column from 1, columns counted in Unicode scalars.
public struct YAMLMark: Sendable, Hashable, Comparable {
    /// From 1.
    public let line: Int
    /// From 1, in Unicode scalars.
    public let column: Int

    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    public static func < (left: YAMLMark, right: YAMLMark) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}

/// A value of a YAML document with the place where it is written. What an alias stands for is at its anchor's place.
public struct YAMLValue: Sendable {
    /// A key and what it stands for.
    public struct Member: Sendable {
        /// The key, whatever it was in YAML, as text.
        public let key: String
        /// Where the key is written.
        public let keyMark: YAMLMark
        /// What stands behind the key.
        public let value: YAMLValue
    }

    /// What a value is.
    public indirect enum Content: Sendable {
        /// `null`, `~` or nothing.
        case null
        /// `true` or `false`.
        case bool(Bool)
        /// As JSON spells it; nil for infinity and what is no number.
        case number(JSON?)
        /// A text, and what YAML has beside JSON's types.
        case string(String)
        /// A list.
        case sequence([YAMLValue])
        /// No two members have the same key.
        case mapping([Member])
    }

    /// Where the value begins.
    public let mark: YAMLMark
    /// What the value is.
    public let content: Content

    /// The text; nil for everything that is no string.
    public var string: String? { if case .string(let text) = content { text } else { nil } }
    /// The elements; nil for everything that is no list.
    public var sequence: [YAMLValue]? { if case .sequence(let elements) = content { elements } else { nil } }
    /// The members; nil for everything that is no mapping.
    public var members: [Member]? { if case .mapping(let members) = content { members } else { nil } }
    /// Whether it is `null`.
    public var isNull: Bool { if case .null = content { true } else { false } }

    /// The member of that key; nil where there is none or this is no mapping.
    public subscript(key: String) -> Member? { members?.first { $0.key == key } }

    /// What it is, for messages: `a mapping`, `a string`, `nothing`.
    public var kind: String {
        switch content {
        case .null: "nothing"
        case .bool: "a truth value"
        case .number: "a number"
        case .string: "a string"
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }

    /// As JSON, null for numbers that JSON has not.
    public var json: JSON {
        switch content {
        case .null: .null
        case .bool(let value): .bool(value)
        case .number(let value): value ?? .null
        case .string(let text): .string(text)
        case .sequence(let elements): .array(elements.map(\.json))
        case .mapping(let members): .object(JSONObject(members.map { ($0.key, $0.value.json) }))
        }
    }
}

/// What is wrong with a text as YAML. It repeats nothing of the text but keys.
public struct YAMLProblem: Error, Sendable, Hashable {
    /// Where it is wrong.
    public let mark: YAMLMark
    /// The key that is at fault, where it is one.
    public let key: String?
    /// What is wrong, for people.
    public let message: String

    public init(_ mark: YAMLMark, key: String? = nil, _ message: String) {
        self.mark = mark
        self.key = key
        self.message = message
    }
}
