/// What the aliases of a YAML document may make of its keys.
public enum AliasGrowth {
    /// Aliases in a document in which a key may be more than a word. The parser compares keys before it gives them to
    /// us, so what they grow to has to be bounded before.
    private static let maximumAliasesBesideKeys = 16

    /// Whether the document may have keys that grow without bound: it has many aliases, and something that looks like a
    /// key that is more than a word.
    public static func hasUnboundedKeys(_ bytes: [UInt8]) -> Bool {
        var (aliases, hasAnchor, mayHaveKeys) = (0, false, false)
        var (previous, isInAlias) = (UInt8(ascii: "\n"), false)
        for byte in bytes {
            let startsWord = " \n\t\r[{,:?-".utf8.contains(previous)
            switch byte {
            case UInt8(ascii: "*") where startsWord:
                aliases += 1
                isInAlias = true
            case UInt8(ascii: "&") where startsWord: hasAnchor = true
            case UInt8(ascii: "?") where startsWord: mayHaveKeys = true
            case UInt8(ascii: ":"):
                if isInAlias || "]} ".utf8.contains(previous) { mayHaveKeys = true }
                isInAlias = false
            case UInt8(ascii: "\n"), UInt8(ascii: ","): isInAlias = false
            default: break
            }
            previous = byte
        }
        return hasAnchor && mayHaveKeys && aliases > maximumAliasesBesideKeys
    }
}
