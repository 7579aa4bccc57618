import StateStorage
import Synchronization
import Testing

@testable import StateGateway

/// What may be tried, and what it costs the cluster.
@Suite struct GuessTests {
    private func environment(_ number: Int = 0) throws -> EnvironmentID {
        let digits = String(number)
        return try EnvironmentID(
            "00000000-0000-4000-8000-a\(String(repeating: "0", count: 11 - digits.count))\(digits)")
    }

    @Test func whoTriesTooOftenIsToldWhenToComeAgain() throws {
        var counts = GuessCounts()
        let start = ContinuousClock.now
        let place = GuessCounts.Place(peer: "a", environment: try environment())
        for number in 0..<GuessCounts.allowed {
            #expect(counts.noteFailure(place, at: start + .seconds(number)) == nil)
        }
        #expect(counts.noteFailure(place, at: start + .seconds(50)) == .seconds(10))
        // Neither others nor other environments are concerned.
        #expect(counts.noteFailure(.init(peer: "b", environment: try environment()), at: start) == nil)
        #expect(counts.noteFailure(.init(peer: "a", environment: try environment(1)), at: start) == nil)
        #expect(counts.noteFailure(place, at: start + GuessCounts.window) == nil)
    }

    @Test func placesWithoutEndFillNoMemory() throws {
        var counts = GuessCounts()
        let start = ContinuousClock.now
        for number in 0..<GuessCounts.capacity + 10 {
            #expect(counts.noteFailure(.init(peer: "a", environment: try environment(number)), at: start) == nil)
        }
        // What was there first is still counted.
        let first = GuessCounts.Place(peer: "a", environment: try environment())
        for _ in 1..<GuessCounts.allowed { #expect(counts.noteFailure(first, at: start) == nil) }
        #expect(counts.noteFailure(first, at: start) != nil)
    }

    @Test func unknownTokensShareTheirLookAtTheCluster() async throws {
        let reads = Mutex(0)
        let made = Mutex<[GatewayToken]>([])
        let authority = TokenAuthority { _ in
            reads.withLock { $0 += 1 }
            return made.withLock { $0 }
        }
        let environment = try environment()
        #expect(try await authority.caller(presenting: "stowage_a_b", for: environment) == nil)
        #expect(reads.withLock { $0 } == 1)
        let credential = GatewayCredential()
        made.withLock {
            $0 = [
                GatewayToken(
                    name: credential.name, scope: .write, created: "", expires: nil, creator: "",
                    secret: credential.secret)
            ]
        }
        try await withThrowingTaskGroup(of: GatewayCaller?.self) { group in
            for number in 0..<100 {
                group.addTask {
                    try await authority.caller(
                        presenting: number == 50 ? credential.text : "stowage_\(number)_b", for: environment)
                }
            }
            // One that was made since is found all the same.
            var found = 0
            for try await caller in group where caller != nil { found += 1 }
            #expect(found == 1)
        }
        #expect(reads.withLock { $0 } < 50)
    }
}
