import LocalFiles
import OrderedJSON
import TestScopes
import Testing

/// That tests leave no cluster behind.
@Suite(.timeLimit(.minutes(20))) struct RunnerClusterTests {
    @Test func aCancelledTestStopsItsCluster() async throws {
        let (started, starts) = AsyncStream.makeStream(of: Int32.self)
        let test = Task {
            try await RunnerCluster.with { cluster in
                let instance = try JSON(parsing: try text(of: "\(cluster.folder)/instance.json"))
                starts.yield(try #require(instance["pid"]?.int.flatMap { Int32(exactly: $0) }))
                try await Task.sleep(for: .seconds(86400))
            }
        }
        let process = try #require(await started.first { _ in true })
        #expect(ProcessStatus(process)?.hasEnded == false)
        test.cancel()
        await #expect(throws: CancellationError.self) { try await test.value }
        while ProcessStatus(process)?.hasEnded == false { try await Task.sleep(for: .milliseconds(10)) }
    }
}
