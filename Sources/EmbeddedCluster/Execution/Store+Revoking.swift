internal import FoundationEssentials
internal import GRDB

extension Store {
    /// A token that was handed out is good for nothing any more.
    func forget(token: String) async throws {
        let hash = Data(Authenticator.hash(token))
        try await pool.write { try $0.execute(sql: "DELETE FROM token WHERE hash = ?", arguments: [hash]) }
    }
}
