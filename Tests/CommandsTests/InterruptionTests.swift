import CLibrary
import Synchronization
import Testing

@testable import Commands

@Suite(.serialized) struct InterruptionTests {
    @Test(.timeLimit(.minutes(20))) func aSignalCancelsTheBodyAndWaitsForIt() async throws {
        let hasEnded = Mutex(false)
        let error = await #expect(throws: CommandError.self) {
            try await interruptible({ "do it again" }) {
                kill(getpid(), SIGTERM)
                do {
                    try await Task.sleep(for: .seconds(3600))
                } catch {
                    hasEnded.withLock { $0 = true }
                    throw error
                }
            }
        }
        #expect(error?.status == .interrupted)
        #expect(error?.description == "interrupted; do it again")
        #expect(hasEnded.withLock { $0 })
    }

    @Test func otherwiseItsResultStands() async throws {
        #expect(try await interruptible({ "" }) { 7 } == 7)
        await #expect(throws: UsageError.self) {
            try await interruptible({ "" }) { throw UsageError(description: "x") }
        }
    }
}
