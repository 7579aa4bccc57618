/// The parameters of a request's query, decoded.
struct QueryParameters: Sendable, Hashable {
    private var values: [String: String] = [:]

    /// Of a parameter that is given twice the first counts, as in Go.
    init(_ query: String) {
        for pair in query.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let key = percentDecoded(parts[0], plusIsSpace: true), values[key] == nil else { continue }
            values[key] = parts.count == 2 ? percentDecoded(parts[1], plusIsSpace: true) ?? "" : ""
        }
    }

    var hasNUL: Bool { values.contains { $0.key.utf8.contains(0) || $0.value.utf8.contains(0) } }

    subscript(name: String) -> String? { values[name].flatMap { $0.isEmpty ? nil : $0 } }

    func isTrue(_ name: String) -> Bool { flag(name) ?? false }

    /// nil where it is not given; otherwise all but `0` and `false` is true, as Kubernetes reads it.
    func flag(_ name: String) -> Bool? { values[name].map { $0 != "0" && $0.lowercased() != "false" } }
}

/// nil where an escape is none, or the bytes are not UTF-8.
func percentDecoded(_ text: some StringProtocol, plusIsSpace: Bool = false) -> String? {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
        switch byte {
        case UInt8(ascii: "%"):
            let digits = rest.prefix(2)
            guard digits.count == 2, let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16) else {
                return nil
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        case UInt8(ascii: "+") where plusIsSpace: bytes.append(UInt8(ascii: " "))
        default: bytes.append(byte)
        }
    }
    return String(validating: bytes, as: UTF8.self)
}
