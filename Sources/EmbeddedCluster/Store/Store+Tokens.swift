internal import FoundationEssentials
internal import GRDB
internal import OrderedJSON

/// A bearer token as the store knows it: whose it is, never what it is.
struct StoredToken: Sendable, Hashable {
    enum Holder: String, Sendable {
        case administrator
        case serviceAccount
    }

    /// SHA-256 of the token.
    let hash: [UInt8]
    let holder: Holder
    var namespace = ""
    var name = ""
    /// The ServiceAccount's; another one of the same name does not inherit its tokens.
    var uid = ""
    /// Names the token in `user-info`, without giving it away.
    let identifier: String
    /// nil: never.
    var expires: Timestamp?
    /// For whom the token is good.
    var audiences = [Authenticator.audience]
    /// The object that the token ends with, beside its account.
    var bound: BoundObject?

    struct BoundObject: Sendable, Hashable {
        /// `secrets` or `pods`, of the account's namespace.
        let resource: String
        let name: String
        let uid: String
    }
}

extension Store {
    /// Keeps a token, and forgets those that have expired.
    ///
    /// - Parameter replacing: whether the holder's other tokens end with it.
    func keep(_ token: StoredToken, replacing: Bool = false) async throws {
        let now = clock.now()
        try await pool.write { database in
            try database.execute(sql: "DELETE FROM token WHERE expires <= ?", arguments: [now.microseconds])
            if replacing {
                try database.execute(
                    sql: "DELETE FROM token WHERE holder = ? AND namespace = ? AND name = ?",
                    arguments: [token.holder.rawValue, token.namespace, token.name])
            }
            try database.execute(
                sql: """
                    INSERT INTO token (hash, holder, namespace, name, uid, identifier, expires, audiences,
                    bound_resource, bound_name, bound_uid)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    Data(token.hash), token.holder.rawValue, token.namespace, token.name, token.uid, token.identifier,
                    token.expires?.microseconds, JSON.array(token.audiences.map { .string($0) }).text,
                    token.bound?.resource ?? "", token.bound?.name ?? "", token.bound?.uid ?? "",
                ])
        }
        knownTokens.forget()
    }

    /// The token of that hash, if it is known. Whether it has expired is for the caller to see.
    func token(hash: [UInt8]) async throws -> StoredToken? {
        if let known = knownTokens[hash] { return known }
        let generation = knownTokens.generation
        let found: StoredToken? = try await pool.unsafeRead { database in
            let statement = try database.cachedStatement(
                sql: """
                    SELECT hash, holder, namespace, name, uid, identifier, expires, audiences,
                    bound_resource, bound_name, bound_uid FROM token WHERE hash = ?
                    """)
            guard let row = try Row.fetchOne(statement, arguments: [Data(hash)]),
                let holder = StoredToken.Holder(rawValue: row[1])
            else { return nil }
            let audiences = try JSON(parsing: Array((row[7] as String).utf8)).array ?? []
            let resource: String = row[8]
            return StoredToken(
                hash: Array(row[0] as Data), holder: holder, namespace: row[2], name: row[3], uid: row[4],
                identifier: row[5], expires: (row[6] as Int64?).map { Timestamp(microseconds: $0) },
                audiences: audiences.compactMap(\.string),
                bound: resource.isEmpty
                    ? nil : StoredToken.BoundObject(resource: resource, name: row[9], uid: row[10]))
        }
        if let found { knownTokens.keep(found, from: generation) }
        return found
    }
}
