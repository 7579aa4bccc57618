internal import Synchronization

/// How many bytes of states may be in memory at a time.
///
/// Who comes too much waits for a turn, in order. What is larger than all of the budget is let in alone.
final class ByteBudget: Sendable {
    /// A part of the budget, which is given back when nobody holds it any more.
    final class Share: Sendable {
        private let budget: ByteBudget
        private let size: Int

        fileprivate init(_ budget: ByteBudget, _ size: Int) {
            self.budget = budget
            self.size = size
        }

        // An answer that is being sent holds it, and nothing tells when a client that goes away has ended that.
        deinit { budget.giveBack(size) }
    }

    private struct Waiter {
        let number: Int
        let size: Int
        let turn: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var used = 0
        var waiting: [Waiter] = []
        var given = 0
        /// Those who gave up before they began to wait.
        var gone: Set<Int> = []

        func fits(_ size: Int, _ limit: Int) -> Bool { used == 0 || used + size <= limit }
    }

    private let limit: Int
    private let state = Mutex(State())

    init(bytes limit: Int) { self.limit = limit }

    /// How many wait for their turn.
    var waiting: Int { state.withLock { $0.waiting.count } }

    /// - Returns: nil where the turn did not come in time.
    func share(of size: Int, within patience: Duration) async throws -> Share? {
        let number: Int? = state.withLock { state in
            if state.waiting.isEmpty, state.fits(size, limit) {
                state.used += size
                return nil
            }
            state.given += 1
            return state.given
        }
        guard let number else { return Share(self, size) }
        let isGiven = await withTaskGroup(of: Bool?.self) { group in
            group.addTask { await self.turn(size, number) }
            group.addTask {
                try? await Task.sleep(for: patience)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            // It may have come at the last moment.
            let second = await group.next() ?? nil
            return first ?? second ?? false
        }
        guard isGiven else {
            try Task.checkCancellation()
            return nil
        }
        return Share(self, size)
    }

    private func turn(_ size: Int, _ number: Int) async -> Bool {
        defer { state.withLock { _ = $0.gone.remove(number) } }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { turn in
                let isOver: Bool? = state.withLock { state in
                    if state.gone.contains(number) { return false }
                    if state.waiting.isEmpty, state.fits(size, limit) {
                        state.used += size
                        return true
                    }
                    state.waiting.append(Waiter(number: number, size: size, turn: turn))
                    return nil
                }
                if let isOver { turn.resume(returning: isOver) }
            }
        } onCancel: {
            let waiter: Waiter? = state.withLock { state in
                guard let index = state.waiting.firstIndex(where: { $0.number == number }) else {
                    state.gone.insert(number)
                    return nil
                }
                return state.waiting.remove(at: index)
            }
            waiter?.turn.resume(returning: false)
            letIn()
        }
    }

    private func giveBack(_ size: Int) {
        state.withLock { $0.used -= size }
        letIn()
    }

    private func letIn() {
        let next: [Waiter] = state.withLock { state in
            var next: [Waiter] = []
            while let first = state.waiting.first, state.fits(first.size, limit) {
                state.used += first.size
                next.append(state.waiting.removeFirst())
            }
            return next
        }
        for waiter in next { waiter.turn.resume(returning: true) }
    }
}
