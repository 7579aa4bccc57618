internal import NIOSSL

/// What a connection to a cluster is made of, each checked by itself: for files that name the parts in their own way.
public enum ConnectionParts {
    /// Whether the text is `https://host[:port][/path]`, without a user name.
    public static func isSecureServer(_ text: String) -> Bool {
        ServerAddress(text, schemes: ["https": 443]).map { $0.userInformation == nil } ?? false
    }

    /// Whether the text is `http://[user:password@]host:port` or `socks5://host:port`.
    public static func isProxy(_ text: String) -> Bool { ProxySettings(text) != nil }

    /// Whether the text has only characters that a bearer token has.
    public static func isToken(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }

    /// Whether the bytes are one or more certificates as PEM.
    public static func areCertificates(_ pem: [UInt8]) -> Bool { certificates(pem) != nil }

    static func certificates(_ pem: [UInt8]) -> [NIOSSLCertificate]? {
        (try? NIOSSLCertificate.fromPEMBytes(pem)).flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Whether the bytes are a private key as PEM, not encrypted.
    public static func isPrivateKey(_ pem: [UInt8]) -> Bool {
        (try? NIOSSLPrivateKey(bytes: pem, format: .pem)) != nil
    }

    /// Whether the key is that of the first certificate.
    public static func belongTogether(certificate: [UInt8], key: [UInt8]) -> Bool {
        guard let identity = try? ClientIdentity(certificatePEM: certificate, keyPEM: key) else { return false }
        var configuration = TLSSettings().configuration(identity: identity)
        // It trusts nobody, for which the system's authorities need not be read.
        configuration.trustRoots = .certificates([])
        // The TLS library compares the two public keys when it is given both.
        return (try? NIOSSLContext(configuration: configuration)) != nil
    }
}
