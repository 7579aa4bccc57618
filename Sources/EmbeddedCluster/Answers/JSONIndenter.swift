/// Indents JSON piece by piece, as Go's `json.MarshalIndent` does: two spaces a level, no newline at the end.
struct JSONIndenter: Sendable {
    private var depth = 0
    private var isInString = false
    private var isEscaped = false
    /// Whether an object or array was opened, and nothing was in it yet.
    private var isJustOpened = false

    mutating func indent(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        var output: [UInt8] = []
        for byte in bytes { append(byte, to: &output) }
        return output
    }

    private mutating func append(_ byte: UInt8, to output: inout [UInt8]) {
        guard !isInString else {
            output.append(byte)
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isInString = false
            }
            return
        }
        let wasJustOpened = isJustOpened
        switch byte {
        case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"): return
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
            depth -= 1
            if !wasJustOpened { newline(&output) }
            isJustOpened = false
            output.append(byte)
            return
        default: break
        }
        if wasJustOpened { newline(&output) }
        isJustOpened = false
        output.append(byte)
        switch byte {
        case UInt8(ascii: "\""): isInString = true
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            depth += 1
            isJustOpened = true
        case UInt8(ascii: ","): newline(&output)
        case UInt8(ascii: ":"): output.append(UInt8(ascii: " "))
        default: break
        }
    }

    private func newline(_ output: inout [UInt8]) {
        output.append(UInt8(ascii: "\n"))
        output.append(contentsOf: repeatElement(UInt8(ascii: " "), count: max(0, depth) * 2))
    }
}
