internal import Synchronization

/// Lets all who want to know the same share one question, and gives nobody an answer that was asked for before they came.
///
/// For each key one question is under way at a time. Who comes meanwhile waits for the next one, with all others who do: it
/// begins when the one before it has ended, so after each of them came.
final class SharedQuestions<Key: Hashable & Sendable, Answer: Sendable>: Sendable {
    private typealias Question = Task<Answer, any Error>

    private struct Line {
        /// Has begun, or is about to: nobody joins it any more.
        var current: Question
        var next: Question?
        /// How many wait for each.
        var waiting: [Question: Int] = [:]
    }

    private let lines = Mutex<[Key: Line]>([:])

    /// How many wait for the question that has not begun yet.
    func waiting(for key: Key) -> Int {
        lines.withLock { lines in lines[key].flatMap { line in line.next.flatMap { line.waiting[$0] } } ?? 0 }
    }

    /// - Parameter question: goes on while anybody waits for its answer.
    func answer(for key: Key, _ question: @escaping @Sendable () async throws -> Answer) async throws -> Answer {
        while true {
            let task = join(key, question)
            do {
                return try await withTaskCancellationHandler {
                    try await task.value
                } onCancel: {
                    leave(task, key)
                }
            } catch is CancellationError where task.isCancelled && !Task.isCancelled {
                // Given up by all who waited for it, just when this one joined them.
            }
        }
    }

    private func join(_ key: Key, _ question: @escaping @Sendable () async throws -> Answer) -> Question {
        lines.withLock { lines in
            guard var line = lines[key] else {
                let task = Question {
                    defer { self.ended(key) }
                    return try await question()
                }
                lines[key] = Line(current: task, waiting: [task: 1])
                return task
            }
            let next = line.next ?? self.question(after: line.current, key, question)
            line.next = next
            line.waiting[next, default: 0] += 1
            lines[key] = line
            return next
        }
    }

    private func question(
        after current: Question, _ key: Key, _ question: @escaping @Sendable () async throws -> Answer
    ) -> Question {
        Question {
            _ = await current.result
            self.nextBegins(key)
            defer { self.ended(key) }
            return try await question()
        }
    }

    private func nextBegins(_ key: Key) {
        lines.withLock { lines in
            guard let line = lines[key], let next = line.next else { return }
            lines[key] = Line(current: next, waiting: [next: line.waiting[next] ?? 0])
        }
    }

    private func ended(_ key: Key) {
        lines.withLock { lines in
            if let line = lines[key], line.next == nil { lines[key] = nil }
        }
    }

    private func leave(_ task: Question, _ key: Key) {
        lines.withLock { lines in
            guard let count = lines[key]?.waiting[task] else { return }
            lines[key]?.waiting[task] = count - 1
            if count == 1 { task.cancel() }
        }
    }
}
