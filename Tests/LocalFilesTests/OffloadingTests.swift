import CLibrary
import LocalFiles
import Testing

@Suite(.timeLimit(.minutes(20))) struct OffloadingTests {
    /// More of them wait than the threads that all tasks share have room for.
    @Test func whatWaitsForOthersKeepsNobodyWaiting() async throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        let (reading, writing) = (ends[0], ends[1])
        let waiting = 600
        let ended = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<waiting {
                group.addTask {
                    await onItsOwnThread {
                        var byte: UInt8 = 0
                        return read(reading, &byte, 1) == 0
                    }
                }
            }
            let answer = try? await offloading { 42 }
            #expect(answer == 42)
            close(writing)
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        close(reading)
        #expect(ended == waiting)
    }
}
