import KubernetesAPI
import OrderedJSON
import Synchronization
import TerraformState
import TestScopes
import Testing

@testable import StateStorage

/// How long programs are let loose on how many environments, and what goes wrong meanwhile. The same seed is the same order of
/// programs, faults and deaths in each environment; what environments do at the same time is not determined.
struct Soak: Sendable {
    var seed: UInt64
    var duration: Duration
    /// How many rounds each environment has at most.
    var maximumRounds = Int.max
    var environmentCount = 20
    /// How many programs work on an environment at the same time, at most.
    var programCount = 3
    /// How many environments have programs running at a time.
    var width = 4
    /// How many of all requests meet a fault.
    var faultRate = 0.04
    /// How many of all programs die at one of their requests.
    var deathRate = 0.15
    var actions = SoakAction.allCases
    /// Whether the cluster is asked for writes that are compared with nothing: a fault that has to be found.
    var isWithoutComparison = false

    struct Report: Sendable {
        var violations: [String] = []
        /// How often each action ended with each exit status, and what one of them said.
        var outcomes: [String: (count: Int, example: String)] = [:]
        var claims: [SoakClaim] = []
        var rounds = 0
        var versions = 0
    }

    func callAsFunction() async throws -> Report {
        try await RunnerCluster.with { cluster in
            try await SoakWay.prepare(cluster)
            return try await cluster.asAdministrator { client in
                let end = ContinuousClock.now + duration
                let report = Mutex(Report())
                let journal = try await SoakJournal.with(client) { journal in
                    let names = (0..<environmentCount * programCount).map { "way-\($0)" }
                    try await SoakWay.with(self, cluster, names: names) { ways in
                        try await SoakGateway.with(self, cluster) { gateway in
                            let environments = try await inParallel(Array(0..<environmentCount), width: width) {
                                number in
                                let own = ways[number * programCount..<(number + 1) * programCount]
                                return try await SoakEnvironment(number, self, cluster, gateway, ways: Array(own))
                            }
                            gateway?.beginFaults(seed: seed)
                            try await run(environments, until: end, journal, report)
                            for environment in environments {
                                let found = try await environment.finalViolations()
                                report.withLock { $0.violations += found }
                            }
                        }
                    }
                }
                var whole = report.withLock { $0 }
                whole.violations += SoakVerdict.violations(journal, whole.claims)
                whole.versions = journal.states.values.map(\.count).reduce(0, +)
                return whole
            }
        }
    }

    /// Rounds of one environment after another, so many at a time, until the time is over or something is found.
    private func run(
        _ environments: [SoakEnvironment], until end: ContinuousClock.Instant, _ journal: SoakJournal,
        _ report: borrowing Mutex<Report>
    ) async throws {
        var round = 0
        while round < maximumRounds, ContinuousClock.now < end {
            let number = round
            let results = try await inParallel(environments, width: width) { environment in
                ContinuousClock.now < end ? try await environment.round(number) : SoakEnvironment.Round()
            }
            let isOver = report.withLock { report in
                for result in results {
                    report.claims += result.claims
                    report.violations += result.violations
                    report.rounds += result.outcomes.isEmpty ? 0 : 1
                    for outcome in result.outcomes {
                        report.outcomes["\(outcome.action.rawValue): \(outcome.status)", default: (0, outcome.message)]
                            .count += 1
                    }
                }
                return !report.violations.isEmpty || !SoakVerdict.violations(journal.now, []).isEmpty
            }
            if isOver { break }
            round += 1
        }
    }
}

/// A program of a soak.
enum SoakAction: String, CaseIterable, Sendable {
    /// Terraform by itself, and through the gateway that runs all the while.
    case stock, gateway
    /// `stowage run` with either backend.
    case run
    case runByGateway = "run --backend gateway"
    case push, rollback, pull, doctor

    /// Whether it can change the state.
    var isWriter: Bool { self != .pull && self != .doctor }

    /// How often it is chosen, against the others.
    var weight: Int {
        switch self {
        case .push: 6
        case .pull, .rollback: 3
        case .run, .runByGateway, .stock, .gateway: 2
        case .doctor: 1
        }
    }
}
