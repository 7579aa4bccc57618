internal import StateStorage

extension RunLock {
    /// Waits for the run's turn, and ends it when the body has ended. A signal ends the wait.
    ///
    /// - Parameters:
    ///   - obstacle: asked before a lock is taken over that a run of ours left behind.
    ///   - body: is given what is left of the time to wait, for locks of others that come in between.
    /// - Throws: `RunError.Code.interrupted`; as ``takeTurn(_:waitingUpTo:obstacle:telling:)``; what the body throws.
    func withTurn<T: Sendable>(
        of request: RunRequest, _ context: RunContext, obstacle: @escaping @Sendable (HeldLock) async -> String?,
        _ body: @Sendable (_ waited: Duration) async throws -> T
    ) async throws -> T {
        let (wait, notify) = (request.wait, context.notify)
        let waited = try await context.interruption.cancelling {
            try await self.takeTurn(
                "stowage run \(request.operation.rawValue)", waitingUpTo: wait, obstacle: obstacle
            ) { event in
                switch event {
                case .waiting(let wait): notify(.waiting(wait))
                case .tookOver(let lock): notify(.tookOver(lock))
                }
            }
        }
        guard let waited else {
            throw RunError(
                .interrupted, "interrupted while it waited for its turn; nothing was changed, and its place is given up"
            )
        }
        let result: Result<T, any Error>
        do { result = .success(try await body(waited)) } catch { result = .failure(error) }
        await endTurn()
        return try result.get()
    }
}
