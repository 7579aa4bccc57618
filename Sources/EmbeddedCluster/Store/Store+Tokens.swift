internal import FoundationEssentials
internal import GRDB

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
    /// For whom the token is good.
    var audiences = [Authenticator.audience]
    /// nil: never.
    var expires: Timestamp?
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
                    INSERT INTO token (hash, holder, namespace, name, uid, identifier, expires)
                    VALUES (?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    Data(token.hash), token.holder.rawValue, token.namespace, token.name, token.uid, token.identifier,
                    token.expires?.microseconds,
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
                sql: "SELECT hash, holder, namespace, name, uid, identifier, expires FROM token WHERE hash = ?")
            guard let row = try Row.fetchOne(statement, arguments: [Data(hash)]),
                let holder = StoredToken.Holder(rawValue: row[1])
            else { return nil }
            return StoredToken(
                hash: Array(row[0] as Data), holder: holder, namespace: row[2], name: row[3], uid: row[4],
                identifier: row[5], expires: (row[6] as Int64?).map { Timestamp(microseconds: $0) })
        }
        if let found { knownTokens.keep(found, from: generation) }
        return found
    }
}
