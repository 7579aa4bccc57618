import OrderedJSON
import TestScopes
import Testing

/// That tests leave no cluster behind.
@Suite(.timeLimit(.minutes(20))) struct RunnerClusterTests {
    @Test func aCancelledTestStopsItsCluster() async throws {
        let (started, starts) = AsyncStream.makeStream(of: Int.self)
        let test = Task {
            try await RunnerCluster.with { cluster in
                let instance = try JSON(parsing: try text(of: "\(cluster.folder)/instance.json"))
                starts.yield(try #require(instance["pid"]?.int))
                try await Task.sleep(for: .seconds(86400))
            }
        }
        let process = try #require(await started.first { _ in true })
        #expect(isAtWork(process))
        test.cancel()
        await #expect(throws: CancellationError.self) { try await test.value }
        while isAtWork(process) { try await Task.sleep(for: .milliseconds(10)) }
    }

    /// A process that only waits to be reaped has no command line any more.
    private func isAtWork(_ process: Int) -> Bool { (try? text(of: "/proc/\(process)/cmdline"))?.isEmpty == false }
}
