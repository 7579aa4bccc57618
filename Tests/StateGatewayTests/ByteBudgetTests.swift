import Testing

@testable import StateGateway

/// Who may be in memory, and who waits.
@Suite(.timeLimit(.minutes(20))) struct ByteBudgetTests {
    private let budget = ByteBudget(bytes: 100)
    private let patience = Duration.seconds(60)

    private func wait(for count: Int) async { while budget.waiting != count { await Task.yield() } }

    private func share(_ size: Int) -> Task<ByteBudget.Share?, any Error> {
        Task { try await budget.share(of: size, within: patience) }
    }

    @Test func whatFitsIsLetInAtOnce() async throws {
        let shares = [
            try await budget.share(of: 60, within: .zero), try await budget.share(of: 40, within: .zero),
            try await budget.share(of: 0, within: .zero),
        ]
        #expect(shares.allSatisfy { $0 != nil })
        #expect(try await budget.share(of: 1, within: .zero) == nil)
        withExtendedLifetime(shares) {}
    }

    @Test func aShareIsGivenBackWhenNobodyHoldsIt() async throws {
        var share = try await budget.share(of: 100, within: .zero)
        #expect(share != nil)
        let waiting = self.share(100)
        await wait(for: 1)
        share = nil
        #expect(try await waiting.value != nil)
        // The waiting task's result is held by it; another one finds no room.
        #expect(try await budget.share(of: 1, within: .zero) == nil)
    }

    @Test func nobodyIsOvertaken() async throws {
        var first = try await budget.share(of: 70, within: .zero)
        let large = share(50)
        await wait(for: 1)
        // It would fit, and comes after the one that does not.
        let small = share(20)
        await wait(for: 2)
        #expect(try await budget.share(of: 10, within: .zero) == nil)
        #expect(first != nil)
        first = nil
        let shares = [try await large.value, try await small.value]
        #expect(shares.allSatisfy { $0 != nil })
        #expect(budget.waiting == 0)
    }

    @Test func whatIsLargerThanTheBudgetIsLetInAlone() async throws {
        var small = try await budget.share(of: 1, within: .zero)
        let huge = share(1_000)
        await wait(for: 1)
        #expect(small != nil)
        small = nil
        let share = try await huge.value
        #expect(share != nil)
        #expect(try await budget.share(of: 1, within: .zero) == nil)
        withExtendedLifetime(share) {}
    }

    @Test func whoGivesUpMakesRoomForThoseBehind() async throws {
        let first = try await budget.share(of: 60, within: .zero)
        #expect(first != nil)
        let large = share(50)
        await wait(for: 1)
        let small = share(30)
        await wait(for: 2)
        large.cancel()
        await #expect(throws: CancellationError.self) { try await large.value }
        #expect(try await small.value != nil)
        #expect(budget.waiting == 0)
    }

    @Test func patienceEnds() async throws {
        let first = try await budget.share(of: 100, within: .zero)
        #expect(first != nil)
        #expect(try await budget.share(of: 1, within: .milliseconds(1)) == nil)
        #expect(budget.waiting == 0)
    }

    /// Whatever comes, goes and gives up, what is in memory is never more than the budget, and in the end nothing is.
    @Test func neverIsMoreInMemoryThanTheBudget() async throws {
        let used = Counter()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<1_000 {
                group.addTask {
                    let size = number % 97 + 1
                    let patience: Duration = number % 5 == 0 ? .zero : self.patience
                    guard let share = try await budget.share(of: size, within: patience) else { return }
                    used.add(size)
                    for _ in 0..<number % 4 { await Task.yield() }
                    used.add(-size)
                    withExtendedLifetime(share) {}
                }
            }
            try await group.waitForAll()
        }
        #expect(used.most <= 100)
        #expect(budget.waiting == 0)
        #expect(try await budget.share(of: 100, within: .zero) != nil)
    }
}
