internal import Crypto
internal import KubernetesAPI
internal import OrderedJSON

/// Says who asks, from the bearer token of a request; and makes the tokens.
struct Authenticator: Sendable {
    /// What tokens are for, unless they say otherwise.
    static let audience = "https://kubernetes.default.svc"

    let store: Store
    private let accounts: KnownAccounts

    init(store: Store) {
        self.store = store
        accounts = KnownAccounts(store: store)
    }

    /// - Parameter authorization: the request's `Authorization` header.
    /// - Throws: 401 for a credential that is not, or no longer, good.
    func user(authorization: String?) async throws -> User {
        guard let authorization else { return .anonymous }
        let words = authorization.split(separator: " ", maxSplits: 1)
        guard words.count == 2, words[0].lowercased() == "bearer" else { throw Status.unauthorized }
        return try await user(token: words[1].trimmingPrefix(while: { $0 == " " }))
    }

    private func user(token: Substring) async throws -> User {
        let hash = Self.hash(String(token))
        guard let known = try await store.token(hash: hash), Self.equal(known.hash, hash) else {
            throw Status.unauthorized
        }
        if let expires = known.expires, expires <= store.clock.now() { throw Status.unauthorized }
        switch known.holder {
        case .administrator: return .administrator
        case .serviceAccount:
            guard try await accounts.uid(namespace: known.namespace, name: known.name) == known.uid else {
                throw Status.unauthorized
            }
            return .serviceAccount(
                namespace: known.namespace, name: known.name, uid: known.uid, credential: "JTI=\(known.identifier)")
        }
    }

    /// A new token of an account, for the API server.
    func issueToken(namespace: String, name: String, uid: String, expires: Timestamp) async throws -> String {
        let token = Self.randomToken()
        try await store.keep(
            StoredToken(
                hash: Self.hash(token), holder: .serviceAccount, namespace: namespace, name: name, uid: uid,
                identifier: randomUID(), expires: expires))
        return token
    }

    /// A new token of the administrator; the one before ends.
    func issueAdministratorToken() async throws -> String {
        let token = Self.randomToken()
        try await store.keep(
            StoredToken(hash: Self.hash(token), holder: .administrator, identifier: randomUID()), replacing: true)
        return token
    }

    func isAdministrator(token: String) async throws -> Bool {
        let hash = Self.hash(token)
        guard let known = try await store.token(hash: hash) else { return false }
        return Self.equal(known.hash, hash) && known.holder == .administrator
    }

    /// 256 bits, in letters that need no escaping anywhere.
    static func randomToken() -> String {
        SymmetricKey(size: .bits256).withUnsafeBytes { bytes in
            bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
        }
    }

    static func hash(_ token: String) -> [UInt8] { Array(SHA256.hash(data: Array(token.utf8))) }

    /// Takes the same time wherever the two differ.
    static func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        left.count == right.count && zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
