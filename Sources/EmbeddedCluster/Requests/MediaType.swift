/// A clause of an `Accept` header, or a `Content-Type`.
struct MediaType: Sendable, Hashable {
    let name: String
    let parameters: [String: String]

    init(_ text: String) { self.init(text[...].utf8) }

    // Every request has one or two of these, so they are read as the bytes that they are.
    private init(_ text: Substring.UTF8View) {
        let parts = text.split(separator: UInt8(ascii: ";"))
        name = parts.first.map { Self.trimmed($0).lowercased() } ?? ""
        parameters = Dictionary(
            parts.dropFirst().map { part in
                let pair = Self.trimmed(part).utf8.split(separator: UInt8(ascii: "="), maxSplits: 1).map(Self.trimmed)
                return (pair.first ?? "", pair.count == 2 ? pair[1] : "")
            }, uniquingKeysWith: { first, _ in first })
    }

    private static func trimmed(_ text: Substring.UTF8View) -> String {
        var text = text
        while text.first == UInt8(ascii: " ") { text.removeFirst() }
        while text.last == UInt8(ascii: " ") { text.removeLast() }
        return String(Substring(text))
    }

    /// How much the client likes it, from 0 to 1.
    var quality: Double { parameters["q"].flatMap(Double.init) ?? 1 }

    /// Whether this, as a clause of an `Accept` header, stands for a media type.
    func accepts(_ other: AnswerMediaType) -> Bool {
        name == other.rawValue || name == "application/*" || name == "*/*"
    }

    /// The clauses of an `Accept` header, those that the client likes best first.
    ///
    /// Source: github.com/munnerz/goautoneg, which Kubernetes reads them with: of those liked the same, the one that
    /// names a type comes before one that stands for many.
    static func clauses(_ accept: String) -> [MediaType] {
        let clauses = accept[...].utf8.split(separator: UInt8(ascii: ",")).map { MediaType($0) }
        return clauses.enumerated().sorted { left, right in
            let (a, b) = (left.element, right.element)
            if a.quality != b.quality { return a.quality > b.quality }
            if a.breadth != b.breadth { return a.breadth < b.breadth }
            return left.offset < right.offset
        }.map(\.element)
    }

    private var breadth: Int { name == "*/*" ? 2 : name.hasSuffix("/*") ? 1 : 0 }
}

/// The media types of objects, in the order in which one is taken that the client has no preference for.
enum AnswerMediaType: String, Sendable, CaseIterable {
    case json = "application/json"
    case yaml = "application/yaml"
    case protobuf = "application/vnd.kubernetes.protobuf"
}
