/// The keys of labels and annotations, and the values of labels.
///
/// Source: k8s.io/apimachinery/pkg/util/validation.
enum QualifiedName {
    static func problems(_ key: String) -> [String] {
        let parts = key.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        var problems: [String] = []
        if parts.count > 2 {
            return [
                "a qualified name \(nameMessage) with an optional DNS subdomain prefix and '/' "
                    + "(e.g. 'example.com/MyName')"
            ]
        }
        if parts.count == 2 {
            if parts[0].isEmpty {
                problems.append("prefix part must be non-empty")
            } else {
                problems += NameRule.subdomain.problems(parts[0]).map { "prefix part \($0)" }
            }
        }
        let name = parts.last ?? ""
        if name.isEmpty { return problems + ["name part must be non-empty", "name part \(nameMessage)"] }
        problems += NameRule.tooLong(name, 63).map { "name part \($0)" }
        return isName(name) ? problems : problems + ["name part \(nameMessage)"]
    }

    static func problems(labelValue value: String) -> [String] {
        NameRule.tooLong(value, 63) + (value.isEmpty || isName(value) ? [] : [valueMessage])
    }

    private static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, let last = text.utf8.last else { return false }
        return isAlphanumeric(first) && isAlphanumeric(last)
            && text.utf8.allSatisfy { isAlphanumeric($0) || "-_.".utf8.contains($0) }
    }

    static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: false
        }
    }

    private static let nameMessage = """
        must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric \
        character \
        (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is \
        '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')
        """
    private static let valueMessage = """
        a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start \
        and end \
        with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is \
        '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')
        """
}
