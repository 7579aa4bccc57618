import LocalFiles
import Synchronization
import TestScopes
import Testing

@testable import StateStorage

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Programs that change a state, and one of their requests that goes wrong: killed before and after it, or answered with something
/// else. Afterwards the state is the old one or the new one, bit for bit, and stock Terraform reads the same. All of it as a
/// ServiceAccount with exactly the documented Role.
@Suite(.enabled(if: Program.onPath("terraform", home: "/") != nil, "terraform is not on PATH"))
struct FaultTests {
    /// Series whose description begins so are run whole; nil for a little of each.
    private static let chosen = ProcessInfo.processInfo.environment["STOWAGE_FAULTS"]

    @Test(.enabled(if: chosen == nil), .timeLimit(.minutes(40))) func someFaultsLeaveTheOldStateOrTheNewOne()
        async throws
    {
        try await disturb(FaultSeries.some)
    }

    /// `make faults`, and `make faults ONLY="move, 2"` for some series.
    @Test(.enabled(if: chosen != nil), .timeLimit(.minutes(240))) func everyFaultLeavesTheOldStateOrTheNewOne()
        async throws
    {
        let counts = Mutex<[String: Int]>([:])
        let all = FaultSeries.all.filter { $0.description.hasPrefix(Self.chosen ?? "") }
        try #require(!all.isEmpty, "no series begins with \(Self.chosen ?? "")")
        // The costly ones last, so that one finds out early.
        try await disturb(all.sorted { $0.parts < $1.parts }) { series, count in
            counts.withLock { $0["\(series.operation.rawValue), \(series.parts) part(s)", default: 0] += count }
            print("\(series): \(count) requests")
        }
        for (name, count) in counts.withLock({ $0 }).sorted(by: { $0.key < $1.key }) {
            print("\(name): \(count) cases")
        }
    }

    private func disturb(
        _ all: [FaultSeries], report: @escaping @Sendable (FaultSeries, Int) -> Void = { _, _ in }
    ) async throws {
        try await RunnerCluster.with { cluster in
            try await cluster.addNamespace(DisturbedEnvironment.otherNamespace)
            let terraform = try #require(Program.onPath("terraform", home: cluster.home))
            let version = try await KnownStates.version(of: terraform)
            _ = try await inParallel(Array(all.enumerated()), width: 4) { index, series in
                let digits = String(index)
                let environment = try EnvironmentID(
                    "00000000-0000-4000-8000-a\(String(repeating: "0", count: 11 - digits.count))\(digits)")
                report(
                    series,
                    try await DisturbedEnvironment.run(series, environment, cluster, engineVersion: version))
            }
        }
    }
}
