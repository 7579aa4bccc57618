import CLibrary
import KubernetesAPI
import Synchronization
import TestScopes
import Testing

@testable import Runner

@Suite(.timeLimit(.minutes(20))) struct RescuePatienceTests {
    private let clock = SteppedClock()
    private let interruption = Interruption()
    private let attempts = Count()

    private final class Count: Sendable {
        private let count = Mutex(0)
        private let texts = Mutex<[String]>([])
        var value: Int { count.withLock { $0 } }
        var told: [String] { texts.withLock { $0 } }
        func next() -> Int {
            count.withLock {
                $0 += 1
                return $0
            }
        }
        private let end = Mutex(false)
        var isOver: Bool { end.withLock { $0 } }
        func finish() { end.withLock { $0 = true } }
        func tell(_ text: String) { texts.withLock { $0.append(text) } }
    }

    private static let outage = KubernetesError(.unreachable, target: "PUT x", cause: "connection refused")

    /// - Parameter success: the attempt that succeeds.
    private func insist(success: Int) async throws -> Int {
        try await RescuePatience(interruption: interruption, clock: clock).insisting(told: { attempts.tell($0) }) {
            number in
            let attempt = attempts.next()
            #expect(attempt == number)
            guard attempt < success else { return attempt }
            throw Self.outage
        }
    }

    /// The failure of a cluster that never answers.
    private func timeout() async -> RescueTimeout? {
        defer { attempts.finish() }
        do {
            _ = try await insist(success: .max)
            return nil
        } catch {
            return error as? RescueTimeout
        }
    }

    /// Lets time pass for whoever sleeps: the next attempt and the end of the time.
    private func pass(_ seconds: Int, sleepers: Int = 2) async {
        while clock.sleepers < sleepers { await Task.yield() }
        clock.advance(by: .seconds(seconds))
    }

    @Test func aClusterThatComesBackIsGivenTheState() async throws {
        async let result = insist(success: 4)
        for _ in 0..<3 { await pass(15) }
        let attempt = try await result
        #expect(attempt == 4)
        #expect(attempts.told.count == 1)
        #expect(attempts.told[0].contains("connection refused"))
    }

    @Test func itIsGivenUpAfterTheTimeThatIsStated() async throws {
        async let failure = timeout()
        await pass(1799)
        await pass(1)
        let error = await failure
        #expect(error?.description.contains("asked for 1800 s: PUT x: connection refused") == true)
    }

    @Test func aPodThatIsToEndHasLessTime() async throws {
        async let failure = timeout()
        while clock.sleepers < 2 { await Task.yield() }
        interruption.interrupt(SIGINT)
        while !attempts.isOver {
            if clock.sleepers > 0 { clock.advance(by: .milliseconds(500)) }
            await Task.yield()
        }
        let error = await failure
        #expect(error?.limit == .seconds(20))
    }

    @Test func theEndOfTheRunsOwnTimeLeavesIt() async throws {
        interruption.interrupt(SIGINT, afterLimit: .seconds(1))
        interruption.kill()
        async let result = insist(success: 3)
        await pass(60)
        await pass(60)
        let attempt = try await result
        #expect(attempt == 3)
    }

    @Test func anythingElseIsTheEnd() async throws {
        await #expect(throws: KubernetesError.self) {
            try await RescuePatience(interruption: interruption, clock: clock).insisting(told: { _ in }) { _ in
                throw KubernetesError(.forbidden, target: "", cause: "no")
            }
        }
    }
}
