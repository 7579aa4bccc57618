import KubernetesAPI
import LocalFiles
import OrderedJSON
import StateGateway
import StateStorage
import Synchronization
import TerraformState
import TestScopes
import Testing

/// One environment of a soak. In each round up to three programs work on it at the same time, each over a way of its own to the
/// cluster; when all have ended, what they left is looked at and what the dead left is cleared away.
final class SoakEnvironment: Sendable {
    struct Round: Sendable {
        var outcomes: [SoakProgram.Outcome] = []
        var claims: [SoakClaim] = []
        var violations: [String] = []
    }

    private static let module = """
        variable "marker" {}
        resource "terraform_data" "marker" { input = var.marker }
        output "marker" { value = terraform_data.marker.output }
        """

    let identifier: EnvironmentID
    let soak: Soak
    let cluster: RunnerCluster
    let folder: String
    private let number: Int
    private let ways: [SoakWay]
    /// Terraform with its own backend, and through the gateway; nil where no program of the soak uses it.
    let stock: Program?
    let throughGateway: Program?
    /// How many rounds are over, and how many were when a late request arrived.
    private let progress = Mutex((rounds: 0, lastLate: -2))

    /// - Parameter ways: as many as programs work on it at the same time.
    init(_ number: Int, _ soak: Soak, _ cluster: RunnerCluster, _ gateway: SoakGateway?, ways: [SoakWay]) async throws {
        let digits = String(number)
        identifier = try EnvironmentID(
            "00000000-0000-4000-8000-\(String(repeating: "0", count: 11 - digits.count))\(digits)a")
        (self.number, self.soak, self.cluster, self.ways) = (number, soak, cluster, ways)
        folder = "\(cluster.home)/\(identifier)"
        try write(["module/main.tf": Self.module, "first": Self.firstState(number)], below: folder)
        let push = try await cluster.stowage(
            "state", "push", "\(identifier)", "\(folder)/first", "--kubeconfig", cluster.adminKubeconfig, "-n",
            RunnerCluster.namespace)
        try #require(push.status == 0, "\(push)")
        stock = soak.actions.contains(.stock) ? try await Self.stock(identifier, cluster) : nil
        if let gateway {
            let below = "\(folder)/through-gateway"
            try write(["main.tf": Self.module, "backend.tf": gateway.backend(identifier)], below: below)
            var terraform = try #require(Program.onPath("terraform", home: cluster.home, folder: below))
            terraform.environment["TF_HTTP_PASSWORD"] = try await gateway.tokens.create(
                for: identifier, scope: .write, lifetime: nil, creator: "soak"
            ).credential
            try await terraform.initialise()
            throughGateway = terraform
        } else {
            throughGateway = nil
        }
    }

    /// Each of its programs writes the kubeconfig of its own way over the one that is here.
    private static func stock(_ identifier: EnvironmentID, _ cluster: RunnerCluster) async throws -> Program {
        let terraform = try cluster.stockTerraform(
            in: "\(identifier)/stock", for: "\(identifier)",
            kubeconfig: "\(cluster.home)/\(identifier)/stock.kubeconfig",
            module: module)
        try PrivateFile.write(
            try text(of: cluster.adminKubeconfig), to: "\(cluster.home)/\(identifier)/stock.kubeconfig")
        try await terraform.initialise()
        return terraform
    }

    private static func firstState(_ number: Int) -> String {
        """
        {"version":4,"terraform_version":"1.5.0","serial":1,"lineage":"6f1b2c3d-0000-4000-8000-\(100_000_000_000 + number)",\
        "outputs":{"marker":{"value":"first","type":"string"}},"resources":[]}
        """
    }

    // MARK: - A round

    func round(_ round: Int) async throws -> Round {
        var random = SeededRandom(soak.seed, UInt64(number), UInt64(round))
        let plans = plans(round, &random)
        let base = try await state()
        var result = Round()
        let outcomes = try await withThrowingTaskGroup(of: SoakProgram.Outcome.self) { group in
            for (lane, (plan, way)) in zip(plans, ways).enumerated() {
                group.addTask {
                    try await SoakProgram(self, plan, way, base, "round \(round).\(lane)").run()
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        for outcome in outcomes {
            result.outcomes.append(outcome)
            result.violations += outcome.violations.map { "\(identifier): \($0)" }
            result.claims += outcome.claims
        }
        // A dead program's request may take the lock long after it.
        let wasLate = progress.withLock { $0.lastLate >= $0.rounds - 1 }
        let mayLeaveLock = wasLate || outcomes.contains { $0.action.isWriter && $0.status != 0 }
        result.violations += try await settle(mayLeaveLock: mayLeaveLock).map {
            "\(identifier): round \(round): \($0)"
        }
        progress.withLock { $0.rounds += 1 }
        return result
    }

    private func plans(_ round: Int, _ random: inout SeededRandom) -> [SoakProgram.Plan] {
        var left = soak.actions.flatMap { Array(repeating: $0, count: $0.weight) }
        return (0..<Int.random(in: 1...ways.count, using: &random)).compactMap { lane in
            guard let action = left.randomElement(using: &random) else { return nil }
            // Two of the same Terraform would meet in its own folder.
            if action == .stock || action == .gateway { left.removeAll { $0 == action } }
            return SoakProgram.Plan(action: action, seed: random.next())
        }
    }

    /// Waits until the round after this one is over; for requests that are on their way for a long time.
    func nextRoundIsOver() async throws {
        let start = progress.withLock { $0.rounds }
        while progress.withLock({ $0.rounds }) < start + 2 { try await Task.sleep(for: .milliseconds(20)) }
        progress.withLock { $0.lastLate = $0.rounds }
    }

    /// A lock that is left is of nobody who is still there.
    private func settle(mayLeaveLock: Bool) async throws -> [String] {
        try await withStore { store in
            guard let lock = try await store.heldLock(identifier) else { return [] }
            try await store.unlock(identifier, id: lock.id)
            return mayLeaveLock ? [] : ["all ended well, and the lock is left to \(lock.summary)"]
        }
    }

    // MARK: - What is there

    func state() async throws -> StateFile {
        try await withStore { try #require(try await $0.pull(identifier)?.file, "\(identifier) has no state") }
    }

    func withStore<T: Sendable>(_ body: (StateStore) async throws -> T) async throws -> T {
        try await cluster.asAdministrator { client in
            try await body(
                StateStore(
                    client: client, namespace: RunnerCluster.namespace,
                    configuration: StateStoreConfiguration(writer: "soak@host", programVersion: "0.0.0")))
        }
    }

    /// Whether stock Terraform and Stowage read the last state that the cluster kept, when nothing goes wrong any more.
    func finalViolations() async throws -> [String] {
        // A request that was late may have taken the lock.
        var found = try await settle(mayLeaveLock: true)
        let there = try await state()
        let readers = [
            ("Terraform", try await Self.stock(identifier, cluster)("state", "pull")),
            (
                "Stowage",
                try await cluster.stowage(
                    "state", "pull", "\(identifier)", "--kubeconfig", cluster.adminKubeconfig, "-n",
                    RunnerCluster.namespace)
            ),
        ]
        for (reader, result) in readers {
            guard let read = try? JSON(parsing: result.output), result.status == 0 else {
                found.append("\(identifier): \(reader) reads no state in the end: \(result)")
                continue
            }
            // Terraform spells it anew, and adds what is empty.
            let own = try JSON(parsing: there.bytes)
            for member in ["serial", "lineage", "outputs"] where read[member] != own[member] {
                found.append(
                    "\(identifier): \(reader) reads another \(member) in the end: \(read[member]?.text ?? "none")")
            }
            if read["resources"]?.array?.count != own["resources"]?.array?.count {
                found.append("\(identifier): \(reader) reads other resources in the end")
            }
        }
        let doctor = try await cluster.stowage(
            "doctor", "\(identifier)", "-o", "json", "--kubeconfig", cluster.adminKubeconfig, "-n",
            RunnerCluster.namespace)
        // A write that died is finished by whoever comes next, or by the doctor.
        let harmless: Set = ["half-done-write", "overwritten-write", "emptied"]
        for finding in try JSON(parsing: doctor.output).array ?? []
        where finding["severity"] != "note" && !harmless.contains(finding["code"]?.string ?? "") {
            found.append("\(identifier): the doctor finds \(finding.text)")
        }
        return found
    }
}
