/// An address such as `https://host:6443/prefix`, taken apart.
struct ServerAddress: Sendable, Hashable {
    let scheme: String
    /// Without the brackets of an IPv6 address.
    let host: String
    let port: Int
    /// Empty, or with a slash at its start and none at its end.
    let path: String
    let userInformation: String?

    /// - Parameter schemes: those that are accepted, with their ports.
    /// - Returns: nil for anything that is not such an address, also when it has a query or a fragment.
    init?(_ text: String, schemes: [String: Int]) {
        guard let end = text.firstRange(of: "://"), text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
        scheme = text[..<end.lowerBound].lowercased()
        guard let defaultPort = schemes[scheme] else { return nil }
        let rest = text[end.upperBound...]
        guard !rest.contains("?"), !rest.contains("#") else { return nil }
        var authority = rest.prefix { $0 != "/" }
        var path = rest[authority.endIndex...]
        while path.last == "/" { path.removeLast() }
        self.path = String(path)
        if let at = authority.lastIndex(of: "@") {
            userInformation = String(authority[..<at])
            authority = authority[authority.index(after: at)...]
        } else {
            userInformation = nil
        }
        guard let (host, port) = Self.hostAndPort(authority) else { return nil }
        self.host = host
        guard let port else {
            self.port = defaultPort
            return
        }
        guard let number = UInt16(port), number > 0 else { return nil }
        self.port = Int(number)
    }

    private static func hostAndPort(_ authority: Substring) -> (String, Substring?)? {
        if authority.first == "[" {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            let host = authority[authority.index(after: authority.startIndex)..<end]
            let rest = authority[authority.index(after: end)...]
            guard !host.isEmpty, rest.isEmpty || rest.first == ":" else { return nil }
            return (String(host), rest.isEmpty ? nil : rest.dropFirst())
        }
        let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2, let host = parts.first, !host.isEmpty else { return nil }
        return (String(host), parts.count == 2 ? parts[1] : nil)
    }

    /// The host as it stands in addresses, with the brackets of an IPv6 address.
    var bracketedHost: String { host.contains(":") ? "[\(host)]" : host }

    /// Whether the host is an address rather than a name.
    static func isAddress(_ host: String) -> Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return host.contains(":") || parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
    }

    /// The address again, with another host if one is given, and without user information.
    func text(host: String? = nil) -> String { "\(scheme)://\(host ?? bracketedHost):\(port)\(path)" }
}
