internal import NIOSSL

/// What a request proves its sender with. Never printed: its description names what is there, not what it is.
struct Credential: Sendable, Hashable, CustomStringConvertible {
    /// The value of the `Authorization` header.
    var authorization: String?
    /// A client certificate that takes the place of the connection's own.
    var identity: ClientIdentity?

    static let none = Credential()

    static func bearer(_ token: String) -> Credential { Credential(authorization: "Bearer \(token)") }

    static func basic(username: String, password: String) -> Credential {
        Credential(authorization: "Basic \(Base64.encode(Array("\(username):\(password)".utf8)))")
    }

    var description: String {
        "Credential(authorization: \(authorization == nil ? "no" : "yes"), certificate: \(identity == nil ? "no" : "yes"))"
    }
}

/// A client certificate with what leads to its authority, and its key.
struct ClientIdentity: Sendable, Hashable {
    let certificates: [NIOSSLCertificate]
    let key: NIOSSLPrivateKey

    /// - Throws: ``CredentialFailure`` that says which of the two is not PEM.
    init(certificatePEM: [UInt8], keyPEM: [UInt8]) throws(CredentialFailure) {
        guard let certificates = try? NIOSSLCertificate.fromPEMBytes(certificatePEM), !certificates.isEmpty else {
            throw CredentialFailure("the client certificate is not a PEM certificate")
        }
        guard let key = try? NIOSSLPrivateKey(bytes: keyPEM, format: .pem) else {
            throw CredentialFailure("the client key is not an unencrypted PEM key")
        }
        self.certificates = certificates
        self.key = key
    }
}

/// Credentials that could not be obtained. The text tells why and what to do, and never holds a secret.
struct CredentialFailure: Error, Sendable, Hashable {
    let cause: String

    init(_ cause: String) { self.cause = cause }
}

/// A credential with the time, in seconds since 1970, from which on a new one must be obtained; nil when it does not age.
struct IssuedCredential: Sendable, Hashable {
    var credential: Credential
    var expiry: Double?
}

/// Where credentials come from: what the kubeconfig says itself, a token file, an exec plug-in.
protocol CredentialSource: Sendable {
    /// Obtains a credential now.
    ///
    /// - Throws: ``CredentialFailure`` or `CancellationError`.
    func issue() async throws -> IssuedCredential
}

/// A credential that stays what it is.
struct FixedCredentialSource: CredentialSource {
    let credential: Credential

    func issue() -> IssuedCredential { IssuedCredential(credential: credential) }
}

/// A bearer token in a file that somebody else, such as a kubelet, replaces from time to time.
struct TokenFileSource: CredentialSource {
    /// As in client-go. Projected tokens are replaced long before they expire.
    static let lifetime = 60.0
    private static let maximumSize = 1 << 20

    let path: String

    func issue() throws -> IssuedCredential {
        let bytes: [UInt8]
        do {
            bytes = try SmallFile.read(path, limit: Self.maximumSize)
        } catch {
            throw CredentialFailure("the token file cannot be used: \(error)")
        }
        let token = String(decoding: bytes, as: UTF8.self).trimmedASCII
        guard !token.isEmpty else { throw CredentialFailure("the token file \(path) is empty") }
        guard token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw CredentialFailure("the token file \(path) holds characters that no token has")
        }
        return IssuedCredential(credential: .bearer(token), expiry: WallClock.now() + Self.lifetime)
    }
}
