/// Why bytes are not the JSON that was asked for. Never carries content of the document.
public struct JSONError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong. More codes may come: switch over them with a default.
    public struct Code: Sendable, Hashable {
        private enum Kind { case syntax, unexpectedEnd, tooDeep, invalidText }
        private let kind: Kind

        /// Something stands where it must not.
        public static let syntax = Code(kind: .syntax)
        /// The document stops in the middle of a value.
        public static let unexpectedEnd = Code(kind: .unexpectedEnd)
        /// Arrays and objects are nested deeper than the parser goes.
        public static let tooDeep = Code(kind: .tooDeep)
        /// A string that is not UTF-8, or holds an unescaped control character or half of a surrogate pair.
        public static let invalidText = Code(kind: .invalidText)
    }

    /// What is wrong.
    public let code: Code
    /// Where, in bytes from the start of the document.
    public let offset: Int
    /// What should stand there instead.
    public let expectation: String

    public var description: String {
        switch code {
        case .unexpectedEnd: "the JSON document ends at byte \(offset), where \(expectation) was expected"
        case .tooDeep: "the JSON document is nested too deeply at byte \(offset): \(expectation)"
        default: "invalid JSON at byte \(offset): expected \(expectation)"
        }
    }
}
