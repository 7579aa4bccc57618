/// Which names an object may have. The messages are those of Kubernetes.
///
/// Source: k8s.io/apimachinery/pkg/util/validation.
enum NameRule: Sendable {
    /// A DNS subdomain: most kinds.
    case subdomain
    /// A DNS label: namespaces.
    case label
    /// Anything that can stand in a path: Roles and their bindings.
    case pathSegment

    func problems(_ name: String) -> [String] {
        switch self {
        case .subdomain: Self.tooLong(name, 253) + (Self.isSubdomain(name) ? [] : [Self.subdomainMessage])
        case .label: Self.tooLong(name, 63) + (Self.isLabel(name[...]) ? [] : [Self.labelMessage])
        case .pathSegment: Self.pathSegmentProblems(name)
        }
    }

    /// A name that is made from this prefix is judged without its last, made-up part.
    func problems(prefix: String) -> [String] { problems(prefix.hasSuffix("-") ? "\(prefix.dropLast())a" : prefix) }

    static func tooLong(_ text: String, _ limit: Int) -> [String] {
        text.utf8.count > limit ? ["must be no more than \(limit) bytes"] : []
    }

    static func isSubdomain(_ name: String) -> Bool {
        name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { isLabel($0) }
    }

    static func isLabel(_ name: Substring) -> Bool {
        guard let first = name.utf8.first, let last = name.utf8.last else { return false }
        return isLowerAlphanumeric(first) && isLowerAlphanumeric(last)
            && name.utf8.allSatisfy { isLowerAlphanumeric($0) || $0 == UInt8(ascii: "-") }
    }

    private static func isLowerAlphanumeric(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func pathSegmentProblems(_ name: String) -> [String] {
        if name == "." || name == ".." { return ["may not be '\(name)'"] }
        return ["/", "%"].filter { name.contains($0) }.map { "may not contain '\($0)'" }
    }

    static let subdomainMessage = """
        a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must \
        start and end \
        with an alphanumeric character (e.g. 'example.com', regex used for validation is \
        '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')
        """
    private static let labelMessage = """
        a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end \
        with an \
        alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is \
        '[a-z0-9]([-a-z0-9]*[a-z0-9])?')
        """
}
