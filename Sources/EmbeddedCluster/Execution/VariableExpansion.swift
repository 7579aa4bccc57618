/// References to variables in a container's command, arguments and environment: `$(NAME)`; `$$(NAME)` is none.
///
/// Source: k8s.io/kubernetes/third_party/forked/golang/expansion.
enum VariableExpansion {
    /// - Returns: the text, with references to variables that there are replaced by their values.
    static func expand(_ text: String, _ variables: [String: String]) -> String {
        guard text.contains("$") else { return text }
        var result = ""
        var rest = text[...]
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            rest = rest[rest.index(after: dollar)...]
            if rest.first == "$" {
                result += "$"
                rest = rest.dropFirst()
            } else if rest.first == "(", let close = rest.firstIndex(of: ")") {
                let name = String(rest[rest.index(after: rest.startIndex)..<close])
                result += variables[name] ?? "$(\(name))"
                rest = rest[rest.index(after: close)...]
            } else {
                result += "$"
            }
        }
        return result + rest
    }
}
