internal import KubernetesAPI

/// What single fields of the file may hold: for each, what is allowed, and a check that says what is wrong.
///
/// Names of clouds are checked as far as their own documentation binds them, and no further.
enum FieldRules {
    static let label = "up to 63 lower-case letters, digits and '-', with a letter or digit at both ends"

    /// A namespace: a DNS-1123 label.
    static func labelFault(_ text: String) -> String? {
        guard text.utf8.count <= 63 else { return "is \(text.utf8.count) characters long" }
        guard text.wholeMatch(of: #/[a-z0-9]([-a-z0-9]*[a-z0-9])?/#) != nil else {
            return "\(Quoting.quoted(text)) is not the name of a namespace"
        }
        return nil
    }

    static let subdomain =
        "up to 253 lower-case letters, digits, '-' and '.', with a letter or digit at both ends of each part"

    /// A ServiceAccount: a DNS-1123 subdomain.
    static func subdomainFault(_ text: String) -> String? {
        guard text.utf8.count <= 253 else { return "is \(text.utf8.count) characters long" }
        let part = #/[a-z0-9]([-a-z0-9]*[a-z0-9])?/#
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.allSatisfy({ $0.wholeMatch(of: part) != nil }) else {
            return "\(Quoting.quoted(text)) is not the name of a ServiceAccount"
        }
        return nil
    }

    static let word = "a name without spaces that does not begin with '-'"

    /// A name that a provider's command is given.
    static func wordFault(_ text: String) -> String? {
        guard text.first != "-", text.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value != 0x7F }) else {
            return "\(Quoting.quoted(text)) is not such a name"
        }
        return nil
    }

    static let server = "https://host[:port][/path]"

    static func serverFault(_ text: String) -> String? {
        if ConnectionParts.isSecureServer(text) { return nil }
        return text.lowercased().hasPrefix("http://")
            ? "credentials would be sent unencrypted over http://" : "is not such an address"
    }

    static let proxy = "http://[user:password@]host:port, socks5://host:port"

    static func proxyFault(_ text: String) -> String? {
        ConnectionParts.isProxy(text) ? nil : "is not the address of such a proxy"
    }

    static let token = "a bearer token"

    static func tokenFault(_ text: String) -> String? {
        ConnectionParts.isToken(text) ? nil : "holds characters that no token has"
    }

    static let roleARN = "arn:PARTITION:iam::ACCOUNT:role/NAME"

    /// Source: AWS, "IAM identifiers".
    static func roleARNFault(_ text: String) -> String? {
        text.wholeMatch(of: #/arn:[a-z0-9-]+:iam::\d{12}:role\/[\x21-\x7e]+/#) == nil
            ? "\(Quoting.quoted(text)) is not the ARN of an IAM role" : nil
    }

    static let sessionName = "2 to 64 letters, digits and any of +=,.@_-"

    /// Source: AWS Security Token Service, `AssumeRole`, `RoleSessionName`.
    static func sessionNameFault(_ text: String) -> String? {
        text.wholeMatch(of: #/[A-Za-z0-9_+=,.@-]{2,64}/#) == nil
            ? "\(Quoting.quoted(text)) is not the name of a session" : nil
    }

    static let googleServiceAccount = "the email address of a Google service account"

    static func googleServiceAccountFault(_ text: String) -> String? {
        if let fault = wordFault(text) { return fault }
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        return parts.count == 2 && parts.allSatisfy { !$0.isEmpty }
            ? nil : "\(Quoting.quoted(text)) is not such an address"
    }
}
