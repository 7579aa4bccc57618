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
