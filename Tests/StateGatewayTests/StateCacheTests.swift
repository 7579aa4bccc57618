import Testing

@testable import StateGateway
@testable import StateStorage

/// What is kept of states, and for how long.
@Suite struct StateCacheTests {
    private let cache = StateCache(bytes: 100)

    private func environment(_ number: Int) throws -> EnvironmentID {
        let digits = String(number)
        return try EnvironmentID(
            "00000000-0000-4000-8000-a\(String(repeating: "0", count: 11 - digits.count))\(digits)")
    }

    private func entry(_ size: Int, serial: UInt64 = 1) throws -> StateCache.Entry {
        StateCache.Entry(
            StateRevision(environment: try environment(0), versions: ["\(serial)"]), serial: serial,
            [UInt8](repeating: 7, count: size), contentMD5: "")
    }

    private func serial(_ number: Int) throws -> UInt64? { cache[try environment(number)]?.serial }

    @Test func givesWhatWasKeptLast() throws {
        #expect(try serial(1) == nil)
        cache.keep(try entry(10, serial: 1), try environment(1))
        cache.keep(try entry(20, serial: 2), try environment(1))
        cache.keep(try entry(30, serial: 3), try environment(2))
        #expect(try serial(1) == 2)
        #expect(try serial(2) == 3)
        #expect(cache[try environment(1)]?.size == 20)
        cache.forget(try environment(1))
        #expect(try serial(1) == nil)
        #expect(try serial(2) == 3)
    }

    @Test func whatWasNotUsedForLongestGoesFirst() throws {
        for number in 1...4 { cache.keep(try entry(25, serial: UInt64(number)), try environment(number)) }
        #expect(try serial(1) == 1)
        cache.keep(try entry(30, serial: 5), try environment(5))
        #expect(try (1...5).map { try serial($0) } == [1, nil, nil, 4, 5])
    }

    @Test func whatIsReplacedOrForgottenTakesNoRoom() throws {
        for _ in 0..<10 {
            cache.keep(try entry(60), try environment(1))
            cache.keep(try entry(40), try environment(2))
            cache.forget(try environment(2))
            cache.keep(try entry(40), try environment(3))
        }
        #expect(try serial(1) == 1)
        #expect(try serial(3) == 1)
    }

    @Test func aLargeStateIsNotKeptAndItsSizeIs() throws {
        let cache = StateCache(bytes: 4 * StateCache.largestEntry)
        let one = try environment(1)
        #expect(cache.expectedSize(one) == StateCache.largestEntry)
        cache.keep(try entry(StateCache.largestEntry), one)
        #expect(cache[one] != nil)
        #expect(cache.expectedSize(one) == StateCache.largestEntry)
        cache.forget(one)
        cache.keep(try entry(StateCache.largestEntry + 1), one)
        #expect(cache[one] == nil)
        #expect(cache.expectedSize(one) == StateCache.largestEntry + 1)
        cache.noteSize(10, one)
        #expect(cache.expectedSize(one) == StateCache.largestEntry)
    }

    @Test func aLargeStateTakesThePlaceOfTheSmallOneBefore() throws {
        let cache = StateCache(bytes: 4 * StateCache.largestEntry)
        let one = try environment(1)
        cache.keep(try entry(10), one)
        cache.keep(try entry(StateCache.largestEntry + 1, serial: 2), one)
        #expect(cache[one] == nil)
    }

    @Test func sizesWithoutEndFillNoMemory() throws {
        for number in 0..<10_000 { cache.noteSize(StateCache.largestEntry + 1, try environment(number)) }
        #expect(cache.rememberedSizes <= 4096)
        #expect(cache.expectedSize(try environment(9_999)) == StateCache.largestEntry + 1)
    }
}
