import CLibrary
import LocalFiles
import OrderedJSON
import StateStorage
import TerraformState
import TestScopes
import Testing

/// One program of a round: what it is to do, what becomes of its requests, and what it promised by ending well.
struct SoakProgram: Sendable {
    struct Plan: Sendable {
        var action: SoakAction
        var seed: UInt64
    }

    struct Outcome: Sendable {
        var action: SoakAction
        var status: Int32
        /// What it said last.
        var message = ""
        var claims: [SoakClaim] = []
        var violations: [String] = []
    }

    private let environment: SoakEnvironment
    private let plan: Plan
    private let way: SoakWay
    /// The state that was there when the round began.
    private let base: StateFile
    private let name: String

    init(
        _ environment: SoakEnvironment, _ plan: Plan, _ way: SoakWay, _ base: StateFile, _ round: String
    ) {
        (self.environment, self.plan, self.way, self.base) = (environment, plan, way, base)
        name = "\(round) \(plan.action.rawValue)"
    }

    private var cluster: RunnerCluster { environment.cluster }
    private var identifier: String { "\(environment.identifier)" }
    private var marker: String { "\(name) \(plan.seed)" }

    func run() async throws -> Outcome {
        var random = SeededRandom(plan.seed)
        let victim = Victim()
        way.proxy.plan(schedule(victim, &random))
        let wait = Bool.random(using: &random) ? 0 : 20
        guard let (program, arguments, content) = try await command(wait: wait, &random) else {
            return Outcome(action: plan.action, status: -1)
        }
        let result = try await program.whileRunning(arguments) { victim.is($0) }
        way.proxy.heal()
        var outcome = Outcome(action: plan.action, status: result.status)
        if Self.crashes.contains(result.status) { outcome.violations.append("\(name) crashed: \(result)") }
        outcome.message = result.errors.split(separator: "\n").last.map(String.init) ?? ""
        guard result.status == 0 else { return outcome }
        do {
            for content in try content(result) {
                outcome.claims.append(
                    SoakClaim(environment: identifier, program: name, content: content, since: base.serial))
            }
        } catch {
            outcome.violations.append("\(name) ended well and said what cannot be read (\(error)): \(result)")
        }
        return outcome
    }

    /// Of signals that are not the test's.
    private static let crashes = Set([SIGILL, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGTRAP].map { 128 + $0 })

    /// Faults at random, and for some programs the end at one of their requests.
    private func schedule(_ victim: Victim, _ random: inout SeededRandom) -> FaultSchedule {
        let faults = way.faults(seed: random.next())
        let (dies, position) = (random.happens(environment.soak.deathRate), Int.random(in: 0..<16, using: &random))
        let way = Int.random(in: 0..<3, using: &random)
        guard dies, plan.action != .gateway else { return faults }
        let environment = environment
        switch way {
        case 0: return faults.with(.before { await victim.kill() }, at: position)
        case 1: return faults.with(.after { await victim.kill() }, at: position)
        default:
            return faults.with(
                .late {
                    await victim.kill()
                    try await environment.nextRoundIsOver()
                }, at: position)
        }
    }

    private typealias Command = (Program, [String], @Sendable (ProgramResult) throws -> [SoakClaim.Content])

    /// - Returns: nil where there is nothing to do.
    private func command(wait: Int, _ random: inout SeededRandom) async throws -> Command? {
        let place = ["--kubeconfig", way.kubeconfig, "-n", RunnerCluster.namespace]
        let apply = [
            "apply", "-auto-approve", "-input=false", "-no-color", "-lock-timeout=\(wait)s", "-var", "marker=\(marker)",
        ]
        let marked: @Sendable (ProgramResult) throws -> [SoakClaim.Content] = { [marker] _ in [.marked(marker)] }
        switch plan.action {
        case .push:
            let state = try next(&random)
            let path = "\(environment.folder)/\(plan.seed).tfstate"
            try PrivateFile.write(state, to: path)
            let arguments = ["state", "push", identifier, path, "--lock-timeout", "\(wait)s"]
            return (cluster.stowage, arguments + place, { _ in [.wrote(digest: state.hashValue)] })
        case .run, .runByGateway:
            let backend = plan.action == .run ? "kubernetes" : "gateway"
            let arguments = [
                "run", "apply", "--environment", identifier, "--lock-timeout", "\(wait)s", "--backend", backend,
            ]
            let module = ["--var", "marker=\(marker)", "\(environment.folder)/module"]
            return (cluster.stowage, arguments + place + module, marked)
        case .stock:
            guard let terraform = environment.stock else { return nil }
            try PrivateFile.write(try text(of: way.lastingKubeconfig), to: "\(environment.folder)/stock.kubeconfig")
            return (terraform, apply, marked)
        case .gateway:
            guard let terraform = environment.throughGateway else { return nil }
            return (terraform, apply, marked)
        case .rollback:
            let versions = try await environment.withStore { try await $0.history(environment.identifier) }
            guard let version = versions.randomElement(using: &random) else { return nil }
            let arguments = [
                "state", "rollback", identifier, "\(version.number)", "--lock-timeout", "\(wait)s", "-o", "json",
            ]
            return (cluster.stowage, arguments + place, { [.serial(try Self.serial($0))] })
        case .pull:
            return (cluster.stowage, ["state", "pull", identifier] + place, { [.read(try Self.state($0))] })
        case .doctor: return (cluster.stowage, ["doctor", identifier] + place, { _ in [] })
        }
    }

    private struct Unreadable: Error {}

    private static func serial(_ result: ProgramResult) throws -> UInt64 {
        guard let serial = try JSON(parsing: result.output)["serial"]?.int else { throw Unreadable() }
        return UInt64(serial)
    }

    private static func state(_ result: ProgramResult) throws -> SoakJournal.StateWrite {
        guard let state = SoakJournal.StateWrite(state: Array(result.output.utf8)) else { throw Unreadable() }
        return state
    }

    /// The state that was there with another marker, and the next serial, as an edit by hand would make it.
    private func next(_ random: inout SeededRandom) throws -> [UInt8] {
        var state = try JSON(parsing: base.bytes)
        state["serial"] = .number(JSONNumber(Int(base.serial) + 1))
        let padding = (0..<Int.random(in: 0..<2_000, using: &random)).map { _ in "\(random.next())" }.joined()
        state["outputs"] = [
            "marker": ["value": .string(marker), "type": "string"],
            "padding": ["value": .string(padding), "type": "string"],
        ]
        return state.bytes
    }
}
