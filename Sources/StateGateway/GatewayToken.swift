internal import Crypto
internal import KubernetesAPI
internal import OrderedJSON
internal import StateStorage

/// A credential of the gateway as it is kept: its secret half is hashed, so that whoever reads the Secret cannot use it.
///
/// The secret half has 256 random bits, so one round of SHA-256 is enough.
public struct GatewayToken: Sendable, Hashable {
    /// Names it in records and for ``GatewayTokens/revoke(_:of:)``; the public half of the credential.
    public let name: String
    /// What it lets its bearer do.
    public let scope: GatewayScope
    /// As RFC 3339 writes it, in UTC.
    public let created: String
    /// As RFC 3339 writes it, in UTC; nil for one that stays until it is revoked.
    public let expires: String?
    /// Who made it.
    public let creator: String
    let digest: String

    init(name: String, scope: GatewayScope, created: String, expires: String?, creator: String, secret: String) {
        self.name = name
        self.scope = scope
        self.created = created
        self.expires = expires
        self.creator = creator
        digest = Self.digest(secret)
    }

    /// - Parameter json: nil is returned for what was not written here.
    init?(_ json: JSON) {
        guard let name = json["name"]?.string,
            let scope = json["scope"]?.string.flatMap({ GatewayScope(rawValue: $0) }),
            let digest = json["sha256"]?.string
        else { return nil }
        self.name = name
        self.scope = scope
        self.digest = digest
        created = json["created"]?.string ?? ""
        expires = json["expires"]?.string
        creator = json["creator"]?.string ?? ""
    }

    var json: JSON {
        var json: JSON = [
            "name": .string(name), "scope": .string(scope.rawValue), "sha256": .string(digest),
            "created": .string(created), "creator": .string(creator),
        ]
        if let expires { json["expires"] = .string(expires) }
        return json
    }

    func isExpired(at time: String) -> Bool { expires.map { $0 <= time } ?? false }

    func hasSecret(_ secret: String) -> Bool { GatewaySecret.isEqual(Self.digest(secret), digest) }

    private static func digest(_ secret: String) -> String {
        Base64.encode(Array(SHA256.hash(data: Array(secret.utf8))))
    }
}

/// What a user is given: `stowage_NAME_SECRET`, in one word, recognisable to those who look for leaked ones.
struct GatewayCredential: Sendable, Hashable {
    static let prefix = "stowage"

    let name: String
    let secret: String

    /// A new one.
    init() {
        name = String(GatewaySecret.random().prefix(12))
        secret = GatewaySecret.random()
    }

    /// - Parameter text: nil is returned for anything else.
    init?(parsing text: String) {
        let words = text.split(separator: "_", omittingEmptySubsequences: false)
        guard words.count == 3, words[0] == Self.prefix, !words[1].isEmpty, !words[2].isEmpty else { return nil }
        name = String(words[1])
        secret = String(words[2])
    }

    var text: String { "\(Self.prefix)_\(name)_\(secret)" }
}
