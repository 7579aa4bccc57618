internal import AsyncHTTPClient

/// The proxy of a cluster's `proxy-url`: `http://[user:password@]host:port` or `socks5://host:port`.
struct ProxySettings: Sendable {
    let configuration: HTTPClient.Configuration.Proxy

    /// Nil for an address of another form. The text may hold a password: messages must not repeat it.
    init?(_ text: String) {
        guard let address = ServerAddress(text, schemes: ["http": 80, "socks5": 1080]), address.path.isEmpty else {
            return nil
        }
        switch address.scheme {
        case "socks5":
            guard address.userInformation == nil else { return nil }
            configuration = .socksServer(host: address.host, port: address.port)
        default:
            let authorization = address.userInformation.map { user in
                HTTPClient.Authorization.basic(credentials: Base64.encode(Array(user.percentDecoded.utf8)))
            }
            configuration = .server(host: address.host, port: address.port, authorization: authorization)
        }
    }
}

extension String {
    /// With `%41` read as `A`; a `%` that starts no such triple stays.
    fileprivate var percentDecoded: String {
        var decoded: [UInt8] = []
        var rest = utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let value = UInt8(Substring(rest.prefix(2)), radix: 16), rest.count > 1 {
                decoded.append(value)
                rest = rest.dropFirst(2)
            } else {
                decoded.append(byte)
            }
        }
        return String(decoding: decoded, as: UTF8.self)
    }
}
