/// Where a value stands in a JSON document, RFC 6901.
struct JSONPointer: Sendable, Hashable {
    /// Empty for the whole document.
    let steps: [String]

    /// nil for text that is no pointer.
    init?(_ text: String) {
        guard !text.isEmpty else {
            steps = []
            return
        }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts[0].isEmpty else { return nil }
        steps = parts.dropFirst().map { String($0).replacing("~1", with: "/").replacing("~0", with: "~") }
    }
}
