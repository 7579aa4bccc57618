import LocalFiles
import TestScopes
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// All that changes states, at the same time, with faults and deaths; and that a soak finds what it is there to find.
@Suite(.enabled(if: Program.onPath("terraform", home: "/") != nil, "terraform is not on PATH"))
struct SoakTests {
    private static let variables = ProcessInfo.processInfo.environment
    private static let minutes = variables["STOWAGE_SOAK_MINUTES"].flatMap(Double.init)

    /// `make soak MINUTES=10 SEED=n`.
    @Test(.enabled(if: minutes != nil), .timeLimit(.minutes(24 * 60))) func nothingIsLost() async throws {
        let seed = Self.variables["STOWAGE_SOAK_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0..<1 << 32)
        print("soak: seed \(seed), \(Self.minutes ?? 0) minutes")
        let report = try await Soak(seed: seed, duration: .seconds((Self.minutes ?? 0) * 60))()
        for (outcome, (count, example)) in report.outcomes.sorted(by: { $0.key < $1.key }) {
            print("soak: \(outcome) × \(count) \(example)")
        }
        print(
            "soak: \(report.rounds) rounds, \(report.claims.count) promises, \(report.versions) versions of states, "
                + "\(report.violations.count) violations")
        for violation in report.violations { print("soak: \(violation)") }
        #expect(report.violations.isEmpty, "make soak MINUTES=\(Self.minutes ?? 0) SEED=\(seed)")
        #expect(report.claims.count > 10 || (Self.minutes ?? 0) < 1)
    }

    @Test(.timeLimit(.minutes(20))) func aShortOneFindsNothing() async throws {
        let soak = Soak(
            seed: 1, duration: .seconds(180), maximumRounds: 3, environmentCount: 4, faultRate: 0.1, deathRate: 0.3,
            actions: [.push, .rollback, .pull])
        let report = try await soak()
        #expect(report.violations.isEmpty)
        #expect(!report.claims.isEmpty, "\(report.outcomes)")
    }

    /// The store's compare-and-swap is switched off from outside: every update replaces whatever is there.
    @Test(.timeLimit(.minutes(20))) func itFindsWritesThatAreComparedWithNothing() async throws {
        let soak = Soak(
            seed: 1, duration: .seconds(120), environmentCount: 4, faultRate: 0.1, deathRate: 0.5, actions: [.push],
            isWithoutComparison: true)
        let report = try await soak()
        // Of states that overwrite each other, and of locks that do.
        let lost = report.violations.filter { $0.contains(" was replaced by ") || $0.contains(" straight to ") }
        #expect(!lost.isEmpty, "\(report.violations) \(report.outcomes)")
    }
}
