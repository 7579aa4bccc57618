import CLibrary
import Synchronization
import TestScopes
import Testing

@testable import Runner

@Suite(.timeLimit(.minutes(20))) struct RunTimeLimitTests {
    private let clock = SteppedClock()
    private let interruption = Interruption()
    private let told = Limits()

    /// Those that were told to be over.
    private final class Limits: Sendable {
        private let limits = Mutex<[Duration]>([])
        var all: [Duration] { limits.withLock { $0 } }
        func add(_ limit: Duration) { limits.withLock { $0.append(limit) } }
    }

    private var limit: RunTimeLimit {
        RunTimeLimit(limit: .seconds(1800), gracePeriod: .seconds(60), clock: clock)
    }

    /// Stands for an engine: ends with the second signal, or with the first where it heeds it.
    private func engine(heedsInterrupt: Bool) async throws -> [Interruption.Delivery] {
        let (deliveries, delivered) = AsyncStream.makeStream(of: Interruption.Delivery.self)
        var seen: [Interruption.Delivery] = []
        await interruption.delivering({ delivered.yield($0) }) {
            for await delivery in deliveries {
                seen.append(delivery)
                if delivery == .killGroup || heedsInterrupt { break }
            }
        }
        return seen
    }

    private func run(heedsInterrupt: Bool) async throws -> [Interruption.Delivery] {
        try await limit.with(interruption, atLimit: { told.add($0) }) {
            try await engine(heedsInterrupt: heedsInterrupt)
        }
    }

    private func pass(_ seconds: Int) async {
        while clock.sleepers == 0 { await Task.yield() }
        clock.advance(by: .seconds(seconds))
    }

    @Test func anEngineIsInterruptedAndGivenTimeToEnd() async throws {
        async let result = run(heedsInterrupt: true)
        await pass(1799)
        #expect(!interruption.wasRequested)
        await pass(1)
        let seen = try await result
        #expect(seen == [.toEngine(signal: SIGINT)])
        #expect(interruption.exceededLimit == .seconds(1800))
        #expect(told.all == [.seconds(1800)])
    }

    @Test func oneThatDoesNotEndIsKilled() async throws {
        async let result = run(heedsInterrupt: false)
        await pass(1800)
        await pass(60)
        let seen = try await result
        #expect(seen == [.toEngine(signal: SIGINT), .killGroup])
    }

    /// One that was asked to end by a person just before is not killed for that at once.
    @Test func anInterruptedEngineKeepsItsGracePeriod() async throws {
        interruption.interrupt(SIGTERM)
        async let result = run(heedsInterrupt: false)
        await pass(1800)
        await pass(60)
        let seen = try await result
        #expect(seen == [.toEngine(signal: SIGTERM), .killGroup])
        #expect(interruption.exceededLimit == nil)
    }

    @Test func theEndOfTheBodyIsTheEnd() async throws {
        let result = try await limit.with(interruption, atLimit: { _ in }) { "done" }
        #expect(result == "done")
        #expect(!interruption.wasRequested)
        #expect(clock.sleepers == 0)
    }

    @Test func aSignalEndsAWait() async throws {
        let interruption = interruption
        let clock = clock
        async let result = interruption.cancelling {
            try await clock.sleep(for: .seconds(1))
            return true
        }
        await Self.until { clock.sleepers == 1 }
        interruption.interrupt(SIGINT)
        let seen = try await result
        #expect(seen == nil)
        let late: Bool? = try await interruption.cancelling {
            try await clock.sleep(for: .seconds(1))
            return true
        }
        #expect(late == nil)
    }

    private static func until(_ condition: () -> Bool) async { while !condition() { await Task.yield() } }
}
