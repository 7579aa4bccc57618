public import OrderedJSON

/// A place in a text: line and column from 1, columns counted in Unicode scalars.
public struct YAMLMark: Sendable, Hashable, Comparable {
    public let line: Int
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
    public struct Member: Sendable {
        public let key: String
        public let keyMark: YAMLMark
        public let value: YAMLValue
    }

    public indirect enum Content: Sendable {
        case null
        case bool(Bool)
        /// As JSON spells it; nil for infinity and what is no number.
        case number(JSON?)
        case string(String)
        case sequence([YAMLValue])
        /// No two members have the same key.
        case mapping([Member])
    }

    public let mark: YAMLMark
    public let content: Content

    public var string: String? { if case .string(let text) = content { text } else { nil } }
    public var sequence: [YAMLValue]? { if case .sequence(let elements) = content { elements } else { nil } }
    public var members: [Member]? { if case .mapping(let members) = content { members } else { nil } }
    public var isNull: Bool { if case .null = content { true } else { false } }

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
    public let mark: YAMLMark
    /// The key that is at fault, where it is one.
    public let key: String?
    public let message: String

    public init(_ mark: YAMLMark, key: String? = nil, _ message: String) {
        self.mark = mark
        self.key = key
        self.message = message
    }
}
