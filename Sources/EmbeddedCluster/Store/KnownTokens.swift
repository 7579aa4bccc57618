internal import Synchronization

/// Tokens that were looked up, so that not every request has to ask the store who its sender is.
///
/// Whatever is written to the tokens empties it.
final class KnownTokens: Sendable {
    private struct State {
        /// How often the tokens were written to.
        var generation = 0
        var tokens: [[UInt8]: StoredToken] = [:]
    }

    private static let limit = 1000

    private let state = Mutex(State())

    /// To be asked before the store is, and given to `keep` with what it said.
    var generation: Int { state.withLock { $0.generation } }

    /// - Parameter hash: of the token.
    subscript(hash: [UInt8]) -> StoredToken? { state.withLock { $0.tokens[hash] } }

    /// Does nothing when the tokens were written to since.
    func keep(_ token: StoredToken, from generation: Int) {
        state.withLock { state in
            guard state.generation == generation else { return }
            if state.tokens.count >= Self.limit { state.tokens = [:] }
            state.tokens[token.hash] = token
        }
    }

    /// To be called when the tokens were written to, before that is told to anybody.
    func forget() {
        state.withLock { state in
            state.generation += 1
            state.tokens = [:]
        }
    }
}
