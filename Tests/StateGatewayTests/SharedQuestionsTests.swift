import Synchronization
import Testing

@testable import StateGateway

/// Many who want to know the same, and what each of them may be told.
@Suite(.timeLimit(.minutes(20))) struct SharedQuestionsTests {
    /// Questions that are answered when the test says so, with the number of the question.
    private final class Asked: Sendable {
        private let begun = Mutex(0)
        private let gates: [(stream: AsyncStream<Void>, open: AsyncStream<Void>.Continuation)] = (0..<4).map { _ in
            let (stream, open) = AsyncStream<Void>.makeStream()
            return (stream, open)
        }

        var count: Int { begun.withLock { $0 } }

        func question() async throws -> Int {
            let number = begun.withLock { begun in
                begun += 1
                return begun
            }
            for await _ in gates[number].stream {}
            try Task.checkCancellation()
            return number
        }

        func answer(_ number: Int) { gates[number].open.finish() }

        func begins(_ number: Int) async { while count < number { await Task.yield() } }
    }

    private let questions = SharedQuestions<String, Int>()
    private let asked = Asked()

    private func ask(_ key: String = "a") -> Task<Int, any Error> {
        Task { try await questions.answer(for: key) { try await asked.question() } }
    }

    private func wait(for count: Int) async { while questions.waiting(for: "a") < count { await Task.yield() } }

    @Test func whoComesMeanwhileSharesTheNextQuestion() async throws {
        let first = ask()
        await asked.begins(1)
        let others = (0..<50).map { _ in ask() }
        await wait(for: 50)
        #expect(asked.count == 1)
        asked.answer(1)
        await asked.begins(2)
        // It has begun, so whoever comes now must not be given its answer.
        let last = ask()
        await wait(for: 1)
        asked.answer(2)
        asked.answer(3)
        #expect(try await first.value == 1)
        for other in others { #expect(try await other.value == 2) }
        #expect(try await last.value == 3)
        #expect(asked.count == 3)
    }

    @Test func nobodyWaitsForAnotherKey() async throws {
        let one = ask("a")
        await asked.begins(1)
        let other = ask("b")
        await asked.begins(2)
        asked.answer(2)
        #expect(try await other.value == 2)
        asked.answer(1)
        #expect(try await one.value == 1)
    }

    /// A clock that counts what happens tells each question's beginning from each arrival.
    @Test func noAnswerIsOlderThanWhoeverIsGivenIt() async throws {
        let (clock, asked) = (Counter(), Counter())
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<2_000 {
                group.addTask {
                    for _ in 0..<number % 7 { await Task.yield() }
                    let arrival = clock.add(1)
                    let beginning = try await questions.answer(for: "a") {
                        let now = clock.add(1)
                        asked.add(1)
                        for _ in 0..<number % 5 { await Task.yield() }
                        return now
                    }
                    return beginning > arrival
                }
            }
            for try await isYounger in group { #expect(isYounger) }
        }
        #expect(asked.now <= 2_000)
        #expect(questions.waiting(for: "a") == 0)
    }

    @Test func aFailureIsThatOfThoseWhoWaitedForIt() async throws {
        struct Failure: Error {}
        let first = Task { try await questions.answer(for: "a") { try await asked.question() } }
        await asked.begins(1)
        let failing = (0..<3).map { _ in
            Task { try await questions.answer(for: "a") { throw Failure() } }
        }
        await wait(for: 3)
        asked.answer(1)
        #expect(try await first.value == 1)
        for task in failing { await #expect(throws: Failure.self) { try await task.value } }
        let next = ask()
        asked.answer(2)
        #expect(try await next.value == 2)
    }

    @Test func aQuestionEndsWhenNobodyWaitsForItAnyMore() async throws {
        let (one, other) = (ask(), ask())
        await asked.begins(1)
        await wait(for: 1)
        let joined = ask()
        await wait(for: 2)
        one.cancel()
        other.cancel()
        // Nobody answers the first one; the next has begun since somebody waits for it still.
        await asked.begins(2)
        asked.answer(2)
        #expect(try await joined.value == 2)
        let results = [await one.result, await other.result]
        let failures = results.filter { if case .failure(is CancellationError) = $0 { true } else { false } }
        #expect(failures.count == 1)
    }
}
