/// The results of `body` for each item, in their order, with at most `width` at work at a time. The first failure cancels
/// the others.
func inParallel<Item: Sendable, Output: Sendable>(
    _ items: [Item], width: Int, _ body: @escaping @Sendable (Item) async throws -> Output
) async throws -> [Output] {
    try await withThrowingTaskGroup(of: (Int, Output).self) { group in
        var results = [Output?](repeating: nil, count: items.count)
        var waiting = items.enumerated().makeIterator()
        func start(_ group: inout ThrowingTaskGroup<(Int, Output), any Error>) {
            guard let (index, item) = waiting.next() else { return }
            group.addTask { (index, try await body(item)) }
        }
        for _ in 0..<max(width, 1) { start(&group) }
        while let (index, output) = try await group.next() {
            results[index] = output
            start(&group)
        }
        return results.compactMap(\.self)
    }
}

/// Hands the result of `fetch` for each item to `consume`, in their order, while the next ones are fetched. No more than
/// `width` results are on their way or waiting for their turn. The first failure cancels the rest.
///
/// - Parameter consume: false ends it.
func inOrder<Item: Sendable, Output: Sendable>(
    _ items: [Item], width: Int, _ fetch: @escaping @Sendable (Item) async throws -> Output,
    _ consume: (Output) async throws -> Bool
) async throws {
    try await withThrowingTaskGroup(of: (Int, Output).self) { group in
        defer { group.cancelAll() }
        var waiting = items.enumerated().makeIterator()
        func start(_ group: inout ThrowingTaskGroup<(Int, Output), any Error>) {
            guard let (index, item) = waiting.next() else { return }
            group.addTask { (index, try await fetch(item)) }
        }
        for _ in 0..<max(width, 1) { start(&group) }
        var early: [Int: Output] = [:]
        var turn = 0
        while let (index, output) = try await group.next() {
            early[index] = output
            while let next = early.removeValue(forKey: turn) {
                turn += 1
                start(&group)
                guard try await consume(next) else { return }
            }
        }
    }
}

/// Hands the result of `body` for each item to `consume`, one at a time, as they come. The first failure cancels the rest.
///
/// - Parameters:
///   - capacity: what the items at work, or waiting to be consumed, may weigh together. One that weighs more is alone.
///   - weight: of an item, such as the memory that it takes; at least 1.
func inParallel<Item: Sendable, Output: Sendable>(
    _ items: [Item], capacity: Int, weight: (Item) -> Int, _ body: @escaping @Sendable (Item) async throws -> Output,
    consume: (Output) async throws -> Void
) async throws {
    try await withThrowingTaskGroup(of: (weight: Int, output: Output).self) { group in
        var waiting = items[...]
        var load = 0
        func start(_ group: inout ThrowingTaskGroup<(weight: Int, output: Output), any Error>) {
            while let next = waiting.first, load == 0 || load + weight(next) <= capacity {
                waiting.removeFirst()
                let weight = weight(next)
                load += weight
                group.addTask { (weight, try await body(next)) }
            }
        }
        start(&group)
        while let (weight, output) = try await group.next() {
            try await consume(output)
            load -= weight
            start(&group)
        }
    }
}
