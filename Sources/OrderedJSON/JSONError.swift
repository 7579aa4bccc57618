/// Why bytes are not the JSON that was asked for. Never carries content of the document.
public struct JSONError: Error, Sendable, Hashable, CustomStringConvertible {
    public struct Code: Sendable, Hashable {
        private enum Kind { case syntax, unexpectedEnd, tooDeep, invalidText }
        private let kind: Kind

        public static let syntax = Code(kind: .syntax)
        /// The document stops in the middle of a value.
        public static let unexpectedEnd = Code(kind: .unexpectedEnd)
        public static let tooDeep = Code(kind: .tooDeep)
        /// A string that is not UTF-8, or holds an unescaped control character or half of a surrogate pair.
        public static let invalidText = Code(kind: .invalidText)
    }

    public let code: Code
    /// Where, in bytes from the start of the document.
    public let offset: Int
    public let expectation: String

    public var description: String {
        switch code {
        case .unexpectedEnd: "the JSON document ends at byte \(offset), where \(expectation) was expected"
        case .tooDeep: "the JSON document is nested too deeply at byte \(offset): \(expectation)"
        default: "invalid JSON at byte \(offset): expected \(expectation)"
        }
    }
}
