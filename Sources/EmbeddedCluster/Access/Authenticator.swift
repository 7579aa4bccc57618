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

    /// Whose a token is.
    enum Finding: Sendable, Hashable {
        /// - Parameter audiences: for whom it is good, of those that were asked about.
        case user(User, audiences: [String])
        /// - Parameter reason: in Kubernetes' words.
        case refused(_ reason: String)
    }

    /// - Parameter authorization: the request's `Authorization` header; of several, all joined, which is no token.
    /// - Throws: 401 for a credential that is not, or no longer, good. Only bearer tokens are.
    func user(authorization: String?) async throws -> User {
        guard let authorization else { return .anonymous }
        let words = authorization.split(separator: " ", omittingEmptySubsequences: true)
        guard words.count == 2, words[0].lowercased() == "bearer",
            case .user(let user, _) = try await find(token: String(words[1]))
        else { throw Status.unauthorized }
        return user
    }

    /// - Parameter audiences: those who want to know.
    func find(token: String, for audiences: [String] = [Self.audience]) async throws -> Finding {
        let hash = Self.hash(token)
        guard let known = try await store.token(hash: hash), Self.equal(known.hash, hash) else {
            return .refused("invalid bearer token")
        }
        func refused(_ reason: String) -> Finding { .refused("[invalid bearer token, \(reason)]") }
        if let expires = known.expires, expires <= store.clock.now() {
            return refused("service account token has expired")
        }
        let common = audiences.filter(known.audiences.contains)
        guard !common.isEmpty else {
            return refused(
                "token audiences \(Self.list(known.audiences)) is invalid for the target audiences "
                    + Self.list(audiences))
        }
        switch known.holder {
        case .administrator: return .user(.administrator, audiences: common)
        case .serviceAccount:
            if let reason = try await invalidity(of: known) { return refused(reason) }
            return .user(
                .serviceAccount(
                    namespace: known.namespace, name: known.name, uid: known.uid, extra: extra(known)),
                audiences: common)
        }
    }

    /// Why a token that was good once is not any more: what it belongs to is gone, or another of the same name.
    private func invalidity(of token: StoredToken) async throws -> String? {
        guard let uid = try await accounts.uid(namespace: token.namespace, name: token.name) else {
            return "serviceaccounts \"\(token.name)\" not found"
        }
        guard uid == token.uid else { return "service account UID (\(uid)) does not match claim (\(token.uid))" }
        guard let bound = token.bound else { return nil }
        let key = ObjectKey(resource: bound.resource, namespace: token.namespace, name: bound.name)
        guard let found = try await store.object(key), try found.metadataJSON()["uid"]?.string == bound.uid else {
            return "service account token has been invalidated"
        }
        return nil
    }

    private func extra(_ token: StoredToken) -> [String: [String]] {
        let domain = "authentication.kubernetes.io"
        var extra = ["\(domain)/credential-id": ["JTI=\(token.identifier)"]]
        if let bound = token.bound, bound.resource == "pods" {
            extra["\(domain)/pod-name"] = [bound.name]
            extra["\(domain)/pod-uid"] = [bound.uid]
        }
        return extra
    }

    private static func list(_ strings: [String]) -> String {
        "[\(strings.map { JSON.string($0).text }.joined(separator: " "))]"
    }

    /// A new token of an account.
    ///
    /// - Parameters:
    ///   - audiences: for whom it is good.
    ///   - bound: what it ends with, beside the account.
    func issueToken(
        namespace: String, name: String, uid: String, expires: Timestamp, audiences: [String] = [Self.audience],
        bound: StoredToken.BoundObject? = nil
    ) async throws -> String {
        let token = Self.randomToken()
        try await store.keep(
            StoredToken(
                hash: Self.hash(token), holder: .serviceAccount, namespace: namespace, name: name, uid: uid,
                identifier: randomUID(), expires: expires, audiences: audiences, bound: bound))
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
