internal import OrderedJSON

extension JSONSkimmer {
    /// A string with escapes, which names and keys of a state hardly ever have.
    func unescaped(_ range: Range<Int>) throws(Malformed) -> String {
        guard let value = try? JSON(parsing: Array(bytes[range])), let text = value.string else {
            throw Malformed(offset: range.lowerBound)
        }
        return text
    }
}
