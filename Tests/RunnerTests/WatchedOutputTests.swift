import LocalFiles
import Synchronization
import SystemPackage
import Testing

@testable import Runner

@Suite struct WatchedOutputTests {
    private func lines(_ pieces: [String]) async throws -> [String] {
        let lines = Mutex([String]())
        try await WatchedOutput.with(
            passingOn: false, line: { line in lines.withLock { $0.append(String(decoding: line, as: UTF8.self)) } }
        ) { output in
            let writing = output.output
            try await offloading { for piece in pieces { _ = try writing.writeAll(piece.utf8) } }
        }
        return lines.withLock { $0 }
    }

    @Test func givesWholeLinesHoweverTheyAreWritten() async throws {
        #expect(try await lines(["a", "b\n\nc", "\nlast"]) == ["ab", "", "c", "last"])
        #expect(try await lines([]) == [])
    }

    @Test func losesNothingOfMuch() async throws {
        let numbers = (0..<50_000).map { "line \($0)" }
        #expect(try await lines(numbers.map { $0 + "\n" }) == numbers)
        let long = String(repeating: "x", count: 300_000)
        #expect(try await lines([long, long, "\n"]) == [long + long])
    }

    @Test func throwsWhatTheBodyThrows() async throws {
        await #expect(throws: CancellationError.self) {
            let _: Int = try await WatchedOutput.with(passingOn: false, line: { _ in }) { _ in
                throw CancellationError()
            }
        }
    }
}
